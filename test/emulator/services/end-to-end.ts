import { CfnOutput, Stack } from 'aws-cdk-lib';
import { VirtualClock } from '../../../emulator/core/clock';
import type { ServiceFactory } from '../../../emulator/core/service';
import type { Assembly } from '../../../emulator/simulation/assembly';
import { scenarioOf } from '../../../emulator/simulation/find-scenario';
import { run } from '../../../emulator/simulation/run';
import type { ScenarioName } from '../../../emulator/simulation/scenarios';
import { type CancellableDeployment, CancelOnRollback, DeploymentFleet, FleetCancellation } from '../../../lib';
import type { DeploymentKind } from '../../../lib/deployments/kinds';
import { assemble, check, deniedOperations, deployedAt, EmulatorFixture, stackOf, WEB_PROD } from '../emulator-fixture';

/** Deploys the stack: the real template, bundle and state machine. The role allows every call of the function. */
export async function play(kind: DeploymentKind, assembly: Assembly, name: ScenarioName) {
  const report = await run({ clock: new VirtualClock(), assembly, scenario: scenarioOf(kind, name) });
  const calls = report.history.flatMap((event) => (event.kind === 'call' ? [event] : []));
  expect(deniedOperations(calls)).toEqual([]);
  return { ...report, calls: calls.map(({ operation }) => operation) };
}

/** Creates a stack with a guard that fails 90 seconds after the guard was armed, and rolls back. */
export async function rollBackWithGuard(
  deployment: CancellableDeployment,
  service: ServiceFactory,
): Promise<EmulatorFixture> {
  const assembly = assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const guard = new CancelOnRollback(stack, 'Guard', { deployment, trigger: '1' });
    guard.protect(check(stack, { afterSeconds: 90, fails: true }));
  });
  const fixture = await EmulatorFixture.start({ assembly, seed: {}, services: [service] });
  const { status } = await fixture.create(stackOf(assembly));
  expect(status).toBe('ROLLBACK_COMPLETE');
  return fixture;
}

/** Expects that a fleet cancels a deployment of a service together with one of Proton. */
export async function expectFleetWithProton(deployment: CancellableDeployment, service: ServiceFactory): Promise<void> {
  const assembly = assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const fleet = DeploymentFleet.fromDeployments([WEB_PROD, deployment]);
    const { summary } = new FleetCancellation(stack, 'Fleet', { fleet, output: false });
    new CfnOutput(stack, 'Summary', { value: summary });
  });
  const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2), services: [service] });
  const { status, outputs } = await fixture.create(stackOf(assembly));
  expect({ status, summary: outputs[0]?.value }).toEqual({
    status: 'CREATE_COMPLETE',
    summary: '2 deployments: 2 cancelled',
  });
  expect(fixture.deployments).toEqual(['CANCELLED']);
  expect(fixture.emulator.services.map(({ simulated }) => simulated.acceptedCancels.length)).toEqual([1]);
}

import { CfnOutput, Stack } from 'aws-cdk-lib';
import { MINUTES, SECONDS, type SeededDeployment } from '../../../../emulator/core/plan';
import type { SimulatedEcs } from '../../../../emulator/services/ecs/simulated-service';
import { CancelOnRollback, DeploymentFleet, FleetCancellation } from '../../../../lib';
import {
  assemble,
  cancellationStack,
  check,
  deployedAt,
  EmulatorFixture,
  stackOf,
  WEB_PROD,
} from '../../emulator-fixture';
import { serviceWith } from '../service-with';
import { cancellationOfWeb, ENDS, expectEnd, play, WEB } from './run-cancellation';

const startedAt = (at: number): SeededDeployment<'ROLLBACK_SUCCESSFUL'> => ({
  at,
  onCancel: { steps: [{ after: 40 * SECONDS, status: 'ROLLBACK_SUCCESSFUL' }] },
});

test('a stack that cancels the deployment of an ECS service outputs the result', () =>
  expectEnd(cancellationOfWeb(), ENDS[0] as (typeof ENDS)[number]));

test('a stack fails with the reason if the service does not exist', async () => {
  const { stackStatus, statusReason, stops } = await play(cancellationOfWeb(), 'not-found');
  expect(stackStatus).toBe('ROLLBACK_COMPLETE');
  expect(statusReason).toContain('ecs service prod/web was not found');
  expect(stops).toBe(0);
});

describe('a guard of an ECS service', () => {
  /** A stack with a guard that fails 90 seconds after the guard was armed. */
  async function rollBack(...deployments: readonly SeededDeployment<'ROLLBACK_SUCCESSFUL'>[]) {
    const assembly = assemble((app) => {
      const stack = new Stack(app, 'Stack');
      const guard = new CancelOnRollback(stack, 'Guard', { deployment: WEB, trigger: '1' });
      guard.protect(check(stack, { afterSeconds: 90, fails: true }));
    });
    const fixture = await EmulatorFixture.start({
      assembly,
      seed: {},
      services: [serviceWith('ecs-service-deployment', ...deployments)],
    });
    const { status } = await fixture.create(stackOf(assembly));
    expect(status).toBe('ROLLBACK_COMPLETE');
    const simulated = fixture.emulator.services[0]?.simulated as SimulatedEcs;
    return simulated.resource('prod/web').deployments.map((deployment) => deployment.status);
  }

  test('stops the service deployment that started after the guard was armed', async () => {
    const earlier = { at: -60 * MINUTES, steps: [{ after: 0, status: 'ROLLBACK_SUCCESSFUL' as const }] };
    expect(await rollBack(earlier, startedAt(30 * SECONDS))).toEqual(['ROLLBACK_SUCCESSFUL', 'ROLLBACK_SUCCESSFUL']);
  });

  test('does not stop a deployment that was in flight before', async () => {
    expect(await rollBack(startedAt(-2 * MINUTES))).toEqual(['IN_PROGRESS']);
  });

  test('cancels when the update that added it fails, in a stack that had no deployment of Amazon ECS before', async () => {
    const assembly = cancellationStack({ trigger: '1' });
    const started = startedAt(10 * MINUTES + 30 * SECONDS);
    const fixture = await EmulatorFixture.start({
      assembly,
      seed: deployedAt(-2),
      services: [serviceWith('ecs-service-deployment', started)],
    });
    const start = fixture.clock.now();
    expect(await fixture.create(stackOf(assembly))).toMatchObject({ status: 'CREATE_COMPLETE' });
    await fixture.pass(10 * 60 - (fixture.clock.now() - start) / 1000);

    const withGuard = cancellationStack({ trigger: '1' }, (_cancellation, stack) => {
      const guard = new CancelOnRollback(stack, 'Guard', { deployment: WEB, trigger: '1' });
      guard.protect(check(stack, { afterSeconds: 90, fails: true }));
    });
    expect(await fixture.update(stackOf(withGuard))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });

    expect(fixture.requests).toEqual(['Create Cancellation', 'Create Guard', 'Delete Guard']);
    const simulated = fixture.emulator.services[0]?.simulated as SimulatedEcs;
    expect(simulated.resource('prod/web').deployments.map(({ status }) => status)).toEqual(['ROLLBACK_SUCCESSFUL']);
    expect(simulated.acceptedCancels).toHaveLength(1);
  });
});

test('a fleet cancels it with a deployment of Proton', async () => {
  const assembly = assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const { summary } = new FleetCancellation(stack, 'Fleet', {
      fleet: DeploymentFleet.fromDeployments([WEB_PROD, WEB]),
      output: false,
    });
    new CfnOutput(stack, 'Summary', { value: summary });
  });
  const fixture = await EmulatorFixture.start({
    assembly,
    seed: deployedAt(-2),
    services: [serviceWith('ecs-service-deployment', startedAt(-2 * MINUTES))],
  });
  const { status, outputs } = await fixture.create(stackOf(assembly));
  expect({ status, summary: outputs[0]?.value }).toEqual({
    status: 'CREATE_COMPLETE',
    summary: '2 deployments: 2 cancelled',
  });
  expect(fixture.deployments).toEqual(['CANCELLED']);
  expect(fixture.emulator.services.map(({ simulated }) => simulated.acceptedCancels.length)).toEqual([1]);
});

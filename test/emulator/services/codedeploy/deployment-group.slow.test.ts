import type { DeploymentStatus } from '@aws-sdk/client-codedeploy';
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { VirtualClock } from '../../../../emulator/core/clock';
import { MINUTES, SECONDS, type SeededDeployment } from '../../../../emulator/core/plan';
import { emulateCodeDeploy } from '../../../../emulator/services/codedeploy/service';
import type { SimulatedCodeDeploy } from '../../../../emulator/services/codedeploy/simulated-service';
import { CancelOnRollback, CodeDeployDeployment, DeploymentFleet, FleetCancellation } from '../../../../lib';
import { assemble, check, deployedAt, EmulatorFixture, stackOf, WEB_PROD } from '../../emulator-fixture';
import { serviceWith } from '../service-with';
import { cancellationOf, ENDS, expectEnd, play, WEB } from './run-cancellation';

const startedAt = (at: number): SeededDeployment<DeploymentStatus> => ({
  at,
  onCancel: { steps: [{ after: 40 * SECONDS, status: 'Stopped' }] },
});

test('a stack that cancels the deployment to a CodeDeploy deployment group outputs the result', () =>
  expectEnd(cancellationOf(WEB), ENDS[0] as (typeof ENDS)[number]));

test('a stack that cancels one deployment by its ID has the permission for every group', async () => {
  const applications = [{ name: 'shop', deploymentGroups: [{ name: 'web', deployments: [startedAt(-2 * MINUTES)] }] }];
  const { deployments } = emulateCodeDeploy({ applications }, new VirtualClock()).simulated;
  const { outputs, stops } = await play(
    cancellationOf(CodeDeployDeployment.fromDeploymentId(deployments[0]?.id ?? '')),
    'cancelled',
  );
  expect(outputs).toMatchObject({ outcome: 'CANCELLED', deploymentStatus: 'Stopped', name: 'web' });
  expect(stops).toBe(1);
});

test('a stack fails with the reason if the deployment group does not exist', async () => {
  const { stackStatus, statusReason, stops } = await play(cancellationOf(WEB), 'not-found');
  expect(stackStatus).toBe('ROLLBACK_COMPLETE');
  expect(statusReason).toContain('codedeploy deployment group shop/web was not found');
  expect(stops).toBe(0);
});

describe('a guard of a deployment group', () => {
  /** A stack with a guard that fails 90 seconds after the guard was armed. */
  async function rollBack(...deployments: readonly SeededDeployment<DeploymentStatus>[]) {
    const assembly = assemble((app) => {
      const stack = new Stack(app, 'Stack');
      const guard = new CancelOnRollback(stack, 'Guard', { deployment: WEB, trigger: '1' });
      guard.protect(check(stack, { afterSeconds: 90, fails: true }));
    });
    const fixture = await EmulatorFixture.start({
      assembly,
      seed: {},
      services: [serviceWith('codedeploy-deployment', ...deployments)],
    });
    const { status } = await fixture.create(stackOf(assembly));
    expect(status).toBe('ROLLBACK_COMPLETE');
    const simulated = fixture.emulator.services[0]?.simulated as SimulatedCodeDeploy;
    return simulated.deployments.map((deployment) => deployment.status);
  }

  test('stops the deployment that started after the guard was armed, and waits for its rollback', async () => {
    const earlier = { at: -60 * MINUTES, steps: [{ after: 0, status: 'Succeeded' as const }] };
    expect(await rollBack(earlier, startedAt(30 * SECONDS))).toEqual(['Succeeded', 'Stopped', 'Succeeded']);
  });

  test('does not stop a deployment that was in flight before', async () => {
    expect(await rollBack(startedAt(-2 * MINUTES))).toEqual(['InProgress']);
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
    services: [serviceWith('codedeploy-deployment', startedAt(-2 * MINUTES))],
  });
  const { status, outputs } = await fixture.create(stackOf(assembly));
  expect({ status, summary: outputs[0]?.value }).toEqual({
    status: 'CREATE_COMPLETE',
    summary: '2 deployments: 2 cancelled',
  });
  expect(fixture.deployments).toEqual(['CANCELLED']);
  expect(fixture.emulator.services.map(({ simulated }) => simulated.acceptedCancels.length)).toEqual([1]);
});

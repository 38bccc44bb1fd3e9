import type { DeploymentStatus } from '@aws-sdk/client-codedeploy';
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { VirtualClock } from '../../../../emulator/core/clock';
import { MINUTES, SECONDS, type SeededDeployment } from '../../../../emulator/core/plan';
import { emulateCodeDeploy } from '../../../../emulator/services/codedeploy/service';
import type { SimulatedCodeDeploy } from '../../../../emulator/services/codedeploy/simulated-service';
import type { Assembly } from '../../../../emulator/simulation/assembly';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { CodeDeployDeployment, DeploymentCancellation } from '../../../../lib';
import type { Outcome } from '../../../../lib/contract/cancellation';
import { assemble } from '../../emulator-fixture';
import { expectFleetWithProton, play, rollBackWithGuard } from '../end-to-end';
import { serviceWith } from '../service-with';

// Some take more than a second, on a machine that has other things to do.
jest.setTimeout(60_000);

const KIND = 'codedeploy-deployment';
const WEB = CodeDeployDeployment.fromDeploymentGroupName({ applicationName: 'shop', deploymentGroupName: 'web' });

const startedAt = (at: number): SeededDeployment<DeploymentStatus> => ({
  at,
  onCancel: { steps: [{ after: 40 * SECONDS, status: 'Stopped' }] },
});

/** A stack that cancels a deployment of CodeDeploy, and outputs its attributes. */
function cancellationOf(deployment: CodeDeployDeployment): Assembly {
  return assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const cancellation = new DeploymentCancellation(stack, 'Cancellation', { deployment, output: false });
    const { deploymentStatus, outcome, deploymentId } = cancellation;
    const { name, createdAt } = cancellation.attributes;
    const values = { deploymentStatus, outcome, deploymentId, name, createdAt };
    for (const [id, value] of Object.entries(values)) new CfnOutput(stack, id, { value });
  });
}

describe('a stack that cancels the deployment to a CodeDeploy deployment group', () => {
  const assembly = cancellationOf(WEB);

  test.each<[ScenarioName, Outcome, string]>([
    ['cancelled', 'CANCELLED', 'Stopped'],
    ['finishes-first', 'COMPLETED_FIRST', 'Succeeded'],
    ['cancel-fails', 'CANCEL_FAILED', 'Failed'],
    ['nothing-to-cancel', 'NOTHING_TO_CANCEL', 'Succeeded'],
    ['superseded', 'CANCELLED', 'Stopped'],
    ['overtaken', 'COMPLETED_FIRST', 'Succeeded'],
    ['vanishes', 'SUPERSEDED', 'UNKNOWN'],
  ])('%s: outputs %s, %s', async (name, outcome, status) => {
    const { stackStatus, outputs, history } = await play(KIND, assembly, name);
    expect(stackStatus).toBe('CREATE_COMPLETE');
    expect(outputs).toMatchObject({
      outcome,
      deploymentStatus: status,
      deploymentId: expect.stringMatching(/^d-[0-9A-Z]{9}$/),
    });
    // The last event is the end of the rollback.
    if (name === 'cancelled') {
      const moves = history.flatMap((event) => (event.kind === 'deployment' ? [event.status] : []));
      expect(moves).toEqual(['Stopped', 'InProgress', 'Succeeded']);
    }
    // A deleted resource has no other attributes.
    if (name === 'vanishes') return;
    expect(outputs).toMatchObject({
      name: 'web',
      createdAt: expect.stringMatching(/^2025-12-31T2\d:\d\d:00.000Z$/),
    });
  });

  test('not-found: fails with the name that was not found', async () => {
    const { stackStatus, statusReason, calls } = await play(KIND, assembly, 'not-found');
    expect(stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(statusReason).toContain('codedeploy deployment group shop/web was not found');
    expect(calls).not.toContain('StopDeployment');
  });
});

test('a stack that cancels one deployment by its ID has the permission for every group', async () => {
  const applications = [{ name: 'shop', deploymentGroups: [{ name: 'web', deployments: [startedAt(-2 * MINUTES)] }] }];
  const { deployments } = emulateCodeDeploy({ applications }, new VirtualClock()).simulated;
  const byId = cancellationOf(CodeDeployDeployment.fromDeploymentId(deployments[0]?.id ?? ''));
  const { outputs, calls } = await play(KIND, byId, 'cancelled');
  expect(outputs).toMatchObject({ outcome: 'CANCELLED', deploymentStatus: 'Stopped', name: 'web' });
  expect(calls.filter((operation) => operation === 'StopDeployment')).toHaveLength(1);
});

test('a stack that cancels a deployment that does not exist fails with its ID', async () => {
  const byId = cancellationOf(CodeDeployDeployment.fromDeploymentId('d-NOTTHERE1'));
  const { stackStatus, statusReason } = await play(KIND, byId, 'cancelled');
  expect(stackStatus).toBe('ROLLBACK_COMPLETE');
  expect(statusReason).toContain('codedeploy deployment d-NOTTHERE1 was not found');
});

describe('a guard of a deployment group', () => {
  async function rollBack(...deployments: readonly SeededDeployment<DeploymentStatus>[]) {
    const { emulator } = await rollBackWithGuard(WEB, serviceWith(KIND, ...deployments));
    const simulated = emulator.services[0]?.simulated as SimulatedCodeDeploy;
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

test('a fleet cancels it with a deployment of Proton', () =>
  expectFleetWithProton(WEB, serviceWith(KIND, startedAt(-2 * MINUTES))));

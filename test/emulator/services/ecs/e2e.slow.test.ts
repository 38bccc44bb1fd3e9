import { CfnOutput, Stack } from 'aws-cdk-lib';
import { MINUTES, SECONDS, type SeededDeployment } from '../../../../emulator/core/plan';
import type { SimulatedEcs } from '../../../../emulator/services/ecs/simulated-service';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { CancelOnRollback, DeploymentCancellation, EcsServiceDeployment } from '../../../../lib';
import type { Outcome } from '../../../../lib/contract/cancellation';
import { assemble, cancellationStack, check, deployedAt, EmulatorFixture, stackOf } from '../../emulator-fixture';
import { expectFleetWithProton, play, rollBackWithGuard } from '../end-to-end';
import { serviceWith } from '../service-with';

// Some take more than a second, on a machine that has other things to do.
jest.setTimeout(60_000);

const KIND = 'ecs-service-deployment';
const WEB = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' });

const startedAt = (at: number): SeededDeployment<'ROLLBACK_SUCCESSFUL'> => ({
  at,
  onCancel: { steps: [{ after: 40 * SECONDS, status: 'ROLLBACK_SUCCESSFUL' }] },
});

describe('a stack that cancels the deployment of an ECS service', () => {
  const assembly = assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const cancellation = new DeploymentCancellation(stack, 'Cancellation', { deployment: WEB, output: false });
    const { deploymentStatus, outcome, deploymentId } = cancellation;
    const { arn, serviceName, createdAt } = cancellation.attributes;
    const values = { deploymentStatus, outcome, deploymentId, arn, serviceName, createdAt };
    for (const [id, value] of Object.entries(values)) new CfnOutput(stack, id, { value });
  });

  test.each<[ScenarioName, Outcome, string]>([
    ['cancelled', 'CANCELLED', 'ROLLBACK_SUCCESSFUL'],
    ['finishes-first', 'COMPLETED_FIRST', 'SUCCESSFUL'],
    ['cancel-fails', 'CANCEL_FAILED', 'ROLLBACK_FAILED'],
    ['nothing-to-cancel', 'NOTHING_TO_CANCEL', 'SUCCESSFUL'],
    ['superseded', 'CANCELLED', 'ROLLBACK_SUCCESSFUL'],
    ['overtaken', 'COMPLETED_FIRST', 'SUCCESSFUL'],
    ['vanishes', 'SUPERSEDED', 'UNKNOWN'],
  ])('%s: outputs %s, %s', async (name, outcome, status) => {
    const { stackStatus, outputs } = await play(KIND, assembly, name);
    expect(stackStatus).toBe('CREATE_COMPLETE');
    expect(outputs).toMatchObject({
      outcome,
      deploymentStatus: status,
      deploymentId: expect.stringMatching(/^[\w-]{22}$/),
    });
    // A deleted resource has no other attributes.
    if (name === 'vanishes') return;
    expect(outputs).toMatchObject({
      arn: `arn:aws:ecs:us-east-1:123456789012:service-deployment/prod/web/${outputs.deploymentId}`,
      serviceName: 'web',
      createdAt: expect.stringMatching(/^2025-12-31T2\d:\d\d:00.000Z$/),
    });
  });

  test('not-found: fails with the name that was not found', async () => {
    const { stackStatus, statusReason, calls } = await play(KIND, assembly, 'not-found');
    expect(stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(statusReason).toContain('ecs service prod/web was not found');
    expect(calls).not.toContain('StopServiceDeployment');
  });
});

describe('a guard of an ECS service', () => {
  async function rollBack(...deployments: readonly SeededDeployment<'ROLLBACK_SUCCESSFUL'>[]) {
    const { emulator } = await rollBackWithGuard(WEB, serviceWith(KIND, ...deployments));
    const simulated = emulator.services[0]?.simulated as SimulatedEcs;
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

test('a fleet cancels it with a deployment of Proton', () =>
  expectFleetWithProton(WEB, serviceWith(KIND, startedAt(-2 * MINUTES))));

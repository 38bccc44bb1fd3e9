import type { DeploymentCreator, DeploymentStatus } from '@aws-sdk/client-codedeploy';
import { type DeploymentPlan, MINUTES, SECONDS, type SeededDeployment } from '../../../../emulator/core/plan';
import type { ServiceFactory } from '../../../../emulator/core/service';
import { emulateCodeDeploy } from '../../../../emulator/services/codedeploy/service';
import type { SimulatedCodeDeploy } from '../../../../emulator/services/codedeploy/simulated-service';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { serviceWith } from '../../../emulator/services/service-with';
import { setUp } from '../run-to-end';
import { cancel, expectEnd } from './codedeploy-outcomes';

setUp();

type Deployment = SeededDeployment<DeploymentStatus>;
type Plan = DeploymentPlan<DeploymentStatus>;

const of = (...deployments: readonly Deployment[]) => serviceWith('codedeploy-deployment', ...deployments);
const STOPPED = { steps: [{ after: 40 * SECONDS, status: 'Stopped' as const }] };
const RUNNING: Deployment = { at: -2 * MINUTES, onCancel: STOPPED };
const OVER: Deployment = { at: -60 * MINUTES, steps: [{ after: MINUTES, status: 'Succeeded' }] };

/** A group whose rollbacks follow a plan. */
const rolledBack =
  (rollback: Plan, ...deployments: readonly Deployment[]): ServiceFactory =>
  (clock) =>
    emulateCodeDeploy(
      { applications: [{ name: 'shop', deploymentGroups: [{ name: 'web', deployments, rollback }] }] },
      clock,
    );

/** A service that is changed before the cancellation starts. */
const changed =
  (populate: ServiceFactory, change: (simulated: SimulatedCodeDeploy) => void): ServiceFactory =>
  (clock) => {
    const service = populate(clock);
    change(service.simulated as SimulatedCodeDeploy);
    return service;
  };

const lastId = (simulated: SimulatedCodeDeploy) => simulated.resource('shop/web').deployments.at(-1)?.id ?? '';

test.each<ScenarioName>([
  'cancelled',
  'cancel-fails',
  'finishes-first',
  'nothing-to-cancel',
  'conflict',
  'not-found',
  'superseded',
  'overtaken',
  'vanishes',
])('%s', expectEnd);

describe('a deployment that is stopped', () => {
  test('is over when its rollback is over, which is not stopped', async () => {
    const { result, cancelled, statuses, seconds } = await cancel(
      rolledBack({ steps: [{ after: 5 * MINUTES, status: 'Succeeded' }] }, RUNNING),
    );
    expect({ outcome: result.outcome, cancelled, statuses }).toEqual({
      outcome: 'CANCELLED',
      cancelled: ['shop/web 0'],
      statuses: ['Stopped', 'Succeeded'],
    });
    expect(seconds).toBeGreaterThan(5 * 60 + 40);
  });

  test.each<DeploymentStatus>(['Failed', 'Stopped'])('has failed if its rollback ends as %s', async (status) => {
    const { result, cancelled, statuses } = await cancel(rolledBack({ steps: [{ after: MINUTES, status }] }, RUNNING));
    expect(result).toMatchObject({
      outcome: 'CANCEL_FAILED',
      failed: false,
      attributes: { deploymentStatus: 'Stopped' },
    });
    expect({ cancelled, statuses }).toEqual({ cancelled: ['shop/web 0'], statuses: ['Stopped', status] });
  });

  test('is awaited until the timeout if its rollback does not end', async () => {
    const { result, cancelled } = await cancel(rolledBack({}, RUNNING));
    expect(result).toMatchObject({ outcome: 'TIMED_OUT', attributes: { deploymentStatus: 'Stopped' } });
    expect(cancelled).toEqual(['shop/web 0']);
  });

  test('by somebody else is awaited together with its rollback, which is all that is in flight', async () => {
    const stopped = changed(
      rolledBack({ steps: [{ after: 5 * MINUTES, status: 'Succeeded' }] }, RUNNING),
      (simulated) => simulated.stopDeployment(lastId(simulated), true),
    );
    const { result, ids, cancelled, simulated } = await cancel(stopped, { after: 2 * MINUTES });
    expect(ids).toHaveLength(2);
    expect(result).toMatchObject({
      outcome: 'CANCELLED',
      attributes: { deploymentId: ids[0], deploymentStatus: 'Stopped' },
    });
    // The stop of somebody else. The rollback has completed.
    expect(cancelled).toEqual(['shop/web 0']);
    expect(simulated.deployments.map(({ status }) => status)).toEqual(['Stopped', 'Succeeded']);
  });

  test('by somebody else without a rollback is over in a minute', async () => {
    const stopped = changed(of(RUNNING), (simulated) => simulated.stopDeployment(lastId(simulated), false));
    const { result, cancelled, seconds } = await cancel(stopped, { after: 41 * SECONDS });
    expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentStatus: 'Stopped' } });
    expect(cancelled).toEqual(['shop/web 0']);
    expect(seconds).toBeLessThan(90);
  });
});

test.each<DeploymentStatus>(['Created', 'Queued', 'Baking', 'Ready'])(
  'a deployment that is %s is stopped as well',
  async (status) => {
    const { result, cancelled } = await cancel(of({ ...RUNNING, steps: [{ after: 0, status }] }));
    expect({ outcome: result.outcome, cancelled }).toEqual({ outcome: 'CANCELLED', cancelled: ['shop/web 0'] });
  },
);

test('a group without deployments has nothing to cancel', async () => {
  const { result } = await cancel(rolledBack({}));
  expect(result).toMatchObject({
    outcome: 'NOTHING_TO_CANCEL',
    failed: false,
    reason: 'nothing to cancel: codedeploy deployment group shop/web has no deployment',
  });
});

test('of several deployments in flight, only the newest is stopped', async () => {
  const { result, ids, cancelled } = await cancel(
    of(OVER, { ...RUNNING, at: -9 * MINUTES }, RUNNING, { ...OVER, at: -1.5 * MINUTES }),
  );
  expect({ outcome: result.outcome, id: result.attributes.deploymentId, cancelled }).toEqual({
    outcome: 'CANCELLED',
    id: ids[2],
    cancelled: ['shop/web 2'],
  });
});

test.each<DeploymentCreator>(['autoscaling', 'autoscalingTermination', 'CodeDeployAutoUpdate'])(
  'a newer deployment of %s is ignored',
  async (creator) => {
    const scaled = changed(of(RUNNING), (simulated) => void simulated.deployAs(creator, 'shop/web'));
    const { result, ids, cancelled, simulated } = await cancel(scaled);
    expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentId: ids[0] } });
    expect(cancelled).toEqual(['shop/web 0']);
    expect(simulated.find(ids[1] ?? '')?.status).toBe('InProgress');
    const alone = await cancel(changed(of(OVER), (one) => void one.deployAs(creator, 'shop/web')));
    expect([alone.result.outcome, ...alone.cancelled]).toEqual(['NOTHING_TO_CANCEL']);
  },
);

test('the cancellation of a rollback of CloudFormation is refused, and the rollback goes on', async () => {
  const rolling = changed(of(OVER), (simulated) => void simulated.deployAs('CloudFormationRollback', 'shop/web'));
  const { result, cancelled } = await cancel(rolling);
  expect(result).toMatchObject({
    outcome: 'REFUSED',
    failed: true,
    reason: expect.stringContaining('what is InProgress cannot be cancelled, and nothing was'),
  });
  expect(cancelled).toEqual([]);
});

describe('a deployment that is specified by its id', () => {
  test('is stopped, and the newer one is not', async () => {
    const { result, ids, cancelled } = await cancel(of({ ...RUNNING, at: -9 * MINUTES }, RUNNING), { byId: 0 });
    expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentId: ids[0], name: 'web' } });
    expect(cancelled).toEqual(['shop/web 0']);
  });

  test('and is over has nothing to cancel, even if another one is in flight', async () => {
    const { result, ids, cancelled } = await cancel(of(OVER, RUNNING), { byId: 0 });
    expect(result).toMatchObject({ outcome: 'NOTHING_TO_CANCEL', attributes: { deploymentId: ids[0] } });
    expect(cancelled).toEqual([]);
  });

  test('and is a rollback is not stopped', async () => {
    const stopped = changed(rolledBack({}, RUNNING), (simulated) => simulated.stopDeployment(lastId(simulated), true));
    const { result, cancelled, simulated } = await cancel(stopped, { after: 2 * MINUTES, byId: 1 });
    expect(result).toMatchObject({ outcome: 'REFUSED', attributes: { deploymentStatus: 'InProgress' } });
    expect(cancelled).toEqual(['shop/web 0']);
    expect(simulated.deployments.map(({ status }) => status)).toEqual(['Stopped', 'InProgress']);
  });

  test('and does not exist is not found', async () => {
    const { result, cancelled } = await cancel(of(RUNNING), { byId: 7 });
    expect(result).toMatchObject({ outcome: 'NOT_FOUND', reason: expect.stringContaining('d-NOTTHERE1') });
    expect(cancelled).toEqual([]);
  });
});

describe('a guard', () => {
  test('reports the deployment in flight, or the latest one', async () => {
    const observeOnly = { otherFields: { observeOnly: true } };
    const inFlight = await cancel(of(OVER, RUNNING), observeOnly);
    expect(inFlight.result).toMatchObject({ outcome: 'ARMED', attributes: { deploymentId: inFlight.ids[1] } });
    const over = await cancel(of(OVER), observeOnly);
    expect(over.result).toMatchObject({ outcome: 'ARMED', attributes: { deploymentId: over.ids[0] } });
    expect([...inFlight.cancelled, ...over.cancelled]).toEqual([]);
  });

  test('skips the deployment that was in flight before, and stops one that has started since', async () => {
    const first = await cancel(of(RUNNING), { otherFields: { observeOnly: true } });
    const ignoreDeploymentId = first.result.attributes.deploymentId;
    const again = await cancel(of(RUNNING), { otherFields: { ignoreDeploymentId } });
    expect([again.result.outcome, ...again.cancelled]).toEqual(['SKIPPED']);
    const newer = await cancel(of({ ...OVER, at: -9 * MINUTES }, RUNNING), { otherFields: { ignoreDeploymentId } });
    expect([newer.result.outcome, ...newer.cancelled]).toEqual(['CANCELLED', 'shop/web 1']);
  });
});

test('an event cancels the deployment that was in flight when it happened, and skips one that started later', async () => {
  const start = new Date('2026-01-01T00:00:00Z').getTime();
  const cancelAt = (at: number) =>
    cancel(of(RUNNING), { otherFields: { requestedAt: new Date(start + at).toISOString() } });
  expect((await cancelAt(0)).result.outcome).toBe('CANCELLED');
  expect((await cancelAt(-3 * MINUTES)).result.outcome).toBe('SKIPPED');
});

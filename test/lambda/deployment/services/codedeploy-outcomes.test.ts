import type { DeploymentCreator, DeploymentStatus } from '@aws-sdk/client-codedeploy';
import { type DeploymentPlan, MINUTES, SECONDS, type SeededDeployment } from '../../../../emulator/core/plan';
import type { ServiceFactory } from '../../../../emulator/core/service';
import { embeddedCodeDeploy } from '../../../../emulator/services/codedeploy/service';
import type { SimulatedCodeDeploy } from '../../../../emulator/services/codedeploy/simulated-service';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { serviceWith } from '../../../emulator/services/service-with';
import { prepare } from '../run-to-end';
import { cancel, expectEnd } from './codedeploy-outcomes';

prepare();

type Deployment = SeededDeployment<DeploymentStatus>;
type Plan = DeploymentPlan<DeploymentStatus>;

const of = (...deployments: readonly Deployment[]) => serviceWith('codedeploy-deployment', ...deployments);
const STOPPED = { steps: [{ after: 40 * SECONDS, status: 'Stopped' as const }] };
const RUNNING: Deployment = { at: -2 * MINUTES, onCancel: STOPPED };
const OVER: Deployment = { at: -60 * MINUTES, steps: [{ after: MINUTES, status: 'Succeeded' }] };

/** A group whose deployments are rolled back like that. */
const rolledBack =
  (rollback: Plan, ...deployments: readonly Deployment[]): ServiceFactory =>
  (clock) =>
    embeddedCodeDeploy(
      { applications: [{ name: 'shop', deploymentGroups: [{ name: 'web', deployments, rollback }] }] },
      clock,
    );

/** The same, and something more happens to it before it begins. */
const and =
  (populate: ServiceFactory, more: (world: SimulatedCodeDeploy) => void): ServiceFactory =>
  (clock) => {
    const service = populate(clock);
    more(service.world as SimulatedCodeDeploy);
    return service;
  };

const lastId = (world: SimulatedCodeDeploy) => world.resource('shop/web').deployments.at(-1)?.id ?? '';

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
  test('is over when its rollback is, which is not stopped', async () => {
    const { result, hits, statuses, seconds } = await cancel(
      rolledBack({ steps: [{ after: 5 * MINUTES, status: 'Succeeded' }] }, RUNNING),
    );
    expect({ outcome: result.outcome, hits, statuses }).toEqual({
      outcome: 'CANCELLED',
      hits: ['shop/web 0'],
      statuses: ['Stopped', 'Succeeded'],
    });
    expect(seconds).toBeGreaterThan(5 * 60 + 40);
  });

  test.each<DeploymentStatus>(['Failed', 'Stopped'])('is not well if its rollback ends as %s', async (status) => {
    const { result, hits, statuses } = await cancel(rolledBack({ steps: [{ after: MINUTES, status }] }, RUNNING));
    expect(result).toMatchObject({
      outcome: 'CANCEL_FAILED',
      failed: false,
      attributes: { deploymentStatus: 'Stopped' },
    });
    expect({ hits, statuses }).toEqual({ hits: ['shop/web 0'], statuses: ['Stopped', status] });
  });

  test('is waited for until the timeout if its rollback does not end', async () => {
    const { result, hits } = await cancel(rolledBack({}, RUNNING));
    expect(result).toMatchObject({ outcome: 'TIMED_OUT', attributes: { deploymentStatus: 'Stopped' } });
    expect(hits).toEqual(['shop/web 0']);
  });

  test('by somebody else is waited for, with its rollback, which is all that is in flight by then', async () => {
    const stopped = and(rolledBack({ steps: [{ after: 5 * MINUTES, status: 'Succeeded' }] }, RUNNING), (world) =>
      world.stopDeployment(lastId(world), true),
    );
    const { result, ids, hits, world } = await cancel(stopped, { after: 2 * MINUTES });
    expect(ids).toHaveLength(2);
    expect(result).toMatchObject({
      outcome: 'CANCELLED',
      attributes: { deploymentId: ids[0], deploymentStatus: 'Stopped' },
    });
    // The one of somebody else; the rollback has gone to its end.
    expect(hits).toEqual(['shop/web 0']);
    expect(world.deployments.map(({ status }) => status)).toEqual(['Stopped', 'Succeeded']);
  });

  test('by somebody else without a rollback is over in a minute', async () => {
    const stopped = and(of(RUNNING), (world) => world.stopDeployment(lastId(world), false));
    const { result, hits, seconds } = await cancel(stopped, { after: 41 * SECONDS });
    expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentStatus: 'Stopped' } });
    expect(hits).toEqual(['shop/web 0']);
    expect(seconds).toBeLessThan(90);
  });
});

test.each<DeploymentStatus>(['Created', 'Queued', 'Baking', 'Ready'])(
  'one that is %s is stopped as well',
  async (status) => {
    const { result, hits } = await cancel(of({ ...RUNNING, steps: [{ after: 0, status }] }));
    expect({ outcome: result.outcome, hits }).toEqual({ outcome: 'CANCELLED', hits: ['shop/web 0'] });
  },
);

test('a group to which nothing was deployed has nothing to cancel', async () => {
  const { result } = await cancel(rolledBack({}));
  expect(result).toMatchObject({
    outcome: 'NOTHING_TO_CANCEL',
    failed: false,
    reason: 'nothing to cancel: codedeploy deployment group shop/web has no deployment',
  });
});

test('of several in flight, the newest is stopped, and the others are left alone', async () => {
  const { result, ids, hits } = await cancel(
    of(OVER, { ...RUNNING, at: -9 * MINUTES }, RUNNING, { ...OVER, at: -1.5 * MINUTES }),
  );
  expect({ outcome: result.outcome, id: result.attributes.deploymentId, hits }).toEqual({
    outcome: 'CANCELLED',
    id: ids[2],
    hits: ['shop/web 2'],
  });
});

test.each<DeploymentCreator>(['autoscaling', 'autoscalingTermination', 'CodeDeployAutoUpdate'])(
  'what %s has started since is left alone',
  async (creator) => {
    const scaled = and(of(RUNNING), (world) => void world.deployAs(creator, 'shop/web'));
    const { result, ids, hits, world } = await cancel(scaled);
    expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentId: ids[0] } });
    expect(hits).toEqual(['shop/web 0']);
    expect(world.find(ids[1] ?? '')?.status).toBe('InProgress');
    const alone = await cancel(and(of(OVER), (one) => void one.deployAs(creator, 'shop/web')));
    expect([alone.result.outcome, ...alone.hits]).toEqual(['NOTHING_TO_CANCEL']);
  },
);

test('a rollback of CloudFormation is refused, and goes on', async () => {
  const rolling = and(of(OVER), (world) => void world.deployAs('CloudFormationRollback', 'shop/web'));
  const { result, hits } = await cancel(rolling);
  expect(result).toMatchObject({
    outcome: 'REFUSED',
    failed: true,
    reason: expect.stringContaining('what is InProgress cannot be cancelled, and nothing was'),
  });
  expect(hits).toEqual([]);
});

describe('a deployment that is named by its id', () => {
  test('is stopped, and the newer one is left alone', async () => {
    const { result, ids, hits } = await cancel(of({ ...RUNNING, at: -9 * MINUTES }, RUNNING), { byId: 0 });
    expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentId: ids[0], name: 'web' } });
    expect(hits).toEqual(['shop/web 0']);
  });

  test('and is over has nothing to cancel, whatever else is in flight', async () => {
    const { result, ids, hits } = await cancel(of(OVER, RUNNING), { byId: 0 });
    expect(result).toMatchObject({ outcome: 'NOTHING_TO_CANCEL', attributes: { deploymentId: ids[0] } });
    expect(hits).toEqual([]);
  });

  test('and is a rollback is refused, and goes on', async () => {
    const stopped = and(rolledBack({}, RUNNING), (world) => world.stopDeployment(lastId(world), true));
    const { result, hits, world } = await cancel(stopped, { after: 2 * MINUTES, byId: 1 });
    expect(result).toMatchObject({ outcome: 'REFUSED', attributes: { deploymentStatus: 'InProgress' } });
    expect(hits).toEqual(['shop/web 0']);
    expect(world.deployments.map(({ status }) => status)).toEqual(['Stopped', 'InProgress']);
  });

  test('and is not there is not found', async () => {
    const { result, hits } = await cancel(of(RUNNING), { byId: 7 });
    expect(result).toMatchObject({ outcome: 'NOT_FOUND', reason: expect.stringContaining('d-NOTTHERE1') });
    expect(hits).toEqual([]);
  });
});

describe('a guard', () => {
  test('notes the one in flight, or the last one', async () => {
    const observeOnly = { more: { observeOnly: true } };
    const inFlight = await cancel(of(OVER, RUNNING), observeOnly);
    expect(inFlight.result).toMatchObject({ outcome: 'ARMED', attributes: { deploymentId: inFlight.ids[1] } });
    const over = await cancel(of(OVER), observeOnly);
    expect(over.result).toMatchObject({ outcome: 'ARMED', attributes: { deploymentId: over.ids[0] } });
    expect([...inFlight.hits, ...over.hits]).toEqual([]);
  });

  test('leaves the one alone that was in flight before, and stops one that was started since', async () => {
    const first = await cancel(of(RUNNING), { more: { observeOnly: true } });
    const ignoreDeploymentId = first.result.attributes.deploymentId;
    const again = await cancel(of(RUNNING), { more: { ignoreDeploymentId } });
    expect([again.result.outcome, ...again.hits]).toEqual(['SKIPPED']);
    const newer = await cancel(of({ ...OVER, at: -9 * MINUTES }, RUNNING), { more: { ignoreDeploymentId } });
    expect([newer.result.outcome, ...newer.hits]).toEqual(['CANCELLED', 'shop/web 1']);
  });
});

test('an event cancels what was in flight when it happened, and leaves alone what started later', async () => {
  const start = new Date('2026-01-01T00:00:00Z').getTime();
  const ask = (at: number) => cancel(of(RUNNING), { more: { requestedAt: new Date(start + at).toISOString() } });
  expect((await ask(0)).result.outcome).toBe('CANCELLED');
  expect((await ask(-3 * MINUTES)).result.outcome).toBe('SKIPPED');
});

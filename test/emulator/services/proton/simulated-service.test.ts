import { VirtualClock } from '../../../../emulator/core/clock';
import { ServiceError } from '../../../../emulator/core/http-server';
import { MINUTES, SECONDS, type SeededDeployment } from '../../../../emulator/services/proton/plan';
import { serviceInstanceSeed } from '../../../../emulator/services/proton/scenarios';
import { type Change, latest, SimulatedProton } from '../../../../emulator/services/proton/simulated-service';
import { HeldClock } from '../../serve-service';

const PATH = 'service/web/service-instance/web-prod';
const START = new VirtualClock().now();

function worldOf(deployment: SeededDeployment) {
  const clock = new HeldClock();
  const seed = serviceInstanceSeed({ serviceName: 'web', serviceInstanceName: 'web-prod' }, deployment);
  const world = new SimulatedProton(seed, clock);
  const status = () => latest(world.resource(PATH)).status;
  return { clock, world, status };
}

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ServiceError) return error.type;
    throw error;
  }
  return 'none';
}

describe('a deployment', () => {
  test('moves step by step on the clock, and is still until then', async () => {
    const { clock, status } = worldOf({
      steps: [
        { after: 10 * SECONDS, status: 'CANCELLING' },
        { after: 20 * SECONDS, status: 'FAILED', message: 'why' },
      ],
    });
    expect(status()).toBe('IN_PROGRESS');
    await clock.pass(9_999);
    expect(status()).toBe('IN_PROGRESS');
    await clock.pass(1);
    expect(status()).toBe('CANCELLING');
    await clock.pass(19_999);
    expect(status()).toBe('CANCELLING');
    await clock.pass(1);
    expect(status()).toBe('FAILED');
  });

  test('that started in the past has taken the steps that were due, each at its own time', () => {
    const { world, status } = worldOf({
      at: -5 * MINUTES,
      steps: [
        { after: 2 * MINUTES, status: 'CANCELLING' },
        { after: 4 * MINUTES, status: 'CANCELLED' },
      ],
    });
    expect(status()).toBe('CANCELLING');
    expect(latest(world.resource(PATH))).toMatchObject({
      createdAt: START - 5 * MINUTES,
      lastModifiedAt: START - 3 * MINUTES,
    });
  });

  test('can be planned to start later, and is the last attempted one from then on', async () => {
    const { clock, world } = worldOf({ at: 3 * MINUTES });
    const before = latest(world.resource(PATH));
    expect(before.status).toBe('SUCCEEDED');
    await clock.pass(3 * MINUTES);
    const after = latest(world.resource(PATH));
    expect(after).toMatchObject({ status: 'IN_PROGRESS', createdAt: START + 3 * MINUTES });
    expect(after.id).not.toBe(before.id);
  });

  test.each([
    ['SUCCEEDED', true],
    ['FAILED', true],
    ['CANCELLED', true],
    ['DELETE_COMPLETE', true],
    ['DELETE_FAILED', true],
    ['IN_PROGRESS', false],
    ['CANCELLING', false],
    ['DELETE_IN_PROGRESS', false],
  ] as const)('that is %s is completed: %s', (status, completed) => {
    const { world } = worldOf({ at: -MINUTES, steps: [{ after: SECONDS, status }] });
    expect(latest(world.resource(PATH)).completedAt).toBe(completed ? START - MINUTES + SECONDS : undefined);
  });

  test('has the same id in every run', () => {
    const ids = () => worldOf({}).world.resources.flatMap(({ deployments }) => deployments.map(({ id }) => id));
    expect(ids()).toEqual(ids());
    expect(new Set(ids()).size).toBe(3);
    for (const id of ids()) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('a request to cancel', () => {
  test('without a plan is accepted, and the deployment is cancelled soon', async () => {
    const { clock, world, status } = worldOf({});
    world.cancel(PATH);
    expect(status()).toBe('CANCELLING');
    await clock.pass(30 * SECONDS);
    expect(latest(world.resource(PATH))).toMatchObject({
      status: 'CANCELLED',
      message: 'User initiated cancellation.',
    });
  });

  test('takes the place of what was left of the plan', async () => {
    const { clock, world, status } = worldOf({
      steps: [{ after: MINUTES, status: 'SUCCEEDED' }],
      onCancel: { steps: [{ after: 2 * MINUTES, status: 'FAILED' }] },
    });
    await clock.pass(30 * SECONDS);
    world.cancel(PATH);
    await clock.pass(MINUTES);
    expect(status()).toBe('CANCELLING');
    await clock.pass(MINUTES);
    expect(status()).toBe('FAILED');
  });

  test('lets the plan go on when it has no steps of its own: the deployment finishes first', async () => {
    const { clock, world, status } = worldOf({ steps: [{ after: MINUTES, status: 'SUCCEEDED' }], onCancel: {} });
    world.cancel(PATH);
    expect(status()).toBe('CANCELLING');
    await clock.pass(MINUTES);
    expect(status()).toBe('SUCCEEDED');
  });

  test.each(['CANCELLING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'DELETE_IN_PROGRESS', 'DELETE_FAILED'] as const)(
    'is a conflict when the deployment is %s, and changes nothing',
    (status) => {
      const { world } = worldOf({ steps: [{ after: 0, status }] });
      const before = world.history.length;
      expect(refusalOf(() => world.cancel(PATH))).toBe('ConflictException');
      expect(world.history).toHaveLength(before);
      expect(world.acceptedCancels).toEqual([]);
    },
  );

  test.each(['ConflictException', 'ValidationException'] as const)(
    'that is refused as %s leaves the deployment to its plan, however often it is made',
    async (refuse) => {
      const { clock, world, status } = worldOf({
        steps: [{ after: MINUTES, status: 'SUCCEEDED' }],
        onCancel: { refuse },
      });
      for (let second = 0; second < 59; second++) {
        expect(refusalOf(() => world.cancel(PATH))).toBe(refuse);
        await clock.pass(SECONDS);
      }
      expect(status()).toBe('IN_PROGRESS');
      await clock.pass(SECONDS);
      expect(status()).toBe('SUCCEEDED');
      expect(world.acceptedCancels).toEqual([]);
    },
  );

  test('that is refused starts its steps once, not again with every further request', async () => {
    const { clock, world, status } = worldOf({
      onCancel: { refuse: 'ConflictException', steps: [{ after: 10 * SECONDS, status: 'SUCCEEDED' }] },
    });
    expect(refusalOf(() => world.cancel(PATH))).toBe('ConflictException');
    await clock.pass(6 * SECONDS);
    expect(refusalOf(() => world.cancel(PATH))).toBe('ConflictException');
    await clock.pass(4 * SECONDS);
    expect(status()).toBe('SUCCEEDED');
  });

  test('hits a newer deployment that starts just before it, and says so', async () => {
    const { clock, world } = worldOf({
      onCancel: {
        steps: [{ after: 0, status: 'SUCCEEDED' }],
        overtakenBy: { onCancel: { steps: [{ after: MINUTES, status: 'CANCELLED' }] } },
      },
    });
    const [, older] = world.resource(PATH).deployments;
    world.cancel(PATH);
    const newer = latest(world.resource(PATH));
    expect(newer.id).not.toBe(older!.id);
    expect([older!.status, newer.status]).toEqual(['SUCCEEDED', 'CANCELLING']);
    expect(world.acceptedCancels).toEqual([{ at: START, resource: PATH, deploymentId: newer.id }]);
    await clock.pass(MINUTES);
    expect([older!.status, newer.status]).toEqual(['SUCCEEDED', 'CANCELLED']);
  });

  test('leaves a newer deployment alone that starts just after it', async () => {
    const { clock, world } = worldOf({
      onCancel: {
        steps: [
          { after: 0, start: { steps: [{ after: 2 * MINUTES, status: 'SUCCEEDED' }] } },
          { after: MINUTES, status: 'CANCELLED' },
        ],
      },
    });
    const [, older] = world.resource(PATH).deployments;
    world.cancel(PATH);
    const newer = latest(world.resource(PATH));
    expect([older!.status, newer.status]).toEqual(['CANCELLING', 'IN_PROGRESS']);
    expect(world.acceptedCancels.map(({ deploymentId }) => deploymentId)).toEqual([older!.id]);
    await clock.pass(MINUTES);
    expect([older!.status, newer.status]).toEqual(['CANCELLED', 'IN_PROGRESS']);
    await clock.pass(MINUTES);
    expect([older!.status, newer.status]).toEqual(['CANCELLED', 'SUCCEEDED']);
  });
});

describe('a resource that vanishes', () => {
  test('is not found from then on, and none of its deployments moves again', async () => {
    const { clock, world } = worldOf({
      steps: [
        { after: MINUTES, start: { steps: [{ after: 2 * MINUTES, status: 'SUCCEEDED' }] } },
        { after: MINUTES, vanish: true },
        { after: MINUTES, status: 'FAILED' },
      ],
    });
    await clock.pass(MINUTES);
    expect(latest(world.resource(PATH)).createdAt).toBe(START + MINUTES);
    await clock.pass(MINUTES);
    expect(refusalOf(() => world.resource(PATH))).toBe('ResourceNotFoundException');
    expect(refusalOf(() => world.cancel(PATH))).toBe('ResourceNotFoundException');
    const { length } = world.history;
    await clock.pass(5 * MINUTES);
    expect(world.history).toHaveLength(length);
    expect(world.history.at(-1)).toMatchObject({ kind: 'vanished', resource: PATH, at: START + 2 * MINUTES });
  });
});

describe('the history', () => {
  test('holds every change with its time, and observers see each when it happens', async () => {
    const { clock, world } = worldOf({ onCancel: { steps: [{ after: 40 * SECONDS, status: 'CANCELLED' }] } });
    const seen: (Change & { seenAt: number })[] = [];
    const before = world.history.length;
    const unsubscribe = world.onChange((change) => seen.push({ ...change, seenAt: clock.now() }));
    await clock.pass(10 * SECONDS);
    world.cancel(PATH);
    await clock.pass(40 * SECONDS);
    expect(seen.map(({ kind, status, at, seenAt }) => [kind, status, at - START, seenAt - START])).toEqual([
      ['moved', 'CANCELLING', 10_000, 10_000],
      ['moved', 'CANCELLED', 50_000, 50_000],
    ]);
    expect(seen).toEqual(world.history.slice(before).map((change) => ({ ...change, seenAt: change.at })));
    unsubscribe();
  });

  test('begins with what was over when the world began', () => {
    const { world } = worldOf({ at: -2 * MINUTES });
    const ofInstance = world.history.filter(({ resource }) => resource === PATH);
    expect(ofInstance.map(({ kind, status, at }) => [kind, status, (START - at) / MINUTES])).toEqual([
      ['started', 'IN_PROGRESS', 24 * 60],
      ['moved', 'SUCCEEDED', 24 * 60 - 4],
      ['started', 'IN_PROGRESS', 2],
    ]);
  });

  test('is not told to an observer that has unsubscribed', () => {
    const { world } = worldOf({});
    const seen: Change[] = [];
    world.onChange((change) => seen.push(change))();
    world.cancel(PATH);
    expect(seen).toEqual([]);
  });

  test('an observer may cancel what it has just seen start', async () => {
    const { clock, world, status } = worldOf({
      at: MINUTES,
      steps: [{ after: MINUTES, status: 'SUCCEEDED' }],
      onCancel: { steps: [{ after: 2 * MINUTES, status: 'CANCELLED' }] },
    });
    world.onChange(({ kind }) => {
      if (kind === 'started') world.cancel(PATH);
    });
    await clock.pass(2 * MINUTES);
    expect(status()).toBe('CANCELLING');
    await clock.pass(MINUTES);
    expect(status()).toBe('CANCELLED');
  });
});

test('a stopped world moves no more', async () => {
  const { clock, world, status } = worldOf({ steps: [{ after: MINUTES, status: 'SUCCEEDED' }] });
  world.stop();
  await clock.pass(5 * MINUTES);
  expect(status()).toBe('IN_PROGRESS');
});

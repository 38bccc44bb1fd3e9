import { VirtualClock } from '../../../../emulator/core/clock';
import { ServiceError } from '../../../../emulator/core/http-server';
import { MINUTES, SECONDS, type SeededDeployment } from '../../../../emulator/services/proton/plan';
import { serviceInstanceSeed } from '../../../../emulator/services/proton/scenarios';
import { type Change, latest, SimulatedProton } from '../../../../emulator/services/proton/simulated-service';
import { HeldClock } from '../../serve-service';

const PATH = 'service/web/service-instance/web-prod';
const START = new VirtualClock().now();

function protonWith(deployment: SeededDeployment) {
  const clock = new HeldClock();
  const seed = serviceInstanceSeed({ serviceName: 'web', serviceInstanceName: 'web-prod' }, deployment);
  const simulated = new SimulatedProton(seed, clock);
  const status = () => latest(simulated.resource(PATH)).status;
  return { clock, simulated, status };
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
  test('follows its plan step by step on the clock', async () => {
    const { clock, status } = protonWith({
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

  test('that started in the past has performed the steps that were due, each at its own time', () => {
    const { simulated, status } = protonWith({
      at: -5 * MINUTES,
      steps: [
        { after: 2 * MINUTES, status: 'CANCELLING' },
        { after: 4 * MINUTES, status: 'CANCELLED' },
      ],
    });
    expect(status()).toBe('CANCELLING');
    expect(latest(simulated.resource(PATH))).toMatchObject({
      createdAt: START - 5 * MINUTES,
      lastModifiedAt: START - 3 * MINUTES,
    });
  });

  test('can be planned to start later, and is the last one from then on', async () => {
    const { clock, simulated } = protonWith({ at: 3 * MINUTES });
    const before = latest(simulated.resource(PATH));
    expect(before.status).toBe('SUCCEEDED');
    await clock.pass(3 * MINUTES);
    const after = latest(simulated.resource(PATH));
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
    const { simulated } = protonWith({ at: -MINUTES, steps: [{ after: SECONDS, status }] });
    expect(latest(simulated.resource(PATH)).completedAt).toBe(completed ? START - MINUTES + SECONDS : undefined);
  });

  test('has the same ID in every run', () => {
    const ids = () => protonWith({}).simulated.resources.flatMap(({ deployments }) => deployments.map(({ id }) => id));
    expect(ids()).toEqual(ids());
    expect(new Set(ids()).size).toBe(3);
    for (const id of ids()) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('a request to cancel', () => {
  test('without a plan is accepted, and the deployment is cancelled after 30 seconds', async () => {
    const { clock, simulated, status } = protonWith({});
    simulated.cancel(PATH);
    expect(status()).toBe('CANCELLING');
    await clock.pass(30 * SECONDS);
    expect(latest(simulated.resource(PATH))).toMatchObject({
      status: 'CANCELLED',
      message: 'User initiated cancellation.',
    });
  });

  test('replaces the rest of the plan', async () => {
    const { clock, simulated, status } = protonWith({
      steps: [{ after: MINUTES, status: 'SUCCEEDED' }],
      onCancel: { steps: [{ after: 2 * MINUTES, status: 'FAILED' }] },
    });
    await clock.pass(30 * SECONDS);
    simulated.cancel(PATH);
    await clock.pass(MINUTES);
    expect(status()).toBe('CANCELLING');
    await clock.pass(MINUTES);
    expect(status()).toBe('FAILED');
  });

  test('without steps lets the plan continue: the deployment finishes first', async () => {
    const { clock, simulated, status } = protonWith({ steps: [{ after: MINUTES, status: 'SUCCEEDED' }], onCancel: {} });
    simulated.cancel(PATH);
    expect(status()).toBe('CANCELLING');
    await clock.pass(MINUTES);
    expect(status()).toBe('SUCCEEDED');
  });

  test.each(['CANCELLING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'DELETE_IN_PROGRESS', 'DELETE_FAILED'] as const)(
    'is a conflict when the deployment is %s, and changes nothing',
    (status) => {
      const { simulated } = protonWith({ steps: [{ after: 0, status }] });
      const before = simulated.history.length;
      expect(refusalOf(() => simulated.cancel(PATH))).toBe('ConflictException');
      expect(simulated.history).toHaveLength(before);
      expect(simulated.acceptedCancels).toEqual([]);
    },
  );

  test.each(['ConflictException', 'ValidationException'] as const)(
    'that is refused as %s leaves the deployment to its plan, however often it is made',
    async (refuse) => {
      const { clock, simulated, status } = protonWith({
        steps: [{ after: MINUTES, status: 'SUCCEEDED' }],
        onCancel: { refuse },
      });
      for (let second = 0; second < 59; second++) {
        expect(refusalOf(() => simulated.cancel(PATH))).toBe(refuse);
        await clock.pass(SECONDS);
      }
      expect(status()).toBe('IN_PROGRESS');
      await clock.pass(SECONDS);
      expect(status()).toBe('SUCCEEDED');
      expect(simulated.acceptedCancels).toEqual([]);
    },
  );

  test('that is rejected starts its steps once, and not with every further request', async () => {
    const { clock, simulated, status } = protonWith({
      onCancel: { refuse: 'ConflictException', steps: [{ after: 10 * SECONDS, status: 'SUCCEEDED' }] },
    });
    expect(refusalOf(() => simulated.cancel(PATH))).toBe('ConflictException');
    await clock.pass(6 * SECONDS);
    expect(refusalOf(() => simulated.cancel(PATH))).toBe('ConflictException');
    await clock.pass(4 * SECONDS);
    expect(status()).toBe('SUCCEEDED');
  });

  test('reaches a newer deployment that starts just before it', async () => {
    const { clock, simulated } = protonWith({
      onCancel: {
        steps: [{ after: 0, status: 'SUCCEEDED' }],
        overtakenBy: { onCancel: { steps: [{ after: MINUTES, status: 'CANCELLED' }] } },
      },
    });
    const [, older] = simulated.resource(PATH).deployments;
    simulated.cancel(PATH);
    const newer = latest(simulated.resource(PATH));
    expect(newer.id).not.toBe(older!.id);
    expect([older!.status, newer.status]).toEqual(['SUCCEEDED', 'CANCELLING']);
    expect(simulated.acceptedCancels).toEqual([{ at: START, resource: PATH, deploymentId: newer.id }]);
    await clock.pass(MINUTES);
    expect([older!.status, newer.status]).toEqual(['SUCCEEDED', 'CANCELLED']);
  });

  test('does not reach a newer deployment that starts just after it', async () => {
    const { clock, simulated } = protonWith({
      onCancel: {
        steps: [
          { after: 0, start: { steps: [{ after: 2 * MINUTES, status: 'SUCCEEDED' }] } },
          { after: MINUTES, status: 'CANCELLED' },
        ],
      },
    });
    const [, older] = simulated.resource(PATH).deployments;
    simulated.cancel(PATH);
    const newer = latest(simulated.resource(PATH));
    expect([older!.status, newer.status]).toEqual(['CANCELLING', 'IN_PROGRESS']);
    expect(simulated.acceptedCancels.map(({ deploymentId }) => deploymentId)).toEqual([older!.id]);
    await clock.pass(MINUTES);
    expect([older!.status, newer.status]).toEqual(['CANCELLED', 'IN_PROGRESS']);
    await clock.pass(MINUTES);
    expect([older!.status, newer.status]).toEqual(['CANCELLED', 'SUCCEEDED']);
  });
});

describe('a resource that is deleted', () => {
  test('is not found any more, and its deployments do not change again', async () => {
    const { clock, simulated } = protonWith({
      steps: [
        { after: MINUTES, start: { steps: [{ after: 2 * MINUTES, status: 'SUCCEEDED' }] } },
        { after: MINUTES, vanish: true },
        { after: MINUTES, status: 'FAILED' },
      ],
    });
    await clock.pass(MINUTES);
    expect(latest(simulated.resource(PATH)).createdAt).toBe(START + MINUTES);
    await clock.pass(MINUTES);
    expect(refusalOf(() => simulated.resource(PATH))).toBe('ResourceNotFoundException');
    expect(refusalOf(() => simulated.cancel(PATH))).toBe('ResourceNotFoundException');
    const { length } = simulated.history;
    await clock.pass(5 * MINUTES);
    expect(simulated.history).toHaveLength(length);
    expect(simulated.history.at(-1)).toMatchObject({ kind: 'vanished', resource: PATH, at: START + 2 * MINUTES });
  });
});

describe('the history', () => {
  test('has every change with its time, and listeners get each when it happens', async () => {
    const { clock, simulated } = protonWith({ onCancel: { steps: [{ after: 40 * SECONDS, status: 'CANCELLED' }] } });
    const seen: (Change & { seenAt: number })[] = [];
    const before = simulated.history.length;
    const unsubscribe = simulated.onChange((change) => seen.push({ ...change, seenAt: clock.now() }));
    await clock.pass(10 * SECONDS);
    simulated.cancel(PATH);
    await clock.pass(40 * SECONDS);
    expect(seen.map(({ kind, status, at, seenAt }) => [kind, status, at - START, seenAt - START])).toEqual([
      ['moved', 'CANCELLING', 10_000, 10_000],
      ['moved', 'CANCELLED', 50_000, 50_000],
    ]);
    expect(seen).toEqual(simulated.history.slice(before).map((change) => ({ ...change, seenAt: change.at })));
    unsubscribe();
  });

  test('begins with the changes before the start', () => {
    const { simulated } = protonWith({ at: -2 * MINUTES });
    const ofInstance = simulated.history.filter(({ resource }) => resource === PATH);
    expect(ofInstance.map(({ kind, status, at }) => [kind, status, (START - at) / MINUTES])).toEqual([
      ['started', 'IN_PROGRESS', 24 * 60],
      ['moved', 'SUCCEEDED', 24 * 60 - 4],
      ['started', 'IN_PROGRESS', 2],
    ]);
  });

  test('does not reach a listener that has unsubscribed', () => {
    const { simulated } = protonWith({});
    const seen: Change[] = [];
    simulated.onChange((change) => seen.push(change))();
    simulated.cancel(PATH);
    expect(seen).toEqual([]);
  });

  test('a listener may cancel a deployment that has just started', async () => {
    const { clock, simulated, status } = protonWith({
      at: MINUTES,
      steps: [{ after: MINUTES, status: 'SUCCEEDED' }],
      onCancel: { steps: [{ after: 2 * MINUTES, status: 'CANCELLED' }] },
    });
    simulated.onChange(({ kind }) => {
      if (kind === 'started') simulated.cancel(PATH);
    });
    await clock.pass(2 * MINUTES);
    expect(status()).toBe('CANCELLING');
    await clock.pass(MINUTES);
    expect(status()).toBe('CANCELLED');
  });
});

test('a stopped simulated service does not change any more', async () => {
  const { clock, simulated, status } = protonWith({ steps: [{ after: MINUTES, status: 'SUCCEEDED' }] });
  simulated.stop();
  await clock.pass(5 * MINUTES);
  expect(status()).toBe('IN_PROGRESS');
});

import { seededRandom } from '../../../../emulator/core/seeded-random';
import type { CallError, Driver, Found, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { BATCH_GRACE_MS, invocationPollMs } from '../../../../lambda/deployment/engine/polling';
import { cancelBatch } from '../../../../lambda/deployment/fleet/batch';
import { pack, unpack } from '../../../../lambda/deployment/fleet/packed';
import {
  type CancellationSettings,
  CONTRACT_VERSION,
  type Deployment,
  type Progress,
  STEPS,
} from '../../../../lib/contract/cancellation';
import type { BatchEvent, Fleet, FleetItem, Batch as PackedBatch } from '../../../../lib/contract/fleet';
import { atMost } from '../../../helpers/at-most';
import { callError, found, TestClock } from './fixtures';

const START = Date.UTC(2026, 9, 1);
const SETTINGS: CancellationSettings = {
  timeoutSeconds: 1800,
  failOn: [],
  onNotFound: 'fail',
  includeStatusMessage: false,
};
const FOUND: Fleet = { kind: 'proton-service-instances', identifiers: { serviceName: 'web' } };
const EMPTY = { outcomes: {}, failures: 0, failedDeployments: [], omitted: 0 };

/** A batch with its deployments unpacked. */
interface Batch extends Omit<PackedBatch, 'packed' | 'left'> {
  readonly left: readonly FleetItem[];
}

/** The results for one deployment: of its reads, the last one repeatedly, and of its cancellation. */
interface FleetBehavior {
  readonly reads: readonly ReadResult[];
  readonly cancel?: Found | CallError;
}

const CANCELLED: FleetBehavior = { reads: [found('IN_PROGRESS'), found('CANCELLING'), found('CANCELLED')] };

/** A service whose deployments behave as a test specifies. */
class Service {
  readonly calls: string[] = [];
  readonly clock: TestClock;
  private readonly readCounts = new Map<string, number>();

  constructor(
    private readonly behaviors: Readonly<Record<string, FleetBehavior>>,
    random: number | (() => number) = 0,
  ) {
    this.clock = new TestClock(START, typeof random === 'number' ? () => random : random);
  }

  readonly driverFor = ({ deployment }: { deployment: Deployment }): Driver => {
    const name = deployment.identifiers.serviceInstanceName ?? deployment.identifiers.environmentName ?? '';
    const describe = async (call: string): Promise<ReadResult> => {
      const count = this.readCounts.get(name) ?? 0;
      this.readCounts.set(name, count + 1);
      this.calls.push(`${call} ${name}`);
      const { reads } = this.behaviorOf(name);
      return reads[Math.min(count, reads.length - 1)] as ReadResult;
    };
    return {
      displayName: `service instance web/${name}`,
      unavailableHint: 'a hint',
      describe: () => describe('describe'),
      describeById: (id) => describe(`describeById ${id}`),
      cancel: async () => {
        this.calls.push(`cancel ${name}`);
        return this.behaviorOf(name).cancel ?? found('CANCELLING');
      },
    };
  };

  private behaviorOf(name: string): FleetBehavior {
    const behavior = this.behaviors[name];
    if (!behavior) throw new TypeError(`no behavior of ${name}`);
    return behavior;
  }
}

interface EventOptions {
  readonly fleet?: Fleet;
  readonly settings?: Partial<CancellationSettings>;
  readonly activeCount?: number;
}

function eventOf(batch: PackedBatch, { fleet = FOUND, settings, activeCount = 1 }: EventOptions): BatchEvent {
  const request = { contractVersion: CONTRACT_VERSION, fleet, settings: { ...SETTINGS, ...settings }, concurrency: 40 };
  return { fleetStep: 'CANCEL', request, startTime: new Date(START).toISOString(), activeCount, batch };
}

const batchOf = (...left: FleetItem[]): Batch => ({
  next: 'CANCEL',
  waitSeconds: 0,
  left,
  maxActive: 250,
  counts: EMPTY,
});

async function step(service: Service, batch: Batch, options: EventOptions = {}): Promise<Batch> {
  const { clock, driverFor } = service;
  const until = clock.now() + 300_000;
  const { left, ...others } = batch;
  const event = eventOf({ ...others, packed: pack(left), left: left.length }, options);
  const remaining = () => until - clock.now();
  const after = await cancelBatch(event, { clock, driverFor, remaining, endpoints: [] });
  const { packed, ...rest }: PackedBatch = JSON.parse(JSON.stringify(after));
  expect(unpack(packed)).toHaveLength(rest.left);
  return { ...rest, left: unpack(packed) };
}

/** Runs the steps as the state machine does. */
async function runToEnd(
  service: Service,
  batch: Batch,
  options: EventOptions = {},
): Promise<{ batch: Batch; steps: number }> {
  let steps = 1;
  let now = await step(service, batch, options);
  const countStep = atMost(10_000);
  while (now.next !== STEPS.END) {
    countStep();
    if (now.waitSeconds > 0) await service.clock.sleep(now.waitSeconds * 1000);
    now = await step(service, now, options);
    steps++;
  }
  return { batch: now, steps };
}

const opened = (key: string, progress: Partial<Progress> = {}): FleetItem => ({
  key,
  progress: { next: 'CANCEL', waitSeconds: 0, pinnedDeploymentId: 'x', ...progress },
  nextPollAt: START,
});

let logged: jest.SpyInstance;
beforeEach(() => {
  logged = jest.spyOn(console, 'info').mockImplementation(() => undefined);
});
afterEach(() => {
  logged.mockRestore();
});

describe('a batch', () => {
  test('with pinned deployments is cancelled at once', async () => {
    const service = new Service({ a: CANCELLED, b: CANCELLED });
    const batch = await step(service, batchOf('web/a x', 'web/b x'));
    expect(service.calls).toEqual(['describe a', 'describe b', 'cancel a', 'cancel b']);
    expect(batch).toMatchObject({
      next: 'CANCEL',
      left: [
        { key: 'web/a', progress: { next: 'AWAIT', pinnedDeploymentId: 'x', requested: true } },
        { key: 'web/b', progress: { next: 'AWAIT' } },
      ],
    });
  });

  test('without pins returns them to the state machine before anything is cancelled', async () => {
    const service = new Service({ a: { reads: [found('IN_PROGRESS')] } });
    const first = await step(service, batchOf('web/a'));
    expect(service.calls).toEqual(['describe a']);
    expect(first).toMatchObject({ waitSeconds: 0, left: [{ progress: { next: 'CANCEL', pinnedDeploymentId: 'x' } }] });
    await step(service, first);
    expect(service.calls).toEqual(['describe a', 'describe a', 'cancel a']);
  });

  test('that is over has nothing but its counts', async () => {
    const { batch } = await runToEnd(new Service({ a: CANCELLED, b: CANCELLED }), batchOf('web/a x', 'web/b x'));
    expect(batch).toEqual({
      next: 'END',
      waitSeconds: 0,
      left: [],
      maxActive: 250,
      counts: { outcomes: { CANCELLED: 2 }, failures: 0, failedDeployments: [], omitted: 0 },
    });
  });

  test('has as many in progress as it may have, and begins another one when one has ended', async () => {
    const service = new Service({ a: CANCELLED, b: CANCELLED, c: CANCELLED });
    const batch = { ...batchOf('web/a x', 'web/b x', 'web/c x'), maxActive: 2 };
    const first = await step(service, batch);
    expect(service.calls).toEqual(['describe a', 'describe b', 'cancel a', 'cancel b']);
    expect(first).toMatchObject({ left: [{ key: 'web/a' }, { key: 'web/b' }, 'web/c x'] });
    const second = await step(service, first);
    expect(second).toMatchObject({ waitSeconds: 0, left: ['web/c x'], counts: { outcomes: { CANCELLED: 2 } } });
    expect(service.calls).not.toContain('describe c');
    const { batch: last } = await runToEnd(service, second);
    expect(last.counts.outcomes).toEqual({ CANCELLED: 3 });
  });

  test('begins another one soon after one has ended, although the rest take longer', async () => {
    const stuck: FleetBehavior = { reads: [found('CANCELLING')] };
    const service = new Service({ a: CANCELLED, b: stuck, c: CANCELLED });
    const begun = await step(service, { ...batchOf('web/a x', 'web/b x', 'web/c x'), maxActive: 2 });
    const second = await step(service, begun);
    expect(second).toMatchObject({ waitSeconds: 0, left: [{ key: 'web/b' }, 'web/c x'] });
    expect(service.clock.now() - START).toBeLessThan(3 * BATCH_GRACE_MS);
    await step(service, second);
    expect(service.calls).toContain('cancel c');
  });

  test('ends all that have not begun when the timeout has passed, and reads none of them', async () => {
    const stuck: FleetBehavior = { reads: [found('CANCELLING')] };
    const service = new Service({ a: stuck, b: stuck, c: stuck });
    await service.clock.sleep(60_000);
    const batch = { ...batchOf('web/a x', 'web/b x', 'web/c x'), maxActive: 1 };
    const last = await step(service, batch, { settings: { timeoutSeconds: 60 } });
    expect(service.calls).toEqual(['describe a']);
    expect(last).toMatchObject({
      next: 'END',
      counts: {
        outcomes: { TIMED_OUT: 3 },
        failures: 3,
        failedDeployments: ['web/a: TIMED_OUT', 'web/b: TIMED_OUT', 'web/c: TIMED_OUT'],
      },
    });
    const ends = logged.mock.calls.map(([line]) => line).filter(({ event }) => event === 'ended');
    expect(ends).toMatchObject(
      ['a', 'b', 'c'].map((name) => ({
        displayName: `service instance web/${name}`,
        outcome: 'TIMED_OUT',
        failed: true,
        durationMs: 60_000,
      })),
    );
  });

  test('is over soon after the timeout, however many have not begun', async () => {
    const stuck: FleetBehavior = { reads: [found('CANCELLING')] };
    const names = Array.from({ length: 10 }, (_, index) => `d${index}`);
    const service = new Service(Object.fromEntries(names.map((name) => [name, stuck])));
    const batch = { ...batchOf(...names.map((name) => `web/${name} x`)), maxActive: 2 };
    const { batch: last } = await runToEnd(service, batch, { settings: { timeoutSeconds: 60 } });
    expect(last.counts.outcomes).toEqual({ TIMED_OUT: 10 });
    expect(service.clock.now() - START).toBeLessThan(61_000);
  });

  test('adds to the counts of the steps before', async () => {
    const before = { ...EMPTY, outcomes: { CANCELLED: 1, NOTHING_TO_CANCEL: 7 } };
    const { batch } = await runToEnd(new Service({ a: CANCELLED }), { ...batchOf('web/a x'), counts: before });
    expect(batch.counts.outcomes).toEqual({ CANCELLED: 2, NOTHING_TO_CANCEL: 7 });
  });

  test('of a list has indexes as keys, and the display names of its kinds', async () => {
    const fleet: Fleet = {
      kind: 'list',
      deployments: [
        { kind: 'proton-service-instance', identifiers: { serviceName: 'web', serviceInstanceName: 'a' } },
        { kind: 'proton-environment', identifiers: { environmentName: 'prod' } },
      ],
    };
    const refused: FleetBehavior = { reads: [found('IN_PROGRESS')], cancel: callError('rejected') };
    const { batch } = await runToEnd(new Service({ a: refused, prod: refused }), batchOf('0', '1'), { fleet });
    expect(batch.counts.failedDeployments).toEqual(['service instance web/a: REFUSED', 'environment prod: REFUSED']);
  });

  test('waits in the function, and returns to the state machine only when that is cheaper', async () => {
    const service = new Service({ a: { reads: [found('CANCELLING')] }, b: { reads: [found('CANCELLING')] } });
    const batch = await step(service, batchOf(opened('web/a', { next: 'AWAIT' }), opened('web/b', { next: 'AWAIT' })));
    const took = service.clock.now() - START;
    expect(took).toBeGreaterThan(invocationPollMs({}, 0) - 10_000);
    expect(took).toBeLessThanOrEqual(invocationPollMs({}, 0));
    expect(batch.left).toHaveLength(2);
  });

  test('polls less often, and starts later, the more deployments are active', async () => {
    const calls = async (activeCount: number) => {
      const service = new Service({ a: { reads: [found('CANCELLING')] } }, 0.5);
      await step(service, batchOf('web/a x'), { activeCount });
      await step(service, batchOf(opened('web/a', { next: 'AWAIT' })), { activeCount });
      return { first: service.clock.sleeps[0], reads: service.calls.length };
    };
    const alone = await calls(1);
    const crowded = await calls(1000);
    expect(alone.first).toBeLessThanOrEqual(10);
    expect(crowded.first).toBe(4_000);
    expect(crowded.reads).toBeLessThan(alone.reads / 2);
  });
});

describe('a cancellation of a batch', () => {
  test('with progress to keep does not wait for one with errors', async () => {
    const service = new Service({ a: CANCELLED, slow: { reads: [callError('throttled')] } });
    const batch = await step(service, batchOf('web/a x', 'web/slow x'));
    expect(service.clock.now() - START).toBeLessThanOrEqual(BATCH_GRACE_MS + 20_000);
    expect(batch.left).toMatchObject([{ progress: { next: 'AWAIT' } }, { progress: { next: 'CANCEL' } }]);
    expect(service.calls).toContain('cancel a');
  });

  test('in its backoff is not read sooner because another one has progress', async () => {
    const service = new Service({ a: { reads: [found('CANCELLING')] }, slow: { reads: [callError('throttled')] } });
    const nextPollAt = START + 15_000;
    const slow: FleetItem = { ...(opened('web/slow', { consecutiveErrors: 5 }) as object), nextPollAt } as FleetItem;
    await step(service, batchOf(opened('web/a'), slow));
    const index = service.calls.indexOf('describe slow');
    expect(index).toBeGreaterThan(0);
    expect(service.clock.sleeps[0]).toBe(15_000);
  });

  test.each<[string, FleetBehavior, string]>([
    ['is rejected', { reads: [found('IN_PROGRESS')], cancel: callError('rejected') }, 'REFUSED'],
    ['is denied', { reads: [callError('denied')] }, 'ACCESS_DENIED'],
    ['cannot be reached', { reads: [callError('unreachable')] }, 'UNAVAILABLE'],
    ['makes the function fail', { reads: [] }, 'ERROR'],
    ['never ends', { reads: [found('IN_PROGRESS'), found('CANCELLING')] }, 'TIMED_OUT'],
  ])('that %s is a failure, and the others are cancelled', async (_what, behavior, outcome) => {
    const service = new Service({ a: CANCELLED, bad: behavior, c: CANCELLED });
    const { batch } = await runToEnd(service, batchOf('web/a x', 'web/bad x', 'web/c x'));
    expect(batch.counts).toMatchObject({
      outcomes: { CANCELLED: 2, [outcome]: 1 },
      failures: 1,
      first: { name: 'web/bad', outcome },
      failedDeployments: [`web/bad: ${outcome}`],
    });
    const ends = logged.mock.calls.map(([line]) => line).filter(({ event }) => event === 'ended');
    expect(ends.map((line) => line.outcome).sort()).toEqual(['CANCELLED', 'CANCELLED', outcome].sort());
    for (const { durationMs } of ends) expect(durationMs).toBeGreaterThanOrEqual(0);
  });

  test.each<[string, FleetBehavior, string, string[]]>([
    [
      'was superseded before the first read',
      { reads: [found('IN_PROGRESS', 'y'), found('COMPLETED', 'x')] },
      'SUPERSEDED',
      [],
    ],
    [
      'was superseded after it',
      { reads: [found('IN_PROGRESS'), found('IN_PROGRESS', 'y'), found('CANCELLED', 'x')] },
      'SUPERSEDED',
      ['cancel a'],
    ],
    ['ended before the first read', { reads: [found('COMPLETED')] }, 'COMPLETED_FIRST', []],
    ['failed before the first read', { reads: [found('FAILED')] }, 'NOTHING_TO_CANCEL', []],
    ['is gone', { reads: [{ kind: 'not-found', deploymentStatus: 'DELETE_COMPLETE' }] }, 'NOTHING_TO_CANCEL', []],
  ])(
    'of a deployment that %s has the outcome, and no newer deployment is cancelled',
    async (_what, behavior, outcome, cancels) => {
      const service = new Service({ a: behavior });
      const { batch } = await runToEnd(service, batchOf('web/a x'));
      expect(batch.counts.outcomes).toEqual({ [outcome]: 1 });
      expect(service.calls.filter((call) => call.startsWith('cancel'))).toEqual(cancels);
    },
  );

  test.each([
    ['names it', ['COMPLETED_FIRST'], 1],
    ['names another', ['SUPERSEDED'], 0],
  ] as const)('is a failure if failOn %s', async (_what, failOn, failures) => {
    const service = new Service({ a: CANCELLED, b: { reads: [found('IN_PROGRESS'), found('COMPLETED')] } });
    const { batch } = await runToEnd(service, batchOf('web/a x', 'web/b x'), { settings: { failOn } });
    expect(batch.counts).toMatchObject({ outcomes: { CANCELLED: 1, COMPLETED_FIRST: 1 }, failures });
    expect(batch.counts.failedDeployments).toHaveLength(failures);
  });

  test('that starts after the timeout cancels nothing', async () => {
    const service = new Service({ a: { reads: [found('IN_PROGRESS')] } });
    await service.clock.sleep(60_000);
    const { batch } = await runToEnd(service, batchOf('web/a x'), { settings: { timeoutSeconds: 30 } });
    expect(batch.counts.outcomes).toEqual({ TIMED_OUT: 1 });
    expect(service.calls).toEqual(['describe a']);
  });
});

describe('among 10,000 deployments', () => {
  const LARGE = { activeCount: 10_000 };
  const SPREAD_MS = 80_000;
  const names = Array.from({ length: 250 }, (_, index) => `i-${index}`);
  const inProgress = Object.fromEntries(names.map((name) => [name, { reads: [found('CANCELLING')] }]));

  async function secondStep(size: number) {
    const random = seededRandom(1);
    const service = new Service(inProgress, random);
    const first = await step(service, batchOf(...names.slice(0, size).map((name) => `web/${name} x`)), LARGE);
    await service.clock.sleep(first.waitSeconds * 1000);
    const from = service.clock.now();
    const dues = first.left.map((item) => (typeof item === 'string' ? 0 : item.nextPollAt - from));
    await step(service, first, LARGE);
    return { service, dues, took: service.clock.now() - from };
  }

  test('the reads of a batch of 250 are spread in each step, and end long before the timeout of the function', async () => {
    const { service, dues, took } = await secondStep(250);
    expect(service.calls).toHaveLength(500);
    // In none of the eight parts of that time are more than twice as many as on average.
    for (let part = 0; part < 8; part++) {
      const isDue = (due: number) => Math.floor((8 * due) / SPREAD_MS) === part;
      expect(dues.filter(isDue).length).toBeLessThan((2 * 250) / 8);
      expect(dues.filter(isDue).length).toBeGreaterThan(0);
    }
    expect(took).toBeLessThan(SPREAD_MS + 5_000);
  });

  test('a batch of 25 waits in the state machine for all of its reads', async () => {
    const { took } = await secondStep(25);
    expect(took).toBeLessThan(1_000);
  });
});

describe('a deployment that is pinned by its start time', () => {
  const STARTED = START - 60_000;
  const started = (phase: 'IN_PROGRESS' | 'CANCELLING' | 'CANCELLED', startedAt: number): Found => ({
    ...found(phase),
    deploymentId: undefined,
    startedAt,
  });
  const item = `web/a  ${STARTED.toString(36)}`;

  test('is cancelled and awaited', async () => {
    const reads = (['IN_PROGRESS', 'CANCELLING', 'CANCELLED'] as const).map((phase) => started(phase, STARTED));
    const service = new Service({ a: { reads, cancel: started('CANCELLING', STARTED) } });
    const { batch } = await runToEnd(service, batchOf(item));
    expect(batch.counts.outcomes).toEqual({ CANCELLED: 1 });
    expect(service.calls.filter((call) => call.startsWith('cancel'))).toEqual(['cancel a']);
  });

  test('is never mistaken for one that has started since, whatever was read before', async () => {
    const reads = [callError('throttled'), { ...found('IN_PROGRESS'), deploymentId: undefined }];
    const service = new Service({ a: { reads: [...reads, started('IN_PROGRESS', START + 5_000)] } });
    const { batch } = await runToEnd(service, batchOf(item));
    expect(batch.counts.outcomes).toEqual({ SUPERSEDED: 1 });
    expect(service.calls).toEqual(['describe a', 'describe a', 'describe a']);
  });
});

test('a deployment of a fleet is cancelled after a read that is out of date and has an older deployment', async () => {
  const startedAt = START - 60_000;
  const older = { ...found('COMPLETED', 'w'), startedAt: startedAt - 3_600_000 };
  const reads = (['IN_PROGRESS', 'CANCELLING', 'CANCELLED'] as const).map((phase) => ({ ...found(phase), startedAt }));
  const service = new Service({ a: { reads: [older, ...reads], cancel: found('CANCELLING') } });
  const { batch } = await runToEnd(service, batchOf(`web/a x ${startedAt.toString(36)}`));
  expect(batch.counts.outcomes).toEqual({ CANCELLED: 1 });
  expect(service.calls.filter((call) => call.startsWith('cancel'))).toEqual(['cancel a']);
});

test('a listed deployment that starts after failed reads is left alone', async () => {
  const fleet: Fleet = {
    kind: 'list',
    deployments: [{ kind: 'proton-service-instance', identifiers: { serviceName: 'web', serviceInstanceName: 'a' } }],
  };
  for (const startedAt of [undefined, START + 5_000]) {
    const service = new Service({ a: { reads: [callError('throttled'), { ...found('IN_PROGRESS'), startedAt }] } });
    const { batch } = await runToEnd(service, batchOf('0'), { fleet });
    expect(batch.counts).toMatchObject({ outcomes: { SKIPPED: 1 }, failures: 0, failedDeployments: [] });
    expect(service.calls).toEqual(['describe a', 'describe a']);
  }
});

test('among many batches, none polls itself or waits for a part of it', async () => {
  const service = new Service({ a: { reads: [found('CANCELLING')] }, b: { reads: [found('CANCELLING')] } });
  const late: FleetItem = { ...(opened('web/b', { next: 'AWAIT' }) as object), nextPollAt: START + 900 } as FleetItem;
  const batch = await step(service, batchOf(opened('web/a', { next: 'AWAIT' }), late), { activeCount: 1_000 });
  expect(service.calls).toEqual(['describe a', 'describe b']);
  expect(service.clock.now() - START).toBe(900);
  // The longer of both waits.
  expect(batch.waitSeconds).toBe(8);
});

test('a step that was interrupted and is retried cancels nothing twice', async () => {
  const service = new Service({ a: CANCELLED, b: CANCELLED });
  const kept = batchOf('web/a x', 'web/b x');
  await step(service, kept);
  await step(service, kept);
  expect(service.calls.filter((call) => call.startsWith('cancel'))).toEqual(['cancel a', 'cancel b']);
});

test('a batch with the longest errors stays small', async () => {
  const long = (text: string) => text.repeat(300);
  const worst: ReadResult = { ...callError('throttled'), errorName: 'E'.repeat(100), message: long('語') };
  const identifiers = Array.from({ length: 25 }, (_, index) => `${index}`.padStart(100, 'n'));
  const service = new Service(Object.fromEntries(identifiers.map((name) => [name, { reads: [worst] }])));
  const batch = await step(
    service,
    batchOf(...identifiers.map((name) => `${'s'.repeat(100)}/${name} ${'d'.repeat(36)}`)),
    {
      settings: { timeoutSeconds: 2700 },
    },
  );
  expect(batch.left).toHaveLength(25);
  expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThan(100_000);
});

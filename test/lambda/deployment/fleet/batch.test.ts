import type { CallError, Driver, Found, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { BATCH_GRACE_MS, MAX_INVOCATION_POLL_MS } from '../../../../lambda/deployment/engine/polling';
import { cancelBatch } from '../../../../lambda/deployment/fleet/batch';
import {
  type CancellationSettings,
  CONTRACT_VERSION,
  type Deployment,
  type Progress,
  STEPS,
} from '../../../../lib/contract/cancellation';
import type { Batch, BatchEvent, Fleet, FleetItem } from '../../../../lib/contract/fleet';
import { callError, found, TestClock } from './fixtures';

const START = Date.UTC(2026, 9, 1);
const POLICY: CancellationSettings = {
  timeoutSeconds: 1800,
  failOn: [],
  onNotFound: 'fail',
  includeStatusMessage: false,
};
const FOUND: Fleet = { kind: 'proton-service-instances', identifiers: { serviceName: 'web' } };
const EMPTY = { outcomes: {}, failures: 0, failedDeployments: [], omitted: 0 };

/** What one of the deployments does: what is seen of it, the last for ever, and what a cancellation brings. */
interface FleetBehavior {
  readonly looks: readonly ReadResult[];
  readonly cancel?: Found | CallError;
}

const CANCELLED: FleetBehavior = { looks: [found('IN_PROGRESS'), found('CANCELLING'), found('CANCELLED')] };

/** A service in which each service instance goes its own way. */
class Service {
  readonly calls: string[] = [];
  readonly clock: TestClock;
  private readonly looked = new Map<string, number>();

  constructor(
    private readonly behaviors: Readonly<Record<string, FleetBehavior>>,
    random = 0,
  ) {
    this.clock = new TestClock(START, () => random);
  }

  readonly driverFor = ({ deployment }: { deployment: Deployment }): Driver => {
    const name = deployment.identifiers.serviceInstanceName ?? deployment.identifiers.environmentName ?? '';
    const describe = async (call: string): Promise<ReadResult> => {
      const count = this.looked.get(name) ?? 0;
      this.looked.set(name, count + 1);
      this.calls.push(`${call} ${name}`);
      const { looks } = this.courseOf(name);
      return looks[Math.min(count, looks.length - 1)] as ReadResult;
    };
    return {
      displayName: `service instance web/${name}`,
      unavailableHint: 'a hint',
      describe: () => describe('look'),
      describeById: (id) => describe(`lookAt ${id}`),
      cancel: async () => {
        this.calls.push(`cancel ${name}`);
        return this.courseOf(name).cancel ?? found('CANCELLING');
      },
    };
  };

  private courseOf(name: string): FleetBehavior {
    const course = this.behaviors[name];
    if (!course) throw new TypeError(`no course for ${name}`);
    return course;
  }
}

interface Asked {
  readonly fleet?: Fleet;
  readonly settings?: Partial<CancellationSettings>;
  readonly activeCount?: number;
}

function eventOf(batch: Batch, { fleet = FOUND, settings, activeCount = 1 }: Asked): BatchEvent {
  const request = { contractVersion: CONTRACT_VERSION, fleet, settings: { ...POLICY, ...settings }, concurrency: 40 };
  return { fleetStep: 'CANCEL', request, startTime: new Date(START).toISOString(), activeCount, batch };
}

const batchOf = (...left: FleetItem[]): Batch => ({ next: 'CANCEL', waitSeconds: 0, left, counts: EMPTY });

async function step(service: Service, batch: Batch, asked: Asked = {}): Promise<Batch> {
  const { clock, driverFor } = service;
  const until = clock.now() + 300_000;
  // What the state machine keeps is JSON.
  return JSON.parse(
    JSON.stringify(
      await cancelBatch(eventOf(batch, asked), { clock, driverFor, remaining: () => until - clock.now() }),
    ),
  );
}

/** As the state machine does. */
async function toTheEnd(service: Service, batch: Batch, asked: Asked = {}): Promise<{ batch: Batch; steps: number }> {
  let steps = 1;
  let now = await step(service, batch, asked);
  while (now.next !== STEPS.END) {
    if (now.waitSeconds > 0) await service.clock.sleep(now.waitSeconds * 1000);
    now = await step(service, now, asked);
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
  test('as it was found is pinned already, and is cancelled at once, all of it', async () => {
    const service = new Service({ a: CANCELLED, b: CANCELLED });
    const batch = await step(service, batchOf('web/a x', 'web/b x'));
    expect(service.calls).toEqual(['look a', 'look b', 'cancel a', 'cancel b']);
    expect(batch).toMatchObject({
      next: 'CANCEL',
      left: [
        { key: 'web/a', progress: { next: 'AWAIT', pinnedDeploymentId: 'x', requested: true } },
        { key: 'web/b', progress: { next: 'AWAIT' } },
      ],
    });
  });

  test('without pins gives them to the state machine before anything is cancelled', async () => {
    const service = new Service({ a: { looks: [found('IN_PROGRESS')] } });
    const first = await step(service, batchOf('web/a'));
    expect(service.calls).toEqual(['look a']);
    expect(first).toMatchObject({ waitSeconds: 0, left: [{ progress: { next: 'CANCEL', pinnedDeploymentId: 'x' } }] });
    await step(service, first);
    expect(service.calls).toEqual(['look a', 'look a', 'cancel a']);
  });

  test('that is over is a counts, and nothing else', async () => {
    const { batch } = await toTheEnd(new Service({ a: CANCELLED, b: CANCELLED }), batchOf('web/a x', 'web/b x'));
    expect(batch).toEqual({
      next: 'END',
      waitSeconds: 0,
      left: [],
      counts: { outcomes: { CANCELLED: 2 }, failures: 0, failedDeployments: [], omitted: 0 },
    });
  });

  test('goes on with the counts that it came with', async () => {
    const before = { ...EMPTY, outcomes: { CANCELLED: 1, NOTHING_TO_CANCEL: 7 } };
    const { batch } = await toTheEnd(new Service({ a: CANCELLED }), { ...batchOf('web/a x'), counts: before });
    expect(batch.counts.outcomes).toEqual({ CANCELLED: 2, NOTHING_TO_CANCEL: 7 });
  });

  test('of a list is known by the places in it, and has the identifiers of its kinds', async () => {
    const fleet: Fleet = {
      kind: 'list',
      deployments: [
        { kind: 'proton-service-instance', identifiers: { serviceName: 'web', serviceInstanceName: 'a' } },
        { kind: 'proton-environment', identifiers: { environmentName: 'prod' } },
      ],
    };
    const refused: FleetBehavior = { looks: [found('IN_PROGRESS')], cancel: callError('rejected') };
    const { batch } = await toTheEnd(new Service({ a: refused, prod: refused }), batchOf('0', '1'), { fleet });
    expect(batch.counts.failedDeployments).toEqual(['service instance web/a: REFUSED', 'environment prod: REFUSED']);
  });

  test('waits in the function, and comes back to the state machine only when that is cheaper', async () => {
    const service = new Service({ a: { looks: [found('CANCELLING')] }, b: { looks: [found('CANCELLING')] } });
    const batch = await step(service, batchOf(opened('web/a', { next: 'AWAIT' }), opened('web/b', { next: 'AWAIT' })));
    const took = service.clock.now() - START;
    expect(took).toBeGreaterThan(MAX_INVOCATION_POLL_MS - 10_000);
    expect(took).toBeLessThanOrEqual(MAX_INVOCATION_POLL_MS);
    expect(batch.left).toHaveLength(2);
  });

  test('that is a part of a activeCount looks less often, and does not begin all at once', async () => {
    const calls = async (activeCount: number) => {
      const service = new Service({ a: { looks: [found('CANCELLING')] } }, 0.5);
      await step(service, batchOf('web/a x'), { activeCount });
      await step(service, batchOf(opened('web/a', { next: 'AWAIT' })), { activeCount });
      return { first: service.clock.sleeps[0], looks: service.calls.length };
    };
    const alone = await calls(1);
    const crowded = await calls(1000);
    expect(alone.first).toBeLessThanOrEqual(10);
    expect(crowded.first).toBe(4_000);
    // Each ten seconds in place of each two at first, and five later.
    expect(crowded.looks).toBeLessThan(alone.looks / 2);
  });
});

describe('one of a batch', () => {
  test('that has something to keep does not wait for one in trouble', async () => {
    const service = new Service({ a: CANCELLED, slow: { looks: [callError('throttled')] } });
    const batch = await step(service, batchOf('web/a x', 'web/slow x'));
    expect(service.clock.now() - START).toBeLessThanOrEqual(BATCH_GRACE_MS + 20_000);
    expect(batch.left).toMatchObject([{ progress: { next: 'AWAIT' } }, { progress: { next: 'CANCEL' } }]);
    expect(service.calls).toContain('cancel a');
  });

  test('that backs off is not asked for again sooner because another has come back', async () => {
    const service = new Service({ a: { looks: [found('CANCELLING')] }, slow: { looks: [callError('throttled')] } });
    const nextPollAt = START + 15_000;
    const slow: FleetItem = { ...(opened('web/slow', { consecutiveErrors: 5 }) as object), nextPollAt } as FleetItem;
    await step(service, batchOf(opened('web/a'), slow));
    const looksBefore = service.calls.indexOf('look slow');
    expect(looksBefore).toBeGreaterThan(0);
    expect(service.clock.sleeps[0]).toBe(15_000);
  });

  test.each<[string, FleetBehavior, string]>([
    ['is refused', { looks: [found('IN_PROGRESS')], cancel: callError('rejected') }, 'REFUSED'],
    ['is denied', { looks: [callError('denied')] }, 'ACCESS_DENIED'],
    ['cannot be reached', { looks: [callError('unreachable')] }, 'UNAVAILABLE'],
    ['makes our own code fail', { looks: [] }, 'ERROR'],
    ['never ends', { looks: [found('IN_PROGRESS'), found('CANCELLING')] }, 'TIMED_OUT'],
  ])('that %s is a failure of its own, and the others are cancelled', async (_what, course, outcome) => {
    const service = new Service({ a: CANCELLED, bad: course, c: CANCELLED });
    const { batch } = await toTheEnd(service, batchOf('web/a x', 'web/bad x', 'web/c x'));
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
      'gave way before the first look',
      { looks: [found('IN_PROGRESS', 'y'), found('COMPLETED', 'x')] },
      'SUPERSEDED',
      [],
    ],
    [
      'gave way after it',
      { looks: [found('IN_PROGRESS'), found('IN_PROGRESS', 'y'), found('CANCELLED', 'x')] },
      'SUPERSEDED',
      ['cancel a'],
    ],
    ['ended before the first look', { looks: [found('COMPLETED')] }, 'COMPLETED_FIRST', []],
    ['failed before the first look', { looks: [found('FAILED')] }, 'NOTHING_TO_CANCEL', []],
    ['is gone', { looks: [{ kind: 'not-found', deploymentStatus: 'DELETE_COMPLETE' }] }, 'NOTHING_TO_CANCEL', []],
  ])('that %s has that outcome, and no newer deployment is cancelled', async (_what, course, outcome, cancels) => {
    const service = new Service({ a: course });
    const { batch } = await toTheEnd(service, batchOf('web/a x'));
    expect(batch.counts.outcomes).toEqual({ [outcome]: 1 });
    expect(service.calls.filter((call) => call.startsWith('cancel'))).toEqual(cancels);
  });

  test.each([
    ['identifiers it', ['COMPLETED_FIRST'], 1],
    ['identifiers another', ['SUPERSEDED'], 0],
  ] as const)('fails by the settings if failOn %s', async (_what, failOn, failures) => {
    const service = new Service({ a: CANCELLED, b: { looks: [found('IN_PROGRESS'), found('COMPLETED')] } });
    const { batch } = await toTheEnd(service, batchOf('web/a x', 'web/b x'), { settings: { failOn } });
    expect(batch.counts).toMatchObject({ outcomes: { CANCELLED: 1, COMPLETED_FIRST: 1 }, failures });
    expect(batch.counts.failedDeployments).toHaveLength(failures);
  });

  test('whose turn comes after the timeout is not cancelled any more', async () => {
    const service = new Service({ a: { looks: [found('IN_PROGRESS')] } });
    await service.clock.sleep(60_000);
    const { batch } = await toTheEnd(service, batchOf('web/a x'), { settings: { timeoutSeconds: 30 } });
    expect(batch.counts.outcomes).toEqual({ TIMED_OUT: 1 });
    expect(service.calls).toEqual(['look a']);
  });
});

test('a step that was cut off and is taken again cancels nothing twice', async () => {
  const service = new Service({ a: CANCELLED, b: CANCELLED });
  const kept = batchOf('web/a x', 'web/b x');
  await step(service, kept);
  await step(service, kept);
  expect(service.calls.filter((call) => call.startsWith('cancel'))).toEqual(['cancel a', 'cancel b']);
});

test('a batch in the worst of trouble stays small', async () => {
  const long = (text: string) => text.repeat(300);
  const worst: ReadResult = { ...callError('throttled'), errorName: 'E'.repeat(100), message: long('語') };
  const identifiers = Array.from({ length: 25 }, (_, index) => `${index}`.padStart(100, 'n'));
  const service = new Service(Object.fromEntries(identifiers.map((name) => [name, { looks: [worst] }])));
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

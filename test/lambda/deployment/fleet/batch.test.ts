import type { Driver, Seen, Sighting, Trouble } from '../../../../lambda/deployment/engine/driver';
import { DWELL, GRACE } from '../../../../lambda/deployment/engine/polling';
import { cancelBatch } from '../../../../lambda/deployment/fleet/batch';
import {
  CONTRACT_VERSION,
  type Deployment,
  type Policy,
  type Progress,
  STEPS,
} from '../../../../lib/contract/cancellation';
import type { Batch, BatchEvent, Fleet, Member } from '../../../../lib/contract/fleet';
import { seen, TestClock, trouble } from './fixtures';

const START = Date.UTC(2026, 9, 1);
const POLICY: Policy = { timeoutSeconds: 1800, failOn: [], onNotFound: 'fail', includeStatusMessage: false };
const FOUND: Fleet = { kind: 'proton-service-instances', names: { serviceName: 'web' } };
const EMPTY = { outcomes: {}, failures: 0, notWell: [], unnamed: 0 };

/** What one of the deployments does: what is seen of it, the last for ever, and what a cancellation brings. */
interface Course {
  readonly looks: readonly Sighting[];
  readonly cancel?: Seen | Trouble;
}

const CANCELLED: Course = { looks: [seen('IN_PROGRESS'), seen('CANCELLING'), seen('CANCELLED')] };

/** A service in which each service instance goes its own way. */
class Service {
  readonly calls: string[] = [];
  readonly clock: TestClock;
  private readonly looked = new Map<string, number>();

  constructor(
    private readonly courses: Readonly<Record<string, Course>>,
    random = 0,
  ) {
    this.clock = new TestClock(START, () => random);
  }

  readonly driverFor = ({ deployment }: { deployment: Deployment }): Driver => {
    const name = deployment.names.serviceInstanceName ?? deployment.names.environmentName ?? '';
    const look = async (call: string): Promise<Sighting> => {
      const count = this.looked.get(name) ?? 0;
      this.looked.set(name, count + 1);
      this.calls.push(`${call} ${name}`);
      const { looks } = this.courseOf(name);
      return looks[Math.min(count, looks.length - 1)] as Sighting;
    };
    return {
      subject: `service instance web/${name}`,
      unavailableHint: 'a hint',
      look: () => look('look'),
      lookAt: (id) => look(`lookAt ${id}`),
      cancel: async () => {
        this.calls.push(`cancel ${name}`);
        return this.courseOf(name).cancel ?? seen('CANCELLING');
      },
    };
  };

  private courseOf(name: string): Course {
    const course = this.courses[name];
    if (!course) throw new TypeError(`no course for ${name}`);
    return course;
  }
}

interface Asked {
  readonly fleet?: Fleet;
  readonly policy?: Partial<Policy>;
  readonly crowd?: number;
}

function eventOf(batch: Batch, { fleet = FOUND, policy, crowd = 1 }: Asked): BatchEvent {
  const request = { contractVersion: CONTRACT_VERSION, fleet, policy: { ...POLICY, ...policy }, concurrency: 40 };
  return { fleetStep: 'CANCEL', request, startTime: new Date(START).toISOString(), crowd, batch };
}

const batchOf = (...left: Member[]): Batch => ({ next: 'CANCEL', waitSeconds: 0, left, tally: EMPTY });

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

const opened = (key: string, progress: Partial<Progress> = {}): Member => ({
  key,
  progress: { next: 'CANCEL', waitSeconds: 0, pinnedDeploymentId: 'x', ...progress },
  notBefore: START,
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
    const service = new Service({ a: { looks: [seen('IN_PROGRESS')] } });
    const first = await step(service, batchOf('web/a'));
    expect(service.calls).toEqual(['look a']);
    expect(first).toMatchObject({ waitSeconds: 0, left: [{ progress: { next: 'CANCEL', pinnedDeploymentId: 'x' } }] });
    await step(service, first);
    expect(service.calls).toEqual(['look a', 'look a', 'cancel a']);
  });

  test('that is over is a tally, and nothing else', async () => {
    const { batch } = await toTheEnd(new Service({ a: CANCELLED, b: CANCELLED }), batchOf('web/a x', 'web/b x'));
    expect(batch).toEqual({
      next: 'END',
      waitSeconds: 0,
      left: [],
      tally: { outcomes: { CANCELLED: 2 }, failures: 0, notWell: [], unnamed: 0 },
    });
  });

  test('goes on with the tally that it came with', async () => {
    const before = { ...EMPTY, outcomes: { CANCELLED: 1, NOTHING_TO_CANCEL: 7 } };
    const { batch } = await toTheEnd(new Service({ a: CANCELLED }), { ...batchOf('web/a x'), tally: before });
    expect(batch.tally.outcomes).toEqual({ CANCELLED: 2, NOTHING_TO_CANCEL: 7 });
  });

  test('of a list is known by the places in it, and has the names of its kinds', async () => {
    const fleet: Fleet = {
      kind: 'list',
      deployments: [
        { kind: 'proton-service-instance', names: { serviceName: 'web', serviceInstanceName: 'a' } },
        { kind: 'proton-environment', names: { environmentName: 'prod' } },
      ],
    };
    const refused: Course = { looks: [seen('IN_PROGRESS')], cancel: trouble('refused') };
    const { batch } = await toTheEnd(new Service({ a: refused, prod: refused }), batchOf('0', '1'), { fleet });
    expect(batch.tally.notWell).toEqual(['service instance web/a: REFUSED', 'environment prod: REFUSED']);
  });

  test('waits in the function, and comes back to the state machine only when that is cheaper', async () => {
    const service = new Service({ a: { looks: [seen('CANCELLING')] }, b: { looks: [seen('CANCELLING')] } });
    const batch = await step(service, batchOf(opened('web/a', { next: 'AWAIT' }), opened('web/b', { next: 'AWAIT' })));
    const took = service.clock.now() - START;
    expect(took).toBeGreaterThan(DWELL - 10_000);
    expect(took).toBeLessThanOrEqual(DWELL);
    expect(batch.left).toHaveLength(2);
  });

  test('that is a part of a crowd looks less often, and does not begin all at once', async () => {
    const calls = async (crowd: number) => {
      const service = new Service({ a: { looks: [seen('CANCELLING')] } }, 0.5);
      await step(service, batchOf('web/a x'), { crowd });
      await step(service, batchOf(opened('web/a', { next: 'AWAIT' })), { crowd });
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
    const service = new Service({ a: CANCELLED, slow: { looks: [trouble('throttled')] } });
    const batch = await step(service, batchOf('web/a x', 'web/slow x'));
    expect(service.clock.now() - START).toBeLessThanOrEqual(GRACE + 20_000);
    expect(batch.left).toMatchObject([{ progress: { next: 'AWAIT' } }, { progress: { next: 'CANCEL' } }]);
    expect(service.calls).toContain('cancel a');
  });

  test('that backs off is not asked for again sooner because another has come back', async () => {
    const service = new Service({ a: { looks: [seen('CANCELLING')] }, slow: { looks: [trouble('throttled')] } });
    const notBefore = START + 15_000;
    const slow: Member = { ...(opened('web/slow', { troubles: 5 }) as object), notBefore } as Member;
    await step(service, batchOf(opened('web/a'), slow));
    const looksBefore = service.calls.indexOf('look slow');
    expect(looksBefore).toBeGreaterThan(0);
    expect(service.clock.sleeps[0]).toBe(15_000);
  });

  test.each<[string, Course, string]>([
    ['is refused', { looks: [seen('IN_PROGRESS')], cancel: trouble('refused') }, 'REFUSED'],
    ['is denied', { looks: [trouble('denied')] }, 'ACCESS_DENIED'],
    ['cannot be reached', { looks: [trouble('unreachable')] }, 'UNAVAILABLE'],
    ['makes our own code fail', { looks: [] }, 'ERROR'],
    ['never ends', { looks: [seen('IN_PROGRESS'), seen('CANCELLING')] }, 'TIMED_OUT'],
  ])('that %s is a failure of its own, and the others are cancelled', async (_what, course, outcome) => {
    const service = new Service({ a: CANCELLED, bad: course, c: CANCELLED });
    const { batch } = await toTheEnd(service, batchOf('web/a x', 'web/bad x', 'web/c x'));
    expect(batch.tally).toMatchObject({
      outcomes: { CANCELLED: 2, [outcome]: 1 },
      failures: 1,
      first: { name: 'web/bad', outcome },
      notWell: [`web/bad: ${outcome}`],
    });
    const ends = logged.mock.calls.map(([line]) => line).filter(({ event }) => event === 'ended');
    expect(ends.map((line) => line.outcome).sort()).toEqual(['CANCELLED', 'CANCELLED', outcome].sort());
    for (const { durationMs } of ends) expect(durationMs).toBeGreaterThanOrEqual(0);
  });

  test.each<[string, Course, string, string[]]>([
    ['gave way before the first look', { looks: [seen('IN_PROGRESS', 'y'), seen('COMPLETED', 'x')] }, 'SUPERSEDED', []],
    [
      'gave way after it',
      { looks: [seen('IN_PROGRESS'), seen('IN_PROGRESS', 'y'), seen('CANCELLED', 'x')] },
      'SUPERSEDED',
      ['cancel a'],
    ],
    ['ended before the first look', { looks: [seen('COMPLETED')] }, 'COMPLETED_FIRST', []],
    ['failed before the first look', { looks: [seen('FAILED')] }, 'NOTHING_TO_CANCEL', []],
    ['is gone', { looks: [{ kind: 'missing', deploymentStatus: 'DELETE_COMPLETE' }] }, 'NOTHING_TO_CANCEL', []],
  ])('that %s has that outcome, and no newer deployment is cancelled', async (_what, course, outcome, cancels) => {
    const service = new Service({ a: course });
    const { batch } = await toTheEnd(service, batchOf('web/a x'));
    expect(batch.tally.outcomes).toEqual({ [outcome]: 1 });
    expect(service.calls.filter((call) => call.startsWith('cancel'))).toEqual(cancels);
  });

  test.each([
    ['names it', ['COMPLETED_FIRST'], 1],
    ['names another', ['SUPERSEDED'], 0],
  ] as const)('fails by the policy if failOn %s', async (_what, failOn, failures) => {
    const service = new Service({ a: CANCELLED, b: { looks: [seen('IN_PROGRESS'), seen('COMPLETED')] } });
    const { batch } = await toTheEnd(service, batchOf('web/a x', 'web/b x'), { policy: { failOn } });
    expect(batch.tally).toMatchObject({ outcomes: { CANCELLED: 1, COMPLETED_FIRST: 1 }, failures });
    expect(batch.tally.notWell).toHaveLength(failures);
  });

  test('whose turn comes after the timeout is not cancelled any more', async () => {
    const service = new Service({ a: { looks: [seen('IN_PROGRESS')] } });
    await service.clock.sleep(60_000);
    const { batch } = await toTheEnd(service, batchOf('web/a x'), { policy: { timeoutSeconds: 30 } });
    expect(batch.tally.outcomes).toEqual({ TIMED_OUT: 1 });
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
  const worst: Sighting = { ...trouble('throttled'), errorName: 'E'.repeat(100), message: long('語') };
  const names = Array.from({ length: 25 }, (_, index) => `${index}`.padStart(100, 'n'));
  const service = new Service(Object.fromEntries(names.map((name) => [name, { looks: [worst] }])));
  const batch = await step(service, batchOf(...names.map((name) => `${'s'.repeat(100)}/${name} ${'d'.repeat(36)}`)), {
    policy: { timeoutSeconds: 2700 },
  });
  expect(batch.left).toHaveLength(25);
  expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThan(100_000);
});

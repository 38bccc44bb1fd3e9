import { seededRandom } from '../../../../emulator/core/seeded-random';
import type { Driver, ReadResult } from '../../../../lambda/deployment/engine/driver';
import {
  CALL_TIMEOUT_MS,
  SECOND_READ_DELAY_MS,
  TIMEOUT_RESERVE_MS,
} from '../../../../lambda/deployment/engine/polling';
import { CLOCK_TOLERANCE } from '../../../../lambda/deployment/engine/skip';
import { findFleet } from '../../../../lambda/deployment/fleet/find';
import type { FleetLister, Listed, Page } from '../../../../lambda/deployment/fleet/fleet-lister';
import { unpack } from '../../../../lambda/deployment/fleet/packed';
import { type CancellationSettings, CONTRACT_VERSION } from '../../../../lib/contract/cancellation';
import {
  BATCH_SIZE,
  type FindResult,
  MAX_BATCH_SIZE,
  MAX_BATCHES,
  MAX_CONCURRENCY,
  MAX_IN_FLIGHT,
} from '../../../../lib/contract/fleet';
import { callError, found, TestClock } from './fixtures';

const START = Date.UTC(2026, 9, 1);
const FLEET = { kind: 'proton-service-instances', identifiers: { serviceName: 'web' } } as const;
const SETTINGS: CancellationSettings = {
  timeoutSeconds: 1800,
  failOn: [],
  onNotFound: 'fail',
  includeStatusMessage: false,
};

interface EventOptions {
  readonly fleet?: unknown;
  readonly settings?: Partial<CancellationSettings>;
  readonly concurrency?: unknown;
}

function eventOf({ fleet = FLEET, settings, concurrency = MAX_CONCURRENCY }: EventOptions = {}) {
  const request = { contractVersion: CONTRACT_VERSION, fleet, settings: { ...SETTINGS, ...settings }, concurrency };
  return { fleetStep: 'FIND', request, startTime: new Date(START).toISOString() } as const;
}

type PageResult = Awaited<ReturnType<FleetLister['page']>>;

/** Returns one result after the other, the last one repeatedly, and records the tokens. */
class ScriptedLister implements FleetLister {
  readonly displayName = 'service instances of web';
  readonly unavailableHint = 'a hint';
  readonly tokens: (string | undefined)[] = [];

  constructor(
    private readonly results: readonly PageResult[],
    private readonly delay: () => Promise<void> = async () => undefined,
  ) {}

  async page(from?: string): Promise<PageResult> {
    await this.delay();
    const result = this.results[Math.min(this.tokens.length, this.results.length - 1)];
    this.tokens.push(from);
    if (!result) throw new Error('no result');
    return result;
  }
}

const listed = (
  key: string,
  phase: Listed['phase'] = 'IN_PROGRESS',
  deploymentId = `id-of-${key.slice(4)}`,
): Listed => ({
  key,
  phase,
  deploymentId,
  startedAt: START - 60_000,
});

/** The item of a deployment that is listed so. */
const pinned = (key: string, id = `id-of-${key.slice(4)}`) => `${key} ${id} ${(START - 60_000).toString(36)}`;
const page = (items: readonly Listed[], next?: string): Page => ({ kind: 'page', listed: items, next });
const many = (count: number) => Array.from({ length: count }, (_, index) => listed(`web/${index}`));

async function find(
  pages: readonly PageResult[],
  options: EventOptions = {},
  clock = new TestClock(START),
  functionTimeout = 300_000,
  reads: Readonly<Record<string, ReadResult>> = {},
  pageMs?: number,
) {
  const lister = new ScriptedLister(pages, pageMs === undefined ? undefined : () => clock.sleep(pageMs));
  const calls: string[] = [];
  const until = clock.now() + functionTimeout;
  const result = await findFleet(eventOf(options), {
    clock,
    remaining: () => until - clock.now(),
    listerFor: () => lister,
    endpoints: [],
    driverFor: ({ deployment: { identifiers } }) => driverOf(identifiers.serviceInstanceName ?? '', reads, calls),
  });
  return { result, lister, clock, calls };
}

function driverOf(name: string, reads: Readonly<Record<string, ReadResult>>, calls: string[]): Driver {
  const record = async (call: string): Promise<never> => {
    calls.push(`${call} ${name}`);
    return reads[name] as never;
  };
  return {
    displayName: `service instance web/${name}`,
    unavailableHint: 'a hint',
    describe: () => record('describe'),
    describeById: () => record('describeById'),
    cancel: () => record('cancel'),
  };
}

function batchesOf(result: FindResult) {
  if (result.next !== 'CANCEL') throw new Error(`nothing was found: ${JSON.stringify(result)}`);
  return result.batches.map(({ packed, ...batch }) => {
    expect(unpack(packed)).toHaveLength(batch.left);
    return { ...batch, left: unpack(packed) };
  });
}

let logged: jest.SpyInstance;
beforeEach(() => {
  logged = jest.spyOn(console, 'info').mockImplementation(() => undefined);
});
afterEach(() => {
  logged.mockRestore();
});

describe('a fleet', () => {
  test('has its deployments in flight pinned, page after page, and counts the others', async () => {
    const first = page([listed('web/a'), listed('web/b', 'COMPLETED')], 'next');
    const { result, lister } = await find([first, page([listed('web/c', 'CANCELLING'), listed('web/d', 'FAILED')])]);
    // The second list shows the same.
    expect(lister.tokens).toEqual([undefined, 'next', undefined]);
    expect(result).toEqual({
      next: 'CANCEL',
      activeCount: 2,
      batches: [expect.anything()],
    });
    expect(batchesOf(result)).toEqual([
      {
        next: 'CANCEL',
        waitSeconds: 0,
        left: [pinned('web/a'), pinned('web/c')],
        maxActive: 25,
        counts: { outcomes: { NOTHING_TO_CANCEL: 2 }, failures: 0, failedDeployments: [], omitted: 0 },
      },
    ]);
  });

  test.each([
    ['IN_PROGRESS', true],
    ['CANCELLING', true],
    ['DELETING', true],
    ['UNKNOWN', true],
    ['CANCELLED', false],
    ['COMPLETED', false],
    ['FAILED', false],
    ['DELETION_OVER', false],
  ] as const)('has the phase %s in flight: %s', async (phase, inFlight) => {
    const { result } = await find([page([listed('web/a', phase), listed('web/other')])]);
    expect(batchesOf(result).flatMap(({ left }) => left)).toHaveLength(inFlight ? 2 : 1);
  });

  test('that lists a deployment twice has it once, as it was listed first', async () => {
    const { result } = await find([
      page([listed('web/a', 'IN_PROGRESS', 'old')], 'next'),
      page([listed('web/a', 'IN_PROGRESS', 'new')]),
    ]);
    expect(batchesOf(result).flatMap(({ left }) => left)).toEqual([pinned('web/a', 'old')]);
  });

  describe.each([
    ['no id', undefined],
    ['an invalid id', 'an id'],
    ['an id that is too long for the state', 'x'.repeat(37)],
  ])('that lists a deployment with %s', (_what, deploymentId) => {
    test('pins it by its start time', async () => {
      const { result } = await find([page([{ ...listed('web/a'), deploymentId }])]);
      expect(batchesOf(result).flatMap(({ left }) => left)).toEqual([`web/a  ${(START - 60_000).toString(36)}`]);
    });

    test('leaves it alone if it has no start time either', async () => {
      const unknown = { key: 'web/a', phase: 'IN_PROGRESS', deploymentId } as const;
      const { result, calls } = await find([page([unknown, listed('web/b')])]);
      expect(batchesOf(result)).toMatchObject([{ left: [pinned('web/b')], counts: { outcomes: { SKIPPED: 1 } } }]);
      expect(calls).toEqual([]);
    });
  });

  test('leaves alone a deployment that has started since the request', async () => {
    const late = { ...listed('web/a'), startedAt: START + CLOCK_TOLERANCE + 1 };
    const { result } = await find([callError('throttled'), page([late, listed('web/b')])]);
    expect(batchesOf(result)).toMatchObject([{ left: [pinned('web/b')], counts: { outcomes: { SKIPPED: 1 } } }]);
  });

  test('leaves alone a deployment without a start time that was not in the first response', async () => {
    const unknown = { ...listed('web/a'), startedAt: undefined };
    const first = await find([page([unknown])]);
    expect(batchesOf(first.result)).toMatchObject([{ left: ['web/a id-of-a'] }]);
    const later = await find([callError('throttled'), page([unknown])]);
    expect(later.result).toMatchObject({ next: 'END', result: { failed: false, attributes: { untouched: '1' } } });
  });

  test('is listed once more if not all of it is in flight, and keeps what was in flight at first', async () => {
    const first = page([listed('web/a'), listed('web/b', 'COMPLETED', 'v')]);
    const second = page([listed('web/a', 'IN_PROGRESS', 'newer'), listed('web/b', 'IN_PROGRESS', 'w')]);
    const { result, lister, clock } = await find([first, second]);
    expect(lister.tokens).toEqual([undefined, undefined]);
    expect(clock.sleeps).toEqual([SECOND_READ_DELAY_MS]);
    expect(batchesOf(result)).toMatchObject([
      { left: [pinned('web/a'), pinned('web/b', 'w')], counts: { outcomes: {} } },
    ]);
  });

  test('is listed only once if there is no time left', async () => {
    const clock = new TestClock(START + 30_000);
    const { lister } = await find([page([listed('web/a', 'COMPLETED')])], { settings: { timeoutSeconds: 30 } }, clock);
    expect(lister.tokens).toEqual([undefined]);
  });

  test('that is found when no time is left is not cancelled', async () => {
    const clock = new TestClock(START + 30_000);
    const { result } = await find([page(many(3))], { settings: { timeoutSeconds: 30 } }, clock);
    expect(result).toMatchObject({
      next: 'END',
      result: {
        outcome: 'TIMED_OUT',
        failed: true,
        reason:
          '3 of the service instances of web are in flight, but the timeout of 30 s had passed when they were found: nothing was cancelled',
      },
    });
  });

  test.each([
    [1, 1],
    [BATCH_SIZE, 1],
    [BATCH_SIZE + 1, 2],
    [BATCH_SIZE * MAX_BATCHES, MAX_BATCHES],
    [BATCH_SIZE * MAX_BATCHES + 1, 39],
    [MAX_IN_FLIGHT, MAX_BATCHES],
  ])('of %d deployments has %d batches, all at the same time', async (count, batches) => {
    const { result } = await find([page(many(count))]);
    expect(batchesOf(result)).toHaveLength(batches);
    expect(batchesOf(result).flatMap(({ left }) => left)).toHaveLength(count);
    expect(Math.max(...batchesOf(result).map(({ left }) => left.length))).toBeLessThanOrEqual(MAX_BATCH_SIZE);
    expect(result).toMatchObject({ activeCount: count });
  });

  test.each([
    [100, 2, { batches: 2, maxActive: 25, activeCount: 50 }],
    [1_000, 1, { batches: 1, maxActive: 25, activeCount: 25 }],
    [2_000, 40, { batches: 20, maxActive: 50, activeCount: 1_000 }],
    [4_000, 4, { batches: 1, maxActive: 100, activeCount: 100 }],
    [10_000, 41, { batches: 4, maxActive: 250, activeCount: 1_000 }],
    [10_000, 400, { batches: 40, maxActive: 250, activeCount: 10_000 }],
  ])('of %d deployments has at most %d times 25 at the same time', async (count, concurrency, expected) => {
    const { result } = await find([page(many(count))], { concurrency: String(concurrency) });
    const { batches, maxActive, activeCount } = expected;
    expect(result).toMatchObject({ activeCount });
    expect(batchesOf(result)).toHaveLength(batches);
    for (const batch of batchesOf(result)) expect(batch.maxActive).toBe(maxActive);
    expect(activeCount).toBeLessThanOrEqual(concurrency * BATCH_SIZE);
  });

  const stateSize = (result: FindResult) =>
    // With the input, which is shorter than that for a fleet that is listed by a service.
    Buffer.byteLength(JSON.stringify(result)) + 4_000;

  test('of 1000 with the longest identifiers and ids fits into a state of 256 KiB', async () => {
    const longest = many(1_000).map((one, index) => ({
      ...one,
      key: `${'s'.repeat(100)}/${String(index).padStart(100, 'i')}`,
      deploymentId: String(index).padStart(36, 'd'),
    }));
    const { result } = await find([page([...longest, listed('web/idle', 'COMPLETED')])]);
    expect(batchesOf(result)).toHaveLength(MAX_BATCHES);
    expect(stateSize(result)).toBeLessThan(256 * 1024);
  });

  test('of 10,000 with random names, ids and start times fits as well, each pinned at least by its start time', async () => {
    const random = seededRandom(1);
    const hex = (length: number) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
    const deployments = Array.from({ length: MAX_IN_FLIGHT }, (_, index) => ({
      key: `team-${index % 40}/service-${hex(6)}-${index}`,
      phase: 'IN_PROGRESS' as const,
      deploymentId: `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`,
      startedAt: START - Math.floor(random() * 3_600_000),
    }));
    const { result } = await find([page(deployments)]);
    expect(stateSize(result)).toBeLessThan(256 * 1024);
    const items = batchesOf(result).flatMap(({ left }) => left);
    expect(items).toEqual(deployments.map(({ key, startedAt }) => `${key}  ${startedAt.toString(36)}`));
  });

  test.each([
    [MAX_CONCURRENCY, 'CANCEL'],
    [MAX_BATCH_SIZE / BATCH_SIZE, 'END'],
  ])(
    'of 10,000 with long names leaves room for the progress of each batch (%d times 25)',
    async (concurrency, next) => {
      const random = seededRandom(1);
      const name = () => Array.from({ length: 30 }, () => Math.floor(random() * 16).toString(16)).join('');
      const deployments = many(MAX_IN_FLIGHT).map((one) => ({ ...one, key: `web/${name()}` }));
      const { result } = await find([page(deployments)], { concurrency });
      expect(result).toMatchObject({ next });
    },
  );

  test('keeps the id of a deployment without a start time', async () => {
    const random = seededRandom(1);
    const id = () => Array.from({ length: 36 }, () => Math.floor(random() * 36).toString(36)).join('');
    const deployments = Array.from({ length: MAX_IN_FLIGHT - 1 }, (_, index) =>
      listed(`web/${index}`, 'IN_PROGRESS', id()),
    );
    const only = { key: 'web/only', phase: 'CANCELLING' as const, deploymentId: 'the-only-pin' };
    const { result } = await find([page([...deployments, only])]);
    expect(batchesOf(result).at(-1)?.left.at(-1)).toBe('web/only the-only-pin');
    expect(batchesOf(result)[0]?.left[0]).toBe(`web/0  ${(START - 60_000).toString(36)}`);
  });

  test('has a deployment that the first list does not have yet', async () => {
    const { result } = await find([page([]), page([listed('web/a')])]);
    // It was found in a later list, and started before the request.
    expect(batchesOf(result)).toMatchObject([{ left: [pinned('web/a')] }]);
  });

  test('with names that do not fit into a state is not cancelled at all', async () => {
    const random = seededRandom(1);
    const name = () => Array.from({ length: 60 }, () => Math.floor(random() * 36).toString(36)).join('');
    const { result } = await find([page(many(MAX_IN_FLIGHT).map((one) => ({ ...one, key: name() })))]);
    expect(result).toMatchObject({
      next: 'END',
      result: {
        outcome: 'ERROR',
        failed: true,
        reason:
          'the names of 10000 of the service instances of web, which are in flight, do not fit into the state of an execution: nothing was cancelled; cancel them in lists',
      },
    });
  });

  test.each([
    [MAX_CONCURRENCY, 10_000, 10_000],
    [MAX_BATCH_SIZE / BATCH_SIZE, 10_000, 250],
    [1, 1_000, 25],
  ])(
    'with a concurrency of %d and more than %d in flight is not cancelled at all',
    async (concurrency, max, atOnce) => {
      const { result } = await find([page(many(max + 1))], { concurrency });
      expect(result).toMatchObject({
        next: 'END',
        result: {
          outcome: 'ERROR',
          failed: true,
          reason: `${max + 1} of the service instances of web are in flight, and a fleet can hold ${max} with a maxConcurrency of ${atOnce}: nothing was cancelled; cancel them by service, or in lists`,
        },
      });
    },
  );

  test('without deployments in flight is the end', async () => {
    const { result } = await find([page([listed('web/a', 'COMPLETED'), listed('web/b', 'CANCELLED')])]);
    expect(result).toMatchObject({
      next: 'END',
      result: { failed: false, attributes: { summary: '2 deployments: 2 untouched', total: '2', untouched: '2' } },
    });
  });

  test('without deployments is the end, after a second list', async () => {
    const { result, lister } = await find([page([])]);
    expect(lister.tokens).toEqual([undefined, undefined]);
    expect(result).toMatchObject({ next: 'END', result: { failed: false, attributes: { summary: '0 deployments' } } });
  });
});

describe('a list whose pages take 9 s each, in a function that may run for 300 s', () => {
  const findSlowly = (pages: readonly PageResult[], settings?: Partial<CancellationSettings>) =>
    find(pages, { settings }, undefined, 300_000, {}, 9_000);
  const times = (count: number, key = 'web/a') => Array<Page>(count).fill(page([listed(key)], 'next'));
  const idle = page([listed('web/b', 'COMPLETED')]);
  const tooLong = {
    next: 'END',
    result: {
      outcome: 'ERROR',
      failed: true,
      reason:
        'the list of the service instances of web does not end in the time of one function: nothing was cancelled; cancel them in lists',
      attributes: {},
    },
  };

  test('has every page in the time of the function', async () => {
    const { result, lister } = await findSlowly([...times(30), page([listed('web/b')])]);
    expect(lister.tokens).toHaveLength(31);
    expect(batchesOf(result).flatMap(({ left }) => left)).toEqual([pinned('web/a'), pinned('web/b')]);
  });

  test('has no end in the time of the function: it fails in time, with the reason, and nothing is cancelled', async () => {
    const { result, clock } = await findSlowly(times(1));
    expect(result).toEqual(tooLong);
    // Another page would have begun later than this.
    expect(clock.now() - START).toBeLessThanOrEqual(300_000 - TIMEOUT_RESERVE_MS + 9_000);
  });

  test.each([
    ['has not even begun', 30, 31],
    ['has not ended', 20, 31],
  ])('is the first one, where the second one %s in the time of the function', async (_what, length, requests) => {
    const { result, lister, clock } = await findSlowly([...times(length), idle, ...times(1)]);
    expect(lister.tokens).toHaveLength(requests);
    expect(batchesOf(result)).toMatchObject([
      { left: [pinned('web/a')], counts: { outcomes: { NOTHING_TO_CANCEL: 1 } } },
    ]);
    expect(clock.now() - START).toBeLessThanOrEqual(300_000 - TIMEOUT_RESERVE_MS + 9_000);
  });

  test.each([
    ['has not ended', times(1)],
    ['cannot be repeated', [...times(29), idle]],
  ])('%s after an error, and is requested again by another function', async (_what, pages) => {
    const { result } = await findSlowly([callError('throttled'), ...pages]);
    expect(result).toEqual({ next: 'FIND', waitSeconds: 5 });
  });

  test('has not ended after an error and after the timeout: it fails', async () => {
    const { result } = await findSlowly([callError('throttled'), ...times(1)], { timeoutSeconds: 240 });
    expect(result).toEqual(tooLong);
  });
});

describe('a list of deployments', () => {
  const fleet = {
    kind: 'list',
    deployments: ['a', 'b', 'c'].map((serviceInstanceName) => ({
      kind: 'proton-service-instance',
      identifiers: { serviceName: 'web', serviceInstanceName },
    })),
  };

  test('is read one by one, and the deployments in flight are pinned, but not cancelled', async () => {
    const reads = { a: found('IN_PROGRESS', 'x'), b: found('COMPLETED', 'y'), c: found('CANCELLING', 'z') };
    const { result, lister, calls } = await find([], { fleet }, undefined, undefined, reads);
    expect(lister.tokens).toEqual([]);
    // One that is over may be behind what was started since, and is read twice.
    expect(calls).toEqual(['describe a', 'describe b', 'describe c', 'describe b']);
    expect(result).toMatchObject({ next: 'CANCEL', activeCount: 2 });
    expect(batchesOf(result)).toMatchObject([
      {
        left: [
          { key: '0', progress: { next: 'CANCEL', pinnedDeploymentId: 'x' } },
          { key: '2', progress: { next: 'AWAIT', pinnedDeploymentId: 'z' } },
        ],
        counts: { outcomes: { NOTHING_TO_CANCEL: 1 } },
      },
    ]);
  });

  test('without deployments in flight is the end', async () => {
    const over = found('COMPLETED');
    const { result } = await find([], { fleet }, undefined, undefined, { a: over, b: over, c: over });
    expect(result).toMatchObject({ next: 'END', result: { attributes: { summary: '3 deployments: 3 untouched' } } });
  });

  test('does not wait for one with errors', async () => {
    const reads = { a: found('IN_PROGRESS'), b: callError('throttled'), c: callError('denied') };
    const { result, clock } = await find([], { fleet }, undefined, undefined, reads);
    expect(clock.now() - START).toBeLessThan(30_000);
    expect(batchesOf(result)).toMatchObject([
      {
        left: [{ progress: { next: 'CANCEL' } }, { progress: { next: 'FIND' } }, { progress: { next: 'FIND' } }],
        counts: { outcomes: {} },
      },
    ]);
  });
});

describe('an error', () => {
  test('that is temporary is followed by a backoff, and the page is requested again', async () => {
    const { result, lister, clock } = await find([
      page([listed('web/a')], 'next'),
      callError('throttled'),
      callError('server-error'),
      page([listed('web/b')]),
    ]);
    expect(lister.tokens).toEqual([undefined, 'next', 'next', 'next']);
    expect(clock.sleeps).toEqual([750, 1500]);
    expect(batchesOf(result).flatMap(({ left }) => left)).toEqual([pinned('web/a'), pinned('web/b')]);
  });

  test('that goes on makes the function return before its timeout', async () => {
    const { result, clock } = await find([callError('throttled')], {}, undefined, 60_000);
    expect(result).toEqual({ next: 'FIND', waitSeconds: expect.any(Number) });
    expect(clock.now() - START).toBeLessThanOrEqual(60_000 - TIMEOUT_RESERVE_MS);
    expect(TIMEOUT_RESERVE_MS).toBeGreaterThan(CALL_TIMEOUT_MS);
  });

  test.each([
    ['denied', 'ACCESS_DENIED', 'not allowed to call proton:Some on arn'],
    ['rejected', 'REFUSED', 'the service refused proton:Some: SomeException: a message'],
    ['unreachable', 'UNAVAILABLE', 'https://proton.example gave no usable answer to proton:Some'],
    ['throttled', 'TIMED_OUT', 'the timeout of 40 s has passed'],
  ] as const)('of type %s ends as %s', async (kind, outcome, cause) => {
    const timeoutSeconds = kind === 'throttled' ? 40 : 1800;
    const { result } = await find([callError(kind)], { settings: { timeoutSeconds } });
    expect(result).toMatchObject({
      next: 'END',
      result: { outcome, failed: true, reason: expect.stringContaining(cause) },
    });
  });

  test.each([
    ['fail', { failed: true, outcome: 'NOT_FOUND', reason: expect.stringContaining('web was not found') }],
    ['succeed', { failed: false, attributes: { summary: '0 deployments' } }],
  ] as const)('that the service does not exist is decided by onNotFound: %s', async (onNotFound, expected) => {
    const missing = { kind: 'not-found', deploymentStatus: 'UNKNOWN' } as const;
    const { result } = await find([missing], { settings: { onNotFound } });
    expect(result).toMatchObject({ next: 'END', result: expected });
  });
});

test('an endpoint that is not declared is rejected, and nothing is called', async () => {
  const { result, lister } = await find([], { settings: { endpoint: 'https://other.example' } });
  expect(result).toMatchObject({
    next: 'END',
    result: {
      outcome: 'ERROR',
      failed: true,
      reason:
        'settings.endpoint https://other.example is not declared: declare a cancellation with this endpoint in the stack of the workflow',
    },
  });
  expect(lister.tokens).toEqual([]);
});

test.each([
  ['no fleet', { fleet: null }, 'fleet must be an object, not null'],
  ['a fleet of another kind', { fleet: { kind: 'constructor' } }, 'fleet.kind must be one of'],
  [
    'no identifiers',
    { fleet: { kind: 'proton-service-instances' } },
    'fleet.identifiers must be an object, not missing',
  ],
  [
    'an invalid name',
    { fleet: { kind: 'proton-environment-instances', identifiers: { environmentName: '-' } } },
    "environmentName must start with a letter or digit and hold only letters, digits, '-' and '_', not '-'",
  ],
  ['an empty list', { fleet: { kind: 'list', deployments: [] } }, 'fleet.deployments must hold from 1 to 100'],
  ['a long list', { fleet: { kind: 'list', deployments: Array(101).fill({}) } }, 'deployments, not 101'],
  ['no list', { fleet: { kind: 'list', deployments: 'web' } }, 'fleet.deployments must be a list, not "web"'],
  ['a list of nothing', { fleet: { kind: 'list', deployments: [{}] } }, 'deployment.kind must be one of'],
  ['too many at once', { concurrency: '401' }, 'concurrency must be a whole number from 1 to 400, not "401"'],
  ['none at once', { concurrency: 0 }, 'concurrency must be a whole number from 1 to 400, not 0'],
] satisfies [string, EventOptions, string][])(
  '%s is rejected, and nothing is called',
  async (_what, options, reason) => {
    const { result, lister } = await find([], options);
    expect(result).toMatchObject({
      next: 'END',
      result: { outcome: 'ERROR', failed: true, reason: expect.stringContaining(reason) },
    });
    expect(lister.tokens).toEqual([]);
  },
);

test('nothing that could be sensitive is logged', async () => {
  await find([callError('throttled'), page([{ ...listed('web/a'), ...{ spec: found('IN_PROGRESS') } }])]);
  expect(JSON.stringify(logged.mock.calls)).not.toMatch(/a message|spec/);
});

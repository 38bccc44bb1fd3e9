import type { Driver, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { CALL_TIMEOUT_MS, TIMEOUT_RESERVE_MS } from '../../../../lambda/deployment/engine/polling';
import { findFleet } from '../../../../lambda/deployment/fleet/find';
import type { FleetLister, Listed, Page } from '../../../../lambda/deployment/fleet/fleet-lister';
import { type CancellationSettings, CONTRACT_VERSION } from '../../../../lib/contract/cancellation';
import { BATCH_SIZE, type FindResult, MAX_BATCHES, MAX_IN_FLIGHT } from '../../../../lib/contract/fleet';
import { callError, found, TestClock } from './fixtures';

const START = Date.UTC(2026, 9, 1);
const FLEET = { kind: 'proton-service-instances', identifiers: { serviceName: 'web' } } as const;
const POLICY: CancellationSettings = {
  timeoutSeconds: 1800,
  failOn: [],
  onNotFound: 'fail',
  includeStatusMessage: false,
};

interface Asked {
  readonly fleet?: unknown;
  readonly settings?: Partial<CancellationSettings>;
  readonly concurrency?: unknown;
}

function eventOf({ fleet = FLEET, settings, concurrency = MAX_BATCHES }: Asked = {}) {
  const request = { contractVersion: CONTRACT_VERSION, fleet, settings: { ...POLICY, ...settings }, concurrency };
  return { fleetStep: 'FIND', request, startTime: new Date(START).toISOString() } as const;
}

type Answer = Awaited<ReturnType<FleetLister['page']>>;

/** Answers one after the other, the last of them for ever, and keeps what was asked. */
class ScriptedRoster implements FleetLister {
  readonly displayName = 'service instances of web';
  readonly unavailableHint = 'a hint';
  readonly asked: (string | undefined)[] = [];

  constructor(private readonly answers: readonly Answer[]) {}

  async page(from?: string): Promise<Answer> {
    const answer = this.answers[Math.min(this.asked.length, this.answers.length - 1)];
    this.asked.push(from);
    if (!answer) throw new Error('no answer');
    return answer;
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
});
const page = (items: readonly Listed[], next?: string): Page => ({ kind: 'page', listed: items, next });
const many = (count: number) => Array.from({ length: count }, (_, index) => listed(`web/${index}`));

async function find(
  answers: readonly Answer[],
  asked: Asked = {},
  clock = new TestClock(START),
  functionTimeout = 300_000,
  sightings: Readonly<Record<string, ReadResult>> = {},
) {
  const lister = new ScriptedRoster(answers);
  const calls: string[] = [];
  const until = clock.now() + functionTimeout;
  const search = await findFleet(eventOf(asked), {
    clock,
    remaining: () => until - clock.now(),
    listerFor: () => lister,
    driverFor: ({ deployment: { identifiers } }) => driverOf(identifiers.serviceInstanceName ?? '', sightings, calls),
  });
  return { search, lister, clock, calls };
}

function driverOf(name: string, sightings: Readonly<Record<string, ReadResult>>, calls: string[]): Driver {
  const answer = async (call: string): Promise<never> => {
    calls.push(`${call} ${name}`);
    return sightings[name] as never;
  };
  return {
    displayName: `service instance web/${name}`,
    unavailableHint: 'a hint',
    describe: () => answer('look'),
    describeById: () => answer('look at'),
    cancel: () => answer('cancel'),
  };
}

function batchesOf(search: FindResult) {
  if (search.next !== 'CANCEL') throw new Error(`nothing was found: ${JSON.stringify(search)}`);
  return search.batches;
}

let logged: jest.SpyInstance;
beforeEach(() => {
  logged = jest.spyOn(console, 'info').mockImplementation(() => undefined);
});
afterEach(() => {
  logged.mockRestore();
});

describe('what is found', () => {
  test('is pinned, page after page, and what is idle is counted', async () => {
    const first = page([listed('web/a'), listed('web/b', 'COMPLETED')], 'next');
    const { search, lister } = await find([first, page([listed('web/c', 'CANCELLING'), listed('web/d', 'FAILED')])]);
    expect(lister.asked).toEqual([undefined, 'next']);
    expect(search).toEqual({
      next: 'CANCEL',
      concurrency: MAX_BATCHES,
      activeCount: 2,
      batches: [
        {
          next: 'CANCEL',
          waitSeconds: 0,
          left: ['web/a id-of-a', 'web/c id-of-c'],
          counts: { outcomes: { NOTHING_TO_CANCEL: 2 }, failures: 0, failedDeployments: [], omitted: 0 },
        },
      ],
    });
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
  ] as const)('in the phase %s is in flight: %s', async (phase, inFlight) => {
    const { search } = await find([page([listed('web/a', phase), listed('web/other')])]);
    expect(batchesOf(search).flatMap(({ left }) => left)).toHaveLength(inFlight ? 2 : 1);
  });

  test('twice, because the list moved between two pages, is cancelled once, as it was seen last', async () => {
    const { search } = await find([
      page([listed('web/a', 'IN_PROGRESS', 'old')], 'next'),
      page([listed('web/a', 'IN_PROGRESS', 'new')]),
    ]);
    expect(batchesOf(search).flatMap(({ left }) => left)).toEqual(['web/a new']);
  });

  test.each([
    ['no id', undefined],
    ['an id that is none', 'an id'],
    ['an id that is too long to be carried along', 'x'.repeat(37)],
  ])('with %s is pinned when it is read', async (_what, deploymentId) => {
    const { search } = await find([page([{ key: 'web/a', phase: 'IN_PROGRESS', deploymentId }])]);
    expect(batchesOf(search).flatMap(({ left }) => left)).toEqual(['web/a']);
  });

  test.each([
    [1, 1],
    [BATCH_SIZE, 1],
    [BATCH_SIZE + 1, 2],
    [MAX_IN_FLIGHT, MAX_BATCHES],
  ])('as %d deployments goes into %d batches', async (count, batches) => {
    const { search } = await find([page(many(count))]);
    expect(batchesOf(search)).toHaveLength(batches);
    expect(batchesOf(search).flatMap(({ left }) => left)).toHaveLength(count);
    expect(search).toMatchObject({ activeCount: count });
  });

  test('is a activeCount of no more than are under way at the same time', async () => {
    const { search } = await find([page(many(100))], { concurrency: '2' });
    expect(search).toMatchObject({ concurrency: 2, activeCount: 50 });
  });

  test('with the longest identifiers and ids fits into a state of 256 KiB', async () => {
    const longest = many(MAX_IN_FLIGHT).map((one, index) => ({
      ...one,
      key: `${'s'.repeat(100)}/${String(index).padStart(100, 'i')}`,
      deploymentId: String(index).padStart(36, 'd'),
    }));
    const { search } = await find([page([...longest, listed('web/idle', 'COMPLETED')])]);
    expect(batchesOf(search)).toHaveLength(MAX_BATCHES);
    // With the input, which is at most so long for a fleet that is found.
    expect(Buffer.byteLength(JSON.stringify(search)) + 4_000).toBeLessThan(256 * 1024);
  });

  test('as more than a fleet can hold is not cancelled at all', async () => {
    const { search } = await find([page(many(MAX_IN_FLIGHT + 1))]);
    expect(search).toMatchObject({
      next: 'END',
      result: {
        outcome: 'ERROR',
        failed: true,
        reason:
          '1001 of the service instances of web are in flight, and a fleet can hold 1000: nothing was cancelled; cancel them by service, or in lists',
      },
    });
  });

  test('idle, all of it, is the end', async () => {
    const { search } = await find([page([listed('web/a', 'COMPLETED'), listed('web/b', 'CANCELLED')])]);
    expect(search).toMatchObject({
      next: 'END',
      result: { failed: false, attributes: { summary: '2 deployments: 2 untouched', total: '2', untouched: '2' } },
    });
  });

  test('not at all is the end as well', async () => {
    const { search } = await find([page([])]);
    expect(search).toMatchObject({ next: 'END', result: { failed: false, attributes: { summary: '0 deployments' } } });
  });
});

describe('a list', () => {
  const fleet = {
    kind: 'list',
    deployments: ['a', 'b', 'c'].map((serviceInstanceName) => ({
      kind: 'proton-service-instance',
      identifiers: { serviceName: 'web', serviceInstanceName },
    })),
  };

  test('is looked at, one by one, and what is in flight is pinned, but not cancelled', async () => {
    const sightings = { a: found('IN_PROGRESS', 'x'), b: found('COMPLETED', 'y'), c: found('CANCELLING', 'z') };
    const { search, lister, calls } = await find([], { fleet }, undefined, undefined, sightings);
    expect(lister.asked).toEqual([]);
    expect(calls).toEqual(['look a', 'look b', 'look c']);
    expect(search).toMatchObject({
      next: 'CANCEL',
      activeCount: 2,
      batches: [
        {
          left: [
            { key: '0', progress: { next: 'CANCEL', pinnedDeploymentId: 'x' } },
            { key: '2', progress: { next: 'AWAIT', pinnedDeploymentId: 'z' } },
          ],
          counts: { outcomes: { NOTHING_TO_CANCEL: 1 } },
        },
      ],
    });
  });

  test('in which nothing is in flight is the end', async () => {
    const over = found('COMPLETED');
    const { search } = await find([], { fleet }, undefined, undefined, { a: over, b: over, c: over });
    expect(search).toMatchObject({ next: 'END', result: { attributes: { summary: '3 deployments: 3 untouched' } } });
  });

  test('does not wait for one in trouble', async () => {
    const sightings = { a: found('IN_PROGRESS'), b: callError('throttled'), c: callError('denied') };
    const { search, clock } = await find([], { fleet }, undefined, undefined, sightings);
    expect(clock.now() - START).toBeLessThan(30_000);
    expect(search).toMatchObject({
      batches: [
        {
          left: [{ progress: { next: 'CANCEL' } }, { progress: { next: 'FIND' } }],
          counts: { outcomes: { ACCESS_DENIED: 1 } },
        },
      ],
    });
  });
});

describe('error', () => {
  test('that passes slows the search down, and the page is asked for again', async () => {
    const { search, lister, clock } = await find([
      page([listed('web/a')], 'next'),
      callError('throttled'),
      callError('server-error'),
      page([listed('web/b')]),
    ]);
    expect(lister.asked).toEqual([undefined, 'next', 'next', 'next']);
    expect(clock.sleeps).toEqual([750, 1500]);
    expect(batchesOf(search).flatMap(({ left }) => left)).toEqual(['web/a id-of-a', 'web/b id-of-b']);
  });

  test('that goes on is waited for by the state machine, before the function is cut off', async () => {
    const { search, clock } = await find([callError('throttled')], {}, undefined, 60_000);
    expect(search).toEqual({ next: 'FIND', waitSeconds: expect.any(Number) });
    expect(clock.now() - START).toBeLessThanOrEqual(60_000 - TIMEOUT_RESERVE_MS);
    expect(TIMEOUT_RESERVE_MS).toBeGreaterThan(CALL_TIMEOUT_MS);
  });

  test.each([
    ['denied', 'ACCESS_DENIED', 'not allowed to call proton:Some on arn'],
    ['rejected', 'REFUSED', 'the service refused proton:Some: SomeException: words'],
    ['unreachable', 'UNAVAILABLE', 'https://proton.example gave no usable answer to proton:Some'],
    ['throttled', 'TIMED_OUT', 'the timeout of 40 s has passed'],
  ] as const)('of the kind %s ends as %s', async (kind, outcome, cause) => {
    const timeoutSeconds = kind === 'throttled' ? 40 : 1800;
    const { search } = await find([callError(kind)], { settings: { timeoutSeconds } });
    expect(search).toMatchObject({
      next: 'END',
      result: { outcome, failed: true, reason: expect.stringContaining(cause) },
    });
  });

  test.each([
    ['fail', { failed: true, outcome: 'NOT_FOUND', reason: expect.stringContaining('web was not found') }],
    ['succeed', { failed: false, attributes: { summary: '0 deployments' } }],
  ] as const)('because there is no such service is what onNotFound says: %s', async (onNotFound, result) => {
    const missing = { kind: 'not-found', deploymentStatus: 'UNKNOWN' } as const;
    const { search } = await find([missing], { settings: { onNotFound } });
    expect(search).toMatchObject({ next: 'END', result });
  });
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
    'a name that is none',
    { fleet: { kind: 'proton-environment-instances', identifiers: { environmentName: '-' } } },
    "environmentName must start with a letter or digit and hold only letters, digits, '-' and '_', not '-'",
  ],
  ['an empty list', { fleet: { kind: 'list', deployments: [] } }, 'fleet.deployments must hold from 1 to 100'],
  ['a long list', { fleet: { kind: 'list', deployments: Array(101).fill({}) } }, 'deployments, not 101'],
  ['no list', { fleet: { kind: 'list', deployments: 'web' } }, 'fleet.deployments must be a list, not "web"'],
  ['a list of nothing', { fleet: { kind: 'list', deployments: [{}] } }, 'deployment.kind must be one of'],
  ['too many at once', { concurrency: '41' }, 'concurrency must be a whole number from 1 to 40, not "41"'],
  ['none at once', { concurrency: 0 }, 'concurrency must be a whole number from 1 to 40, not 0'],
] satisfies [string, Asked, string][])('%s is refused, and nothing is called', async (_what, asked, reason) => {
  const { search, lister } = await find([], asked);
  expect(search).toMatchObject({
    next: 'END',
    result: { outcome: 'ERROR', failed: true, reason: expect.stringContaining(reason) },
  });
  expect(lister.asked).toEqual([]);
});

test('nothing that could be sensitive is logged', async () => {
  await find([callError('throttled'), page([{ ...listed('web/a'), ...{ spec: found('IN_PROGRESS') } }])]);
  expect(JSON.stringify(logged.mock.calls)).not.toMatch(/words|spec/);
});

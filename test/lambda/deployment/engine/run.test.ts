import type { Clock } from '../../../../lambda/clock';
import type { CallError, Driver, Found, Phase, ReadResult } from '../../../../lambda/deployment/engine/driver';
import {
  CALL_TIMEOUT_MS,
  MAX_INVOCATION_POLL_MS,
  TIMEOUT_RESERVE_MS,
  UNREACHABLE_TIMEOUT_MS,
} from '../../../../lambda/deployment/engine/polling';
import { run, type StepDependencies } from '../../../../lambda/deployment/engine/run';
import {
  type CancellationSettings,
  CONTRACT_VERSION,
  type Progress,
  STEPS,
  type StepEvent,
} from '../../../../lib/contract/cancellation';

const START = Date.UTC(2026, 9, 1);
const FUNCTION_TIMEOUT = 300_000;
const NAMES = { serviceName: 'web', serviceInstanceName: 'web-prod' };
const POLICY: CancellationSettings = {
  timeoutSeconds: 1800,
  failOn: [],
  onNotFound: 'fail',
  includeStatusMessage: false,
};

/** Time that passes only where somebody waits, or a call takes long. */
class TestClock implements Clock {
  readonly sleeps: number[] = [];

  constructor(
    private time = START,
    readonly random: () => number = () => 0.5,
  ) {}

  now(): number {
    return this.time;
  }

  async sleep(ms: number): Promise<void> {
    this.sleeps.push(ms);
    this.time += ms;
  }

  pass(ms: number): void {
    this.time += ms;
  }
}

function request(settings: Partial<CancellationSettings> = {}) {
  return {
    contractVersion: CONTRACT_VERSION,
    deployment: { kind: 'proton-service-instance', identifiers: NAMES },
    settings: { ...POLICY, ...settings },
  };
}

function eventOf(progress?: Progress, settings: Partial<CancellationSettings> = {}): StepEvent {
  return { request: request(settings), startTime: new Date(START).toISOString(), progress };
}

function deps(driver: Driver, clock: Clock, functionTimeout = FUNCTION_TIMEOUT): StepDependencies {
  const until = clock.now() + functionTimeout;
  return { clock, remaining: () => until - clock.now(), driverFor: () => driver };
}

function found(phase: Phase, deploymentId: string | undefined = 'x'): Found {
  return { kind: 'found', phase, deploymentStatus: phase, deploymentId, attributes: {} };
}

function callError(kind: CallError['errorType']): CallError {
  return {
    kind: 'error',
    errorType: kind,
    action: 'proton:Some',
    resourceArn: 'arn',
    endpoint: 'https://proton.example',
    errorName: 'SomeException',
    message: 'words',
  };
}

/** Answers from lists, the last of each for ever, and keeps what was asked. */
class ScriptedDriver implements Driver {
  readonly displayName = 'service instance web/web-prod';
  readonly unavailableHint = 'a hint';
  readonly calls: string[] = [];

  constructor(
    private readonly looks: readonly ReadResult[],
    private readonly cancels: readonly (Found | CallError)[] = [found('CANCELLING')],
    private readonly onCall: () => void = () => undefined,
  ) {}

  private looked = 0;
  private cancelled = 0;

  async describe(): Promise<ReadResult> {
    return this.answer('look', this.looks, this.looked++);
  }

  async describeById(deploymentId: string): Promise<ReadResult> {
    return this.answer(`lookAt ${deploymentId}`, this.looks, this.looked++);
  }

  async cancel(): Promise<Found | CallError> {
    return this.answer('cancel', this.cancels, this.cancelled++);
  }

  private answer<T>(call: string, answers: readonly T[], index: number): T {
    this.calls.push(call);
    this.onCall();
    const answer = answers[Math.min(index, answers.length - 1)];
    if (answer === undefined) throw new Error(`no answer to ${call}`);
    return answer;
  }
}

let logged: jest.SpyInstance;
beforeEach(() => {
  logged = jest.spyOn(console, 'info').mockImplementation(() => undefined);
});
afterEach(() => {
  logged.mockRestore();
});

/** The lines from which it is counted how deployments ended. */
function ends() {
  return logged.mock.calls.map(([line]) => line).filter(({ event }) => event === 'ended');
}

test('an end is logged once, with its outcome, and how long after the start of the execution it came', async () => {
  const clock = new TestClock();
  let progress = await run(eventOf(), deps(new ScriptedDriver([found('IN_PROGRESS')]), clock));
  progress = await run(eventOf(progress), deps(new ScriptedDriver([found('IN_PROGRESS')]), clock));
  expect(ends()).toEqual([]);
  clock.pass(42_000);
  await run(eventOf(progress), deps(new ScriptedDriver([found('CANCELLED')]), clock));
  const end = { outcome: 'CANCELLED', failed: false, deploymentStatus: 'CANCELLED', deploymentId: 'x' };
  expect(ends()).toEqual([expect.objectContaining({ ...end, durationMs: 42_000 })]);
});

describe('a step', () => {
  test('that finds a deployment in flight gives its pin to the state machine and cancels nothing', async () => {
    const driver = new ScriptedDriver([found('IN_PROGRESS')]);
    const progress = await run(eventOf(), deps(driver, new TestClock()));
    expect(driver.calls).toEqual(['look']);
    expect(progress).toMatchObject({ next: STEPS.CANCEL, pinnedDeploymentId: 'x', waitSeconds: 0 });
  });

  test('that is asked for by a late event leaves alone what has started since', async () => {
    const late = { ...eventOf(), request: { ...request(), requestedAt: '2026-09-30T23:50:00Z' } };
    const started = (startedAt: number) => new ScriptedDriver([{ ...found('IN_PROGRESS'), startedAt }]);
    const before = await run(late, deps(started(START - 900_000), new TestClock()));
    expect(before).toMatchObject({ next: STEPS.CANCEL, pinnedDeploymentId: 'x' });
    const since = await run(late, deps(started(START - 300_000), new TestClock()));
    expect(since.result).toMatchObject({ outcome: 'SKIPPED', failed: false });
  });

  test('that cancels looks first, and leaves the waiting to the next', async () => {
    const driver = new ScriptedDriver([found('IN_PROGRESS')]);
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
    const progress = await run(eventOf(kept), deps(driver, new TestClock()));
    expect(driver.calls).toEqual(['look', 'cancel']);
    expect(progress).toMatchObject({ next: STEPS.AWAIT, requested: true, waitSeconds: 2 });
  });

  test('that is taken again after it was cut off finds its own cancellation, and sends no other', async () => {
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
    const driver = new ScriptedDriver([found('CANCELLING')]);
    expect(await run(eventOf(kept), deps(driver, new TestClock()))).toMatchObject({ next: STEPS.AWAIT });
    expect(driver.calls).toEqual(['look']);
  });

  test('that is taken again when a newer deployment has come neither pins nor cancels that one', async () => {
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
    const driver = new ScriptedDriver([found('IN_PROGRESS', 'y')]);
    const progress = await run(eventOf(kept), deps(driver, new TestClock()));
    expect(progress).toMatchObject({ next: STEPS.AWAIT, pinnedDeploymentId: 'x', supersededBy: 'y' });
    expect(driver.calls).toEqual(['look']);
  });

  test('that learns a name only now gives it to the state machine before it cancels', async () => {
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0 };
    const driver = new ScriptedDriver([found('IN_PROGRESS')]);
    const first = await run(eventOf(kept), deps(driver, new TestClock()));
    expect(driver.calls).toEqual(['look']);
    expect(first).toMatchObject({ next: STEPS.CANCEL, pinnedDeploymentId: 'x' });
    await run(eventOf(first), deps(driver, new TestClock()));
    expect(driver.calls).toEqual(['look', 'look', 'cancel']);
  });

  test('that cancels for a service which names no deployment needs no name', async () => {
    const nameless = (phase: Phase): Found => ({ ...found(phase), deploymentId: undefined });
    const driver = new ScriptedDriver([nameless('IN_PROGRESS')], [nameless('CANCELLING')]);
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0 };
    expect(await run(eventOf(kept), deps(driver, new TestClock()))).toMatchObject({ next: STEPS.AWAIT });
    expect(driver.calls).toEqual(['look', 'cancel']);
  });

  test('never cancels what it does not understand, and does as soon as it does', async () => {
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
    const driver = new ScriptedDriver([found('UNKNOWN'), found('UNKNOWN'), found('IN_PROGRESS')]);
    await run(eventOf(kept), deps(driver, new TestClock()));
    expect(driver.calls).toEqual(['look', 'look', 'look', 'cancel']);
  });

  test('that waits looks until it is over', async () => {
    const kept: Progress = { next: STEPS.AWAIT, waitSeconds: 2, pinnedDeploymentId: 'x', requested: true };
    const clock = new TestClock();
    const driver = new ScriptedDriver([found('CANCELLING'), found('CANCELLING'), found('CANCELLED')]);
    const progress = await run(eventOf(kept), deps(driver, clock));
    expect(progress.result).toMatchObject({ outcome: 'CANCELLED', failed: false });
    expect(clock.sleeps).toEqual([2_000, 2_000]);
  });

  test('that waits for a superseded deployment looks at it by its name', async () => {
    const kept: Progress = { next: STEPS.AWAIT, waitSeconds: 0, pinnedDeploymentId: 'x', supersededBy: 'y' };
    const driver = new ScriptedDriver([found('IN_PROGRESS'), found('COMPLETED')]);
    const progress = await run(eventOf(kept), deps(driver, new TestClock()));
    expect(driver.calls).toEqual(['lookAt x', 'lookAt x']);
    expect(progress.result?.outcome).toBe('SUPERSEDED');
  });

  test('takes a refused, a throttled and a lost cancel again only after a look', async () => {
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
    const driver = new ScriptedDriver(
      [found('IN_PROGRESS')],
      [callError('rejected'), callError('throttled'), callError('unreachable'), found('CANCELLING')],
    );
    const clock = new TestClock();
    expect(await run(eventOf(kept), deps(driver, clock))).toMatchObject({ next: STEPS.AWAIT, requested: true });
    expect(driver.calls).toEqual(['look', 'cancel', 'look', 'cancel', 'look', 'cancel', 'look', 'cancel']);
    expect(clock.sleeps).toEqual([750, 1_500, 3_000]);
  });
});

describe('the dwelling of an invocation', () => {
  const waiting: Progress = { next: STEPS.AWAIT, waitSeconds: 2, pinnedDeploymentId: 'x', requested: true };

  test('lasts as long as it is cheap, and then goes back to the state machine', async () => {
    const clock = new TestClock();
    const progress = await run(eventOf(waiting), deps(new ScriptedDriver([found('CANCELLING')]), clock));
    expect(progress.next).toBe(STEPS.AWAIT);
    const dwelt = clock.now() - START;
    expect(dwelt).toBeLessThanOrEqual(MAX_INVOCATION_POLL_MS);
    expect(dwelt).toBeGreaterThan(MAX_INVOCATION_POLL_MS - 10_000);
  });

  test.each([10_000, 60_000, 120_000])('leaves the reserve of an invocation of %d ms alone', async (timeout) => {
    const clock = new TestClock();
    await run(eventOf(waiting), deps(new ScriptedDriver([found('CANCELLING')]), clock, timeout));
    expect(clock.now() - START).toBeLessThanOrEqual(Math.max(0, timeout - TIMEOUT_RESERVE_MS));
  });

  test('is never cut off by Lambda, however slow the calls', async () => {
    const clock = new TestClock();
    const slow = () => clock.pass(CALL_TIMEOUT_MS);
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
    const driver = new ScriptedDriver([found('IN_PROGRESS')], [callError('throttled')], slow);
    await run(eventOf(kept), deps(driver, clock, 60_000));
    expect(clock.now() - START).toBeLessThan(60_000);
    expect(driver.calls.length).toBeGreaterThan(3);
  });

  test('ends when the clock jumps ahead', async () => {
    const clock = new TestClock();
    const driver = new ScriptedDriver([found('CANCELLING')], [], () => clock.pass(400_000));
    expect((await run(eventOf(waiting), deps(driver, clock))).next).toBe(STEPS.AWAIT);
    expect(driver.calls).toEqual(['look']);
  });

  test('ends with the deadline, at which it looks once more', async () => {
    const clock = new TestClock();
    const driver = new ScriptedDriver([found('CANCELLING')]);
    const progress = await run(eventOf(waiting, { timeoutSeconds: 3 }), deps(driver, clock));
    expect(clock.sleeps).toEqual([2_000, 1_000]);
    expect(progress.result).toMatchObject({ outcome: 'TIMED_OUT', failed: true });
  });

  test('goes on through a minute without any answer, and no longer', async () => {
    const clock = new TestClock();
    const driver = new ScriptedDriver([callError('unreachable')]);
    const { result } = await run(eventOf(), deps(driver, clock));
    expect(result).toMatchObject({ outcome: 'UNAVAILABLE', failed: true });
    expect(clock.now() - START).toBeGreaterThanOrEqual(UNREACHABLE_TIMEOUT_MS);
    expect(clock.now() - START).toBeLessThan(UNREACHABLE_TIMEOUT_MS + 20_000);
  });

  test('tells the state machine whole seconds', async () => {
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
    const clock = new TestClock(START, () => 0.93);
    const progress = await run(eventOf(kept), deps(new ScriptedDriver([found('IN_PROGRESS')]), clock));
    expect(progress.waitSeconds).toBe(3);
  });
});

describe('a request that is not valid', () => {
  const good = eventOf();
  test.each<[string, StepEvent]>([
    ['nothing', { ...good, request: undefined }],
    ['null', { ...good, request: null }],
    ['another version', { ...good, request: { ...request(), contractVersion: '2' } }],
    [
      'a name with a line break',
      {
        ...good,
        request: {
          ...request(),
          deployment: { kind: 'proton-service-instance', identifiers: { ...NAMES, serviceName: 'a\nb' } },
        },
      },
    ],
    ['no start', { ...good, startTime: '' }],
    ['a start that is no time', { ...good, startTime: 'yesterday' }],
    ['a start that is no text', { request: request() } as StepEvent],
  ])('ends as an error and calls nothing: %s', async (_, event) => {
    const driverFor = jest.fn();
    const progress = await run(event, { clock: new TestClock(), remaining: () => FUNCTION_TIMEOUT, driverFor });
    expect(driverFor).not.toHaveBeenCalled();
    expect(progress).toMatchObject({
      next: STEPS.END,
      waitSeconds: 0,
      result: { outcome: 'ERROR', failed: true, attributes: { outcome: 'ERROR', deploymentStatus: 'UNKNOWN' } },
    });
    expect(progress.result?.reason).toMatch(/^[a-z][^\n]*[^.]$/);
    expect(ends()).toEqual([expect.objectContaining({ outcome: 'ERROR', failed: true, durationMs: 0 })]);
  });
});

test('what a service says never reaches the log', async () => {
  const secret = 'hunter2';
  const telling: CallError = { ...callError('throttled'), message: `the message is ${secret}` };
  const status: Found = { ...found('CANCELLED'), attributes: { deploymentStatusMessage: secret } };
  const driver = new ScriptedDriver(
    [telling, found('IN_PROGRESS')],
    [{ ...telling, errorType: 'unreachable' }, found('CANCELLING')],
  );
  let progress = await run(eventOf(), deps(driver, new TestClock()));
  progress = await run(eventOf(progress), deps(driver, new TestClock()));
  await run(eventOf(progress), deps(new ScriptedDriver([telling, status]), new TestClock()));
  await run(eventOf(progress), deps(new ScriptedDriver([{ ...telling, errorType: 'denied' }]), new TestClock()));
  expect(logged.mock.calls.length).toBeGreaterThan(8);
  expect(JSON.stringify(logged.mock.calls)).not.toContain(secret);
  expect(JSON.stringify(logged.mock.calls)).toContain('SomeException');
});

/** A service with one instance, on which deployments follow one another; every fault a driver can meet is drawn. */
class SimulatedService implements Driver {
  readonly displayName = 'service instance web/web-prod';
  readonly unavailableHint = 'a hint';
  /** What was read right before each cancel that was sent, and which deployment it was sent for. */
  readonly sent: { readonly shown?: Found; readonly pinned?: string }[] = [];
  readonly deployments: { readonly id: string; phase: Phase; cancelTaken: boolean }[] = [];
  deleted = false;
  private last?: Found;

  constructor(
    private readonly random: () => number,
    private readonly clock: TestClock,
    private readonly naming: 'always' | 'never' | 'sometimes',
  ) {
    this.deploy();
  }

  get current() {
    return this.deployments.at(-1)!;
  }

  async describe(): Promise<ReadResult> {
    this.last = undefined;
    this.live();
    const fault = this.fault();
    if (fault) return fault;
    if (this.deleted) return { kind: 'not-found', deploymentStatus: 'DELETE_COMPLETE' };
    this.last = this.show();
    this.crash();
    return this.last;
  }

  async describeById(id: string): Promise<ReadResult> {
    this.live();
    const fault = this.fault();
    if (fault) return fault;
    const deployment = this.deployments.find((candidate) => candidate.id === id);
    return deployment ? found(deployment.phase, id) : { kind: 'not-found', deploymentStatus: 'UNKNOWN' };
  }

  async cancel(): Promise<Found | CallError> {
    this.sent.push({ shown: this.last });
    this.last = undefined;
    if (this.random() < 0.3) this.live();
    const before = this.fault();
    if (before) return before;
    if (this.deleted || this.current.phase !== 'IN_PROGRESS' || this.random() < 0.1) return callError('rejected');
    this.current.phase = 'CANCELLING';
    this.current.cancelTaken = true;
    this.crash();
    if (this.random() < 0.1) return callError(this.random() < 0.5 ? 'unreachable' : 'server-error');
    return this.show();
  }

  private show(): Found {
    const named = this.naming === 'always' || (this.naming === 'sometimes' && this.random() < 0.7);
    return { ...found(this.current.phase), deploymentId: named ? this.current.id : undefined };
  }

  private deploy(): void {
    const phase =
      this.random() < 0.85 ? 'IN_PROGRESS' : this.draw<Phase>(['COMPLETED', 'CANCELLING', 'DELETING', 'UNKNOWN']);
    this.deployments.push({ id: `d${this.deployments.length}`, phase, cancelTaken: phase === 'CANCELLING' });
  }

  /** Something happens between two calls, or nothing. */
  private live(): void {
    this.clock.pass(Math.floor(this.random() * 500));
    if (this.deleted || this.random() > 0.12) return;
    const { current } = this;
    const ends: Partial<Record<Phase, Phase[]>> = {
      IN_PROGRESS: ['COMPLETED', 'FAILED', 'CANCELLED'],
      UNKNOWN: ['IN_PROGRESS', 'COMPLETED'],
      CANCELLING: ['CANCELLED', 'CANCELLED', 'FAILED', 'COMPLETED'],
      DELETING: ['DELETION_OVER'],
    };
    const next = ends[current.phase];
    if (next) current.phase = this.draw(next);
    else if (this.random() < 0.2) this.deleted = true;
    if (!ends[current.phase] && this.random() < 0.3) this.deploy();
  }

  private fault(): CallError | undefined {
    if (this.random() > 0.15) return undefined;
    return callError(this.draw(['throttled', 'server-error', 'unreachable']));
  }

  /** The function is killed in the middle. */
  private crash(): void {
    if (this.random() < 0.05) throw new Error('killed');
  }

  private draw<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!;
  }
}

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe('in a world where everything goes wrong', () => {
  /** Steps as the state machine does: a step that was killed is taken again from what was kept. */
  async function play(seed: number) {
    const random = seeded(seed);
    const clock = new TestClock(START, random);
    const naming = (['always', 'never', 'sometimes'] as const)[seed % 3]!;
    const world = new SimulatedService(random, clock, naming);
    const timeoutSeconds = 30 + Math.floor(random() * 300);
    const pins = new Set<string>();
    let progress: Progress | undefined;
    while (progress?.next !== STEPS.END) {
      if (progress?.next === STEPS.AWAIT) await clock.sleep(progress.waitSeconds * 1000);
      const sent = world.sent.length;
      try {
        progress = await run(eventOf(progress, { timeoutSeconds }), deps(world, clock));
      } catch (error) {
        if (!(error instanceof Error) || error.message !== 'killed') throw error;
        clock.pass(1_000);
      }
      for (const one of world.sent.slice(sent)) Object.assign(one, { pinned: [...pins][0] });
      if (progress?.pinnedDeploymentId) pins.add(progress.pinnedDeploymentId);
    }
    return { seed, naming, world, clock, timeoutSeconds, pins, progress, result: progress.result! };
  }

  /** What is wrong with how it came out; empty where nothing is. */
  function wrong({ naming, world, clock, timeoutSeconds, pins, progress, result }: Awaited<ReturnType<typeof play>>) {
    const { outcome, reason, attributes } = result;
    const pinned = world.deployments.find(({ id }) => id === progress.pinnedDeploymentId);
    const meant = pinned ?? world.deployments[0]!;
    const found: string[] = [];
    const must = (holds: boolean, what: string) => holds || found.push(what);

    must(pins.size <= 1, 'one pin');
    for (const { shown, pinned: pin } of world.sent) {
      must(shown?.phase === 'IN_PROGRESS', 'a cancel follows a read that shows it in progress');
      must(shown?.deploymentId === pin, 'a cancel follows a read that shows the pinned deployment');
    }
    must(/^[a-z](?!.*\.$)[^\n]*$/.test(reason) && !/undefined|NaN/.test(reason), `a good sentence, not ${reason}`);
    must(clock.now() - START <= timeoutSeconds * 1000 + 5_000, 'in time');
    must(attributes.deploymentId === progress.pinnedDeploymentId, 'the deployment that was pinned');
    // Without names, nobody can tell one deployment from the next.
    if (naming === 'never') return found;
    switch (outcome) {
      case 'CANCELLED':
        must(meant.phase === 'CANCELLED', outcome);
        break;
      case 'COMPLETED_FIRST':
        must(meant.phase === 'COMPLETED', outcome);
        break;
      case 'CANCEL_FAILED':
        must(meant.phase === 'FAILED' && (meant.cancelTaken || world.sent.length > 0), outcome);
        break;
      case 'NOTHING_TO_CANCEL':
        must(world.deleted || ['COMPLETED', 'FAILED', 'CANCELLED', 'DELETION_OVER'].includes(meant.phase), outcome);
        break;
      case 'SUPERSEDED':
        must(world.deleted || meant.phase === 'DELETION_OVER' || world.current !== meant, outcome);
        break;
      case 'NOT_FOUND':
        must(world.deleted, outcome);
        break;
      case 'TIMED_OUT':
        must(clock.now() - START >= timeoutSeconds * 1000, outcome);
        break;
      case 'REFUSED':
        must((progress.rejections ?? 0) >= 3, outcome);
        break;
      case 'UNAVAILABLE':
        break;
      default:
        found.push(`an outcome that nothing here leads to: ${outcome}`);
    }
    return found;
  }

  test('nothing but the pinned deployment is cancelled knowingly, and every answer is true', async () => {
    const seeds = Array.from({ length: 3_000 }, (_, seed) => seed);
    const outcomes = new Map<string, number>();
    const broken: unknown[] = [];
    for (const seed of seeds) {
      const played = await play(seed);
      outcomes.set(played.result.outcome, (outcomes.get(played.result.outcome) ?? 0) + 1);
      const found = wrong(played);
      if (found.length > 0) broken.push({ seed, found, result: played.result, deployments: played.world.deployments });
    }
    expect(broken.slice(0, 3)).toEqual([]);
    const reached = [
      'CANCELLED',
      'CANCEL_FAILED',
      'COMPLETED_FIRST',
      'NOTHING_TO_CANCEL',
      'NOT_FOUND',
      'REFUSED',
      'SUPERSEDED',
      'TIMED_OUT',
    ];
    expect([...outcomes.keys()].sort()).toEqual(expect.arrayContaining(reached));
  });
});

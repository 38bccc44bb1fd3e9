import type { CallError, Driver, Found, Phase, ReadResult } from '../../../../lambda/deployment/engine/driver';
import {
  CALL_TIMEOUT_MS,
  invocationPollMs,
  NEVER_ALLOWED_TIMEOUT_MS,
  TIMEOUT_RESERVE_MS,
  UNREACHABLE_TIMEOUT_MS,
} from '../../../../lambda/deployment/engine/polling';
import { run } from '../../../../lambda/deployment/engine/run';
import { type Progress, STEPS, type StepEvent } from '../../../../lib/contract/cancellation';
import { callError, found } from '../fleet/fixtures';
import { deps, eventOf, FUNCTION_TIMEOUT, NAMES, request, START, TestClock } from './run-fixtures';

/** Returns results from lists, the last one of each repeatedly, and records the calls. */
class ScriptedDriver implements Driver {
  readonly displayName = 'service instance web/web-prod';
  readonly unavailableHint = 'a hint';
  readonly calls: string[] = [];

  constructor(
    private readonly reads: readonly ReadResult[],
    private readonly cancels: readonly (Found | CallError)[] = [found('CANCELLING')],
    private readonly onCall: () => void = () => undefined,
  ) {}

  private readCount = 0;
  private cancelCount = 0;

  async describe(): Promise<ReadResult> {
    return this.next('describe', this.reads, this.readCount++);
  }

  async describeById(deploymentId: string): Promise<ReadResult> {
    return this.next(`describeById ${deploymentId}`, this.reads, this.readCount++);
  }

  async cancel(): Promise<Found | CallError> {
    return this.next('cancel', this.cancels, this.cancelCount++);
  }

  private next<T>(call: string, results: readonly T[], index: number): T {
    this.calls.push(call);
    this.onCall();
    const result = results[Math.min(index, results.length - 1)];
    if (result === undefined) throw new Error(`no result of ${call}`);
    return result;
  }
}

let logged: jest.SpyInstance;
beforeEach(() => {
  logged = jest.spyOn(console, 'info').mockImplementation(() => undefined);
});
afterEach(() => {
  logged.mockRestore();
});

/** The log lines that the metrics count. */
function ends() {
  return logged.mock.calls.map(([line]) => line).filter(({ event }) => event === 'ended');
}

test('an end is logged once, with its outcome and the time since the start of the execution', async () => {
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
  test('that finds a deployment in flight returns its pin to the state machine and cancels nothing', async () => {
    const driver = new ScriptedDriver([found('IN_PROGRESS')]);
    const progress = await run(eventOf(), deps(driver, new TestClock()));
    expect(driver.calls).toEqual(['describe']);
    expect(progress).toMatchObject({ next: STEPS.CANCEL, pinnedDeploymentId: 'x', waitSeconds: 0 });
  });

  test('of a late event skips a deployment that has started since', async () => {
    const late = { ...eventOf(), request: { ...request(), requestedAt: '2026-09-30T23:50:00Z' } };
    const started = (startedAt: number) => new ScriptedDriver([{ ...found('IN_PROGRESS'), startedAt }]);
    const earlier = await run(late, deps(started(START - 900_000), new TestClock()));
    expect(earlier).toMatchObject({ next: STEPS.CANCEL, pinnedDeploymentId: 'x' });
    const since = await run(late, deps(started(START - 300_000), new TestClock()));
    expect(since.result).toMatchObject({ outcome: 'SKIPPED', failed: false });
  });

  test('that cancels reads first, and returns before it waits', async () => {
    const driver = new ScriptedDriver([found('IN_PROGRESS')]);
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
    const progress = await run(eventOf(kept), deps(driver, new TestClock()));
    expect(driver.calls).toEqual(['describe', 'cancel']);
    expect(progress).toMatchObject({ next: STEPS.AWAIT, requested: true, waitSeconds: 2 });
  });

  test('that is retried after an interruption finds its own cancellation, and sends no other', async () => {
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
    const driver = new ScriptedDriver([found('CANCELLING')]);
    expect(await run(eventOf(kept), deps(driver, new TestClock()))).toMatchObject({ next: STEPS.AWAIT });
    expect(driver.calls).toEqual(['describe']);
  });

  test('that is retried after a newer deployment has started neither pins nor cancels that one', async () => {
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
    const driver = new ScriptedDriver([found('IN_PROGRESS', 'y')]);
    const progress = await run(eventOf(kept), deps(driver, new TestClock()));
    expect(progress).toMatchObject({ next: STEPS.AWAIT, pinnedDeploymentId: 'x', supersededBy: 'y' });
    expect(driver.calls).toEqual(['describe']);
  });

  test('that reads the first id returns it to the state machine before it cancels', async () => {
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0 };
    const driver = new ScriptedDriver([found('IN_PROGRESS')]);
    const first = await run(eventOf(kept), deps(driver, new TestClock()));
    expect(driver.calls).toEqual(['describe']);
    expect(first).toMatchObject({ next: STEPS.CANCEL, pinnedDeploymentId: 'x' });
    await run(eventOf(first), deps(driver, new TestClock()));
    expect(driver.calls).toEqual(['describe', 'describe', 'cancel']);
  });

  test('of a service without deployment ids cancels without an id', async () => {
    const withoutId = (phase: Phase): Found => ({ ...found(phase), deploymentId: undefined });
    const driver = new ScriptedDriver([withoutId('IN_PROGRESS')], [withoutId('CANCELLING')]);
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0 };
    expect(await run(eventOf(kept), deps(driver, new TestClock()))).toMatchObject({ next: STEPS.AWAIT });
    expect(driver.calls).toEqual(['describe', 'cancel']);
  });

  test('cancels nothing with an unknown status, and cancels as soon as the status is known', async () => {
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
    const driver = new ScriptedDriver([found('UNKNOWN'), found('UNKNOWN'), found('IN_PROGRESS')]);
    await run(eventOf(kept), deps(driver, new TestClock()));
    expect(driver.calls).toEqual(['describe', 'describe', 'describe', 'cancel']);
  });

  test('that awaits polls until the deployment is over', async () => {
    const kept: Progress = { next: STEPS.AWAIT, waitSeconds: 2, pinnedDeploymentId: 'x', requested: true };
    const clock = new TestClock();
    const driver = new ScriptedDriver([found('CANCELLING'), found('CANCELLING'), found('CANCELLED')]);
    const progress = await run(eventOf(kept), deps(driver, clock));
    expect(progress.result).toMatchObject({ outcome: 'CANCELLED', failed: false });
    expect(clock.sleeps).toEqual([2_000, 2_000]);
  });

  test('that awaits a superseded deployment reads it by its id', async () => {
    const kept: Progress = { next: STEPS.AWAIT, waitSeconds: 0, pinnedDeploymentId: 'x', supersededBy: 'y' };
    const driver = new ScriptedDriver([found('IN_PROGRESS'), found('COMPLETED')]);
    const progress = await run(eventOf(kept), deps(driver, new TestClock()));
    expect(driver.calls).toEqual(['describeById x', 'describeById x']);
    expect(progress.result?.outcome).toBe('SUPERSEDED');
  });

  test('repeats a rejected, a throttled and a lost cancel request only after a read', async () => {
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
    const driver = new ScriptedDriver(
      [found('IN_PROGRESS')],
      [callError('rejected'), callError('throttled'), callError('unreachable'), found('CANCELLING')],
    );
    const clock = new TestClock();
    expect(await run(eventOf(kept), deps(driver, clock))).toMatchObject({ next: STEPS.AWAIT, requested: true });
    expect(driver.calls).toEqual([
      'describe',
      'cancel',
      'describe',
      'cancel',
      'describe',
      'cancel',
      'describe',
      'cancel',
    ]);
    expect(clock.sleeps).toEqual([750, 1_500, 5_000]);
  });
});

describe('the first call of a new role', () => {
  const denied = callError('denied');

  test.each<[string, ScriptedDriver]>([
    ['read', new ScriptedDriver([denied, denied, { ...found('IN_PROGRESS'), startedAt: START - 60_000 }])],
    ['cancel request', new ScriptedDriver([found('IN_PROGRESS')], [denied, denied, found('CANCELLING')])],
  ])('may be denied, and is made again: %s', async (_what, driver) => {
    const clock = new TestClock();
    let progress = await run(eventOf(), deps(driver, clock));
    progress = await run(eventOf(progress), deps(driver, clock));
    expect(progress).toMatchObject({ next: STEPS.AWAIT, requested: true });
  });

  test('is denied for good after three minutes', async () => {
    const clock = new TestClock();
    const { result } = await run(eventOf(), deps(new ScriptedDriver([denied]), clock));
    expect(result).toMatchObject({ outcome: 'ACCESS_DENIED', reason: expect.stringContaining('proton:Some on arn') });
    expect(clock.now() - START).toBeGreaterThanOrEqual(NEVER_ALLOWED_TIMEOUT_MS);
    expect(clock.now() - START).toBeLessThan(NEVER_ALLOWED_TIMEOUT_MS + 20_000);
  });
});

test('a deployment that was listed, and is not found for some seconds, is stopped', async () => {
  const missing: ReadResult = { kind: 'not-found', deploymentStatus: 'UNKNOWN' };
  const driver = new ScriptedDriver([found('IN_PROGRESS'), missing, missing, missing, found('IN_PROGRESS')]);
  const clock = new TestClock();
  const pinned = await run(eventOf(), deps(driver, clock));
  expect(await run(eventOf(pinned), deps(driver, clock))).toMatchObject({ next: STEPS.AWAIT, requested: true });
  expect(driver.calls.filter((call) => call === 'cancel')).toHaveLength(1);
});

test('the id of the resource that was found first is used in every later call', async () => {
  const resourceIds: (string | undefined)[] = [];
  const driver: Driver = {
    displayName: 'stack web',
    unavailableHint: 'a hint',
    describe: async (_pinned, resourceId) => {
      resourceIds.push(resourceId);
      return { ...found('IN_PROGRESS'), resourceId: resourceIds.length === 1 ? 'stack-1' : 'stack-2' };
    },
    describeById: async (_id, resourceId) => {
      resourceIds.push(resourceId);
      return found('CANCELLED');
    },
    cancel: async (_pinned, resourceId) => {
      resourceIds.push(resourceId);
      return found('CANCELLING');
    },
  };
  const clock = new TestClock();
  const pinned = await run(eventOf(), deps(driver, clock));
  const cancelled = await run(eventOf(pinned), deps(driver, clock));
  await run(eventOf({ ...cancelled, supersededBy: 'y' }), deps(driver, clock));
  expect(resourceIds).toEqual([undefined, 'stack-1', 'stack-1', 'stack-1']);
});

describe('one of many cancellations', () => {
  const loaded = (driver: Driver, clock: TestClock) => ({ ...deps(driver, clock), load: { cancellations: 60 } });

  test('goes back to the state machine with every wait, and takes its progress along', async () => {
    const clock = new TestClock();
    const driver = new ScriptedDriver([found('COMPLETED', 'w'), callError('throttled'), found('IN_PROGRESS')]);
    const first = await run(eventOf(), loaded(driver, clock));
    expect(first).toMatchObject({ next: STEPS.FIND, idle: true, waitSeconds: 5 });
    const second = await run(eventOf(first), loaded(driver, clock));
    expect(second).toMatchObject({ next: STEPS.FIND, idle: true, consecutiveErrors: 1, waitSeconds: 1 });
    expect(clock.sleeps).toEqual([]);
  });

  test('awaits the end without polling', async () => {
    const clock = new TestClock();
    const waiting: Progress = { next: STEPS.AWAIT, waitSeconds: 2, pinnedDeploymentId: 'x', requested: true };
    const progress = await run(eventOf(waiting), loaded(new ScriptedDriver([found('CANCELLING')]), clock));
    expect(progress).toMatchObject({ next: STEPS.AWAIT, waitSeconds: 3 });
    expect(clock.sleeps).toEqual([]);
  });
});

describe('an endpoint', () => {
  const endpoint = 'https://proton.example';

  test('that the stack has declared is used', async () => {
    const driver = new ScriptedDriver([found('IN_PROGRESS')]);
    const declared = { ...deps(driver, new TestClock()), endpoints: ['https://other.example', endpoint] };
    expect(await run(eventOf(undefined, { endpoint }), declared)).toMatchObject({ next: STEPS.CANCEL });
  });

  test.each([[[]], [['https://proton.example.evil']], [['https://proton.example/']]])(
    'that the stack has not declared gets no request: %j',
    async (endpoints) => {
      const driverFor = jest.fn();
      const other = { ...deps(new ScriptedDriver([]), new TestClock()), driverFor, endpoints };
      const { result } = await run(eventOf(undefined, { endpoint }), other);
      expect(result).toMatchObject({
        outcome: 'ERROR',
        failed: true,
        reason:
          'settings.endpoint https://proton.example is not declared: declare a cancellation with this endpoint in the stack of the workflow',
      });
      expect(driverFor).not.toHaveBeenCalled();
    },
  );
});

test('a guard skips a deployment that started before it was armed', async () => {
  const request = {
    ...eventOf(),
    request: { ...(eventOf().request as object), ignoreStartedBefore: '2026-09-30T23:59:00Z' },
  };
  for (const [startedAt, expected] of [
    [START - 61_000, STEPS.END],
    [START - 60_000, STEPS.CANCEL],
  ] as const) {
    const driver = new ScriptedDriver([{ ...found('IN_PROGRESS'), startedAt }]);
    expect((await run(request, deps(driver, new TestClock()))).next).toBe(expected);
  }
});

describe('the polling of an invocation', () => {
  const waiting: Progress = { next: STEPS.AWAIT, waitSeconds: 2, pinnedDeploymentId: 'x', requested: true };

  test('lasts as long as it is cheap, and then returns to the state machine', async () => {
    const clock = new TestClock();
    const progress = await run(eventOf(waiting), deps(new ScriptedDriver([found('CANCELLING')]), clock));
    expect(progress.next).toBe(STEPS.AWAIT);
    const polled = clock.now() - START;
    expect(polled).toBeLessThanOrEqual(invocationPollMs({}, 0));
    expect(polled).toBeGreaterThan(invocationPollMs({}, 0) - 10_000);
  });

  test.each([10_000, 60_000, 120_000])('leaves the reserve of an invocation of %d ms', async (timeout) => {
    const clock = new TestClock();
    await run(eventOf(waiting), deps(new ScriptedDriver([found('CANCELLING')]), clock, timeout));
    expect(clock.now() - START).toBeLessThanOrEqual(Math.max(0, timeout - TIMEOUT_RESERVE_MS));
  });

  test('ends before Lambda ends it, even if the calls are slow', async () => {
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
    expect(driver.calls).toEqual(['describe']);
  });

  test('ends with the deadline, after one last read', async () => {
    const clock = new TestClock();
    const driver = new ScriptedDriver([found('CANCELLING')]);
    const progress = await run(eventOf(waiting, { timeoutSeconds: 3 }), deps(driver, clock));
    expect(clock.sleeps).toEqual([2_000, 1_000]);
    expect(progress.result).toMatchObject({ outcome: 'TIMED_OUT', failed: true });
  });

  test('goes on for a minute without any response, and no longer', async () => {
    const clock = new TestClock();
    const driver = new ScriptedDriver([callError('unreachable')]);
    const { result } = await run(eventOf(), deps(driver, clock));
    expect(result).toMatchObject({ outcome: 'UNAVAILABLE', failed: true });
    expect(clock.now() - START).toBeGreaterThanOrEqual(UNREACHABLE_TIMEOUT_MS);
    expect(clock.now() - START).toBeLessThan(UNREACHABLE_TIMEOUT_MS + 20_000);
  });

  test('returns whole seconds to the state machine', async () => {
    const kept: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
    const clock = new TestClock(START, () => 0.93);
    const progress = await run(eventOf(kept), deps(new ScriptedDriver([found('IN_PROGRESS')]), clock));
    expect(progress.waitSeconds).toBe(3);
  });
});

describe('an invalid request', () => {
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
    ['an invalid start', { ...good, startTime: 'yesterday' }],
    ['a missing start', { request: request() } as StepEvent],
  ])('ends as an error and calls nothing: %s', async (_, event) => {
    const driverFor = jest.fn();
    const progress = await run(event, {
      clock: new TestClock(),
      remaining: () => FUNCTION_TIMEOUT,
      driverFor,
      endpoints: [],
    });
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

test('a message of a service never reaches the log', async () => {
  const secret = 'hunter2';
  const secretError: CallError = { ...callError('throttled'), message: `the message is ${secret}` };
  const status: Found = { ...found('CANCELLED'), attributes: { deploymentStatusMessage: secret } };
  const driver = new ScriptedDriver(
    [secretError, found('IN_PROGRESS')],
    [{ ...secretError, errorType: 'unreachable' }, found('CANCELLING')],
  );
  let progress = await run(eventOf(), deps(driver, new TestClock()));
  progress = await run(eventOf(progress), deps(driver, new TestClock()));
  await run(eventOf(progress), deps(new ScriptedDriver([secretError, status]), new TestClock()));
  await run(eventOf(progress), deps(new ScriptedDriver([{ ...secretError, errorType: 'denied' }]), new TestClock()));
  expect(logged.mock.calls.length).toBeGreaterThan(8);
  expect(JSON.stringify(logged.mock.calls)).not.toContain(secret);
  expect(JSON.stringify(logged.mock.calls)).toContain('SomeException');
});

import { sleep, type VirtualClock } from '../../../../emulator/core/clock';
import { ServiceError } from '../../../../emulator/core/http-server';
import { at, chain, endOf, failure, fixture, START, TASK } from './machines';

describe('errors', () => {
  const throttled = () => {
    throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
  };

  test.each<[string, () => unknown, string, RegExp]>([
    [
      'its errorType',
      () => {
        throw failure('CustomError', 'why');
      },
      'CustomError',
      /^\{"errorType":"CustomError","errorMessage":"why"\}$/,
    ],
    [
      'a timeout of Lambda',
      () => {
        throw failure('Sandbox.Timedout', 'RequestId: 1 Error: Task timed out after 3.00 seconds');
      },
      'Sandbox.Timedout',
      /Task timed out after 3.00 seconds/,
    ],
    ['a throttle', throttled, 'Lambda.TooManyRequestsException', /^Rate Exceeded. \(Service: Lambda, Status Code: 429/],
  ])('of a function are caught by name, with %s', async (_, handler, name, cause) => {
    const { start } = fixture(handler);
    const Catch = [
      { ErrorEquals: ['Other'], Next: 'Wrong' },
      { ErrorEquals: [name], Next: 'Right', ResultPath: '$.error' },
    ];
    const definition = chain({
      Do: { ...TASK, Catch, Next: 'Wrong' },
      Wrong: { Type: 'Fail' },
      Right: { Type: 'Pass' },
    });
    expect(await endOf(start(definition, { kept: 1 }))).toEqual({
      kept: 1,
      error: { Error: name, Cause: expect.stringMatching(cause) },
    });
  });

  test.each([
    ['States.ALL', 'Anything', true],
    ['States.TaskFailed', 'Anything', true],
    ['States.TaskFailed', 'States.Timeout', false],
    ['States.ALL', 'States.Timeout', true],
    ['Other', 'Anything', false],
  ])('%s catches %s: %p', async (pattern, error, caught) => {
    const { start } = fixture(() => {
      throw failure(error);
    });
    // A real timeout, because an error with the same name is an ordinary error.
    const timeout = error === 'States.Timeout' ? { TimeoutSeconds: 5 } : {};
    const slow = fixture((_, clock) => sleep(clock, 60_000));
    const run = error === 'States.Timeout' ? slow.start : start;
    const execution = run(
      chain({
        Do: { ...TASK, ...timeout, Catch: [{ ErrorEquals: [pattern], Next: 'Caught' }] },
        Caught: { Type: 'Pass' },
      }),
    );
    await execution.ended;
    expect(execution.status).toBe(caught ? 'SUCCEEDED' : 'FAILED');
    expect(caught ? JSON.parse(execution.output ?? '').Error : execution.error).toBe(error);
  });

  test('without a Catch fail the execution with their name and cause', async () => {
    const { start } = fixture(() => {
      throw failure('Bad', 'why');
    });
    expect(await endOf(start(chain({ Do: TASK })))).toEqual({
      status: 'FAILED',
      error: 'Bad',
      cause: '{"errorType":"Bad","errorMessage":"why"}',
    });
  });

  test.each([
    [
      { Error: 'E', Cause: 'C' },
      { error: 'E', cause: 'C' },
    ],
    [
      { ErrorPath: '$.e', CausePath: '$.c' },
      { error: 'from', cause: 'input' },
    ],
    [{}, { error: undefined, cause: undefined }],
  ])('of a Fail state are those in its fields: %j', async (fields, expected) => {
    const execution = fixture().start(chain({ No: { Type: 'Fail', ...fields } }), { e: 'from', c: 'input' });
    expect(await endOf(execution)).toEqual({ status: 'FAILED', ...expected });
  });

  test('of a path that does not exist are States.Runtime, which no Catch handles', async () => {
    const { start } = fixture();
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
    const definition = chain({ Do: { ...TASK, Parameters: { 'x.$': '$.no' }, Catch }, Caught: { Type: 'Pass' } });
    expect(await endOf(start(definition))).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });
});

describe('retries', () => {
  const flaky = (failures: number) => () => {
    if (failures-- > 0) throw failure('Flaky');
    return 'well';
  };

  test.each([
    ['exponential', { IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4 }, [0, 2, 8, 26]],
    ['capped', { IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4, MaxDelaySeconds: 5 }, [0, 2, 7, 12]],
    ['of the default', {}, [0, 1, 3, 7]],
    [
      'with jitter from the random numbers',
      { IntervalSeconds: 10, BackoffRate: 1, JitterStrategy: 'FULL' },
      [0, 5, 10, 15],
    ],
  ])('wait on the clock: %s', async (_, fields, times) => {
    const { start, invoked } = fixture(flaky(3));
    const execution = start(chain({ Do: { ...TASK, Retry: [{ ErrorEquals: ['Flaky'], ...fields }] } }));
    expect(await endOf(execution)).toBe('well');
    expect(invoked.map((call) => Math.round(call.at))).toEqual(times);
    expect(execution.transitions).toBe(4);
  });

  test('end with the last attempt, after which the error is caught', async () => {
    const { start, invoked } = fixture(flaky(9));
    const Retry = [
      { ErrorEquals: ['Other'], MaxAttempts: 8 },
      { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1 },
    ];
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught', ResultPath: '$' }];
    const definition = chain({ Do: { ...TASK, Retry, Catch }, Caught: { Type: 'Pass' } });
    expect(await endOf(start(definition))).toMatchObject({ Error: 'Flaky' });
    expect(invoked.map((call) => call.at)).toEqual([0, 1, 2]);
  });

  test('after Lambda throttling follow the Retry of the machine', async () => {
    let throttles = 2;
    const { start, invoked } = fixture(() => {
      if (throttles-- > 0) throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
      return 'well';
    });
    const Retry = [{ ErrorEquals: ['Lambda.TooManyRequestsException'], IntervalSeconds: 2, MaxAttempts: 6 }];
    expect(await endOf(start(chain({ Do: { ...TASK, Retry } })))).toBe('well');
    expect(invoked.map((call) => call.at)).toEqual([0, 2, 6]);
  });
});

describe('timeouts', () => {
  const slow = (_: never, clock: VirtualClock) => sleep(clock, 600_000).then(() => 'late');

  test('of a task end it, and its late result is ignored', async () => {
    const { start, clock } = fixture(slow);
    const Catch = [{ ErrorEquals: ['States.Timeout'], Next: 'Caught' }];
    const execution = start(
      chain({ Do: { ...TASK, TimeoutSeconds: 30, Catch }, Caught: { Type: 'Wait', Seconds: 900 } }),
    );
    await execution.ended;
    expect(execution.status).toBe('SUCCEEDED');
    expect(clock.now()).toBe(START + 930_000);
    expect(execution.history.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionTimedOut',
      'TaskStateExited',
      'WaitStateEntered',
      'WaitStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test.each([
    ['waits', chain({ Wait: { Type: 'Wait', Seconds: 900 }, Do: TASK }, { TimeoutSeconds: 60 }), 0],
    ['has a task under way', chain({ Do: TASK, Again: TASK }, { TimeoutSeconds: 60 }), 1],
  ])(
    'of the machine end it at that second while it %s, without an error in DescribeExecution',
    async (_, definition, calls) => {
      const { start, clock, invoked } = fixture(slow);
      const execution = start(definition);
      expect(await endOf(execution)).toEqual({ status: 'TIMED_OUT', error: undefined, cause: undefined });
      expect(execution.stopDate).toBe(START + 60_000);
      await at(clock, 3600);
      expect(invoked).toHaveLength(calls);
      expect(execution.history.at(-1)).toMatchObject({
        type: 'ExecutionTimedOut',
        details: { error: 'States.Timeout' },
      });
    },
  );
});

describe('stopping', () => {
  const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 30, MaxAttempts: 9 }];
  const fails = () => {
    throw failure('Flaky');
  };

  test.each([
    ['in a Wait', chain({ Wait: { Type: 'Wait', Seconds: 60 }, Do: TASK }), () => null, 0],
    ['between two attempts', chain({ Do: { ...TASK, Retry } }), fails, 1],
    ['in a function', chain({ Do: TASK, Again: TASK }), (_: never, c: VirtualClock) => sleep(c, 60_000), 1],
    [
      'in a Map',
      chain({ Map: { Type: 'Map', MaxConcurrency: 1, ItemProcessor: chain({ Do: TASK, Again: TASK }) } }),
      (_: never, c: VirtualClock) => sleep(c, 60_000),
      1,
    ],
  ])('%s ends it immediately, and nothing follows', async (_, definition, handler, calls) => {
    const { start, clock, invoked } = fixture(handler);
    const execution = start(definition, [1, 2, 3]);
    await at(clock, 10);
    execution.stop('Manual', 'because');
    expect(await endOf(execution)).toEqual({ status: 'ABORTED', error: 'Manual', cause: 'because' });
    const { length } = execution.history;
    await at(clock, 3600);
    expect(invoked).toHaveLength(calls);
    expect(execution.history).toHaveLength(length);
    expect(execution.stopDate).toBe(START + 10_000);
    expect(execution.history.at(-1)).toMatchObject({
      type: 'ExecutionAborted',
      details: { error: 'Manual', cause: 'because' },
    });
  });

  test('twice keeps the first result', async () => {
    const execution = fixture().start(chain({ Wait: { Type: 'Wait', Seconds: 60 } }));
    execution.stop('One');
    execution.stop('Two');
    expect(await endOf(execution)).toMatchObject({ error: 'One' });
  });

  test('happens to the executions of a deleted machine at their next state', async () => {
    const { start, clock, invoked, sfn } = fixture();
    const execution = start(chain({ Wait: { Type: 'Wait', Seconds: 60 }, Do: TASK }));
    await at(clock, 10);
    sfn.deleteStateMachine(execution.stateMachineArn);
    expect(execution.status).toBe('RUNNING');
    expect(await endOf(execution)).toMatchObject({ status: 'ABORTED' });
    expect(execution.stopDate).toBe(START + 60_000);
    expect(invoked).toEqual([]);
  });
});

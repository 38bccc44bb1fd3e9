import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lambda } from '../../../../emulator/aws/lambda/lambda';
import { StepFunctions } from '../../../../emulator/aws/step-functions/step-functions';
import { sleep, VirtualClock } from '../../../../emulator/core/clock';
import { type ServiceCall, ServiceError } from '../../../../emulator/core/http-server';
import { at, chain, endOf, FUNCTION, failure, fixture, machine, ROLE, START, TASK } from './machines';

const INVOKE = 'arn:aws:states:::lambda:invoke';

describe('waits', () => {
  test('of twenty minutes take less than a second, and twenty minutes on the clock', async () => {
    const { sfn, clock } = fixture();
    const stateMachineArn = machine(sfn, chain({ Wait: { Type: 'Wait', Seconds: 1200 } }));
    const began = performance.now();
    await endOf(sfn.startExecution({ stateMachineArn }));
    expect(performance.now() - began).toBeLessThan(500);
    expect(clock.now()).toBe(START + 1_200_000);
  });

  test.each([
    ['Seconds', { Seconds: 7 }, 7],
    ['SecondsPath', { SecondsPath: '$.seconds' }, 9],
    ['SecondsPath of none', { SecondsPath: '$.none' }, 0],
    ['Timestamp', { Timestamp: '2026-01-01T00:01:00Z' }, 60],
    ['TimestampPath', { TimestampPath: '$.until' }, 120],
    ['a Timestamp that is past', { Timestamp: '2025-01-01T00:00:00Z' }, 0],
  ])('last as long as %s says', async (_, fields, seconds) => {
    const { start } = fixture();
    const execution = start(chain({ Wait: { Type: 'Wait', ...fields } }), {
      seconds: 9,
      none: 0,
      until: '2026-01-01T00:02:00Z',
    });
    await execution.ended;
    expect(execution.status).toBe('SUCCEEDED');
    expect((execution.stopDate ?? 0) - execution.startDate).toBe(seconds * 1000);
  });
});

describe('a function', () => {
  test('that is named by its ARN gets the input and returns the result', async () => {
    const { start, invoked } = fixture((event: { n: number }) => ({ twice: event.n * 2 }));
    expect(await endOf(start(chain({ Do: { ...TASK, ResultPath: '$.result' } }), { n: 4 }))).toEqual({
      n: 4,
      result: { twice: 8 },
    });
    expect(invoked).toEqual([{ at: 0, event: { n: 4 } }]);
  });

  test('that is invoked by the integration gets the Payload and returns the response', async () => {
    const { start, invoked } = fixture(() => 'done');
    const state = { Type: 'Task', Resource: INVOKE, Parameters: { FunctionName: FUNCTION, 'Payload.$': '$.inner' } };
    expect(await endOf(start(chain({ Do: state }), { inner: [1] }))).toMatchObject({
      ExecutedVersion: '$LATEST',
      Payload: 'done',
      StatusCode: 200,
    });
    expect(invoked).toMatchObject([{ event: [1] }]);
  });

  test('may take longer than a minute: AWS has no default timeout', async () => {
    const { start, clock } = fixture((_, clock) => sleep(clock, 600_000).then(() => 'late'));
    expect(await endOf(start(chain({ Do: TASK })))).toBe('late');
    expect(clock.now()).toBe(START + 600_000);
  });

  test('sees the context object', async () => {
    const { start, invoked } = fixture();
    const Parameters = {
      'context.$': '$$',
      'state.$': '$$.State.Name',
      'text.$': "States.Format('{}', $$.State.Name)",
    };
    const execution = start(chain({ First: { ...TASK, Parameters }, Second: { ...TASK, Parameters } }), { a: 1 });
    await execution.ended;
    const { arn, stateMachineArn } = execution;
    const name = stateMachineArn.split(':').at(-1);
    expect(arn).toBe(`arn:aws:states:eu-west-1:123456789012:execution:${name}:run`);
    expect(invoked.map(({ event }) => event)).toEqual(
      ['First', 'Second'].map((state) => ({
        state,
        text: state,
        context: {
          Execution: {
            Id: arn,
            Input: { a: 1 },
            Name: 'run',
            RoleArn: ROLE,
            StartTime: '2026-01-01T00:00:00.000Z',
            RedriveCount: 0,
          },
          StateMachine: { Id: stateMachineArn, Name: name },
        },
      })),
    );
  });

  test('needs a permission of the role of the machine', async () => {
    const asked: unknown[] = [];
    const { start, invoked } = fixture(() => null, {
      authorize: (...question) => {
        asked.push(question);
        return 'User: x is not authorized';
      },
    });
    expect(await endOf(start(chain({ Do: TASK })))).toEqual({
      status: 'FAILED',
      error: 'Lambda.AWSLambdaException',
      cause: expect.stringMatching(/^User: x is not authorized \(Service: Lambda, Status Code: 403, Request ID: .*\)$/),
    });
    expect(asked).toEqual([['AKIAMACHINE', { action: 'lambda:InvokeFunction', resource: FUNCTION }]]);
    expect(invoked).toEqual([]);
  });
});

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

describe('choices', () => {
  test.each([
    [{ Variable: '$.a', StringEquals: 'x' }, { a: 'x' }, true],
    [{ Variable: '$.a', NumericGreaterThanEquals: 3 }, { a: 3 }, true],
    [{ Variable: '$.a', IsPresent: true }, {}, false],
    [{ Variable: '$.a', IsPresent: false }, {}, true],
    [{ Variable: '$.a', IsPresent: false }, { a: 1 }, false],
    [{ Variable: '$.a', IsNull: false }, { a: 1 }, true],
    [
      {
        And: [
          { Variable: '$.a', IsPresent: false },
          { Variable: '$.b', BooleanEquals: true },
        ],
      },
      { b: true },
      true,
    ],
    [{ Or: [{ Variable: '$.a', IsString: false }] }, { a: 1 }, true],
    [{ Not: { Variable: '$.a', IsPresent: false } }, { a: 1 }, true],
    [{ Variable: '$.a', TimestampLessThanPath: '$$.Execution.StartTime' }, { a: '2025-01-01T00:00:00Z' }, true],
    [{ Variable: '$$.Execution.Name', StringEquals: 'run' }, {}, true],
  ])('%j of %j is %p', async (rule, input, expected) => {
    const definition = {
      StartAt: 'Which',
      States: {
        Which: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
        Yes: { Type: 'Pass', Result: { yes: true }, End: true },
        No: { Type: 'Pass', Result: { yes: 'no' }, End: true },
      },
    };
    expect(await endOf(fixture().start(definition, input))).toEqual({ yes: expected || 'no' });
  });

  test('without a match are States.NoChoiceMatched', async () => {
    const Choices = [{ Variable: '$.a', StringEquals: 'x', Next: 'Yes' }];
    const execution = fixture().start(chain({ Which: { Type: 'Choice', Choices }, Yes: { Type: 'Succeed' } }), {
      a: 'y',
    });
    expect(await endOf(execution)).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });
});

describe('maps and parallels', () => {
  const slowly = (event: { ms?: number; fail?: boolean }, clock: VirtualClock) =>
    sleep(clock, event.ms ?? 10_000).then(() => {
      if (event.fail) throw failure('Bad');
      return event;
    });

  test.each([
    [1, [0, 10, 20, 30]],
    [2, [0, 0, 10, 10]],
    [0, [0, 0, 0, 0]],
  ])('run %i items at a time', async (MaxConcurrency, times) => {
    const { start, invoked } = fixture(slowly);
    const definition = chain({
      Map: { Type: 'Map', ItemsPath: '$.all', MaxConcurrency, ItemProcessor: chain({ Do: TASK }) },
    });
    expect(await endOf(start(definition, { all: [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }] }))).toEqual([
      { n: 1 },
      { n: 2 },
      { n: 3 },
      { n: 4 },
    ]);
    expect(invoked.map((call) => call.at)).toEqual(times);
  });

  test('have the execution in `$$.Execution`, and the item in the selector', async () => {
    const { start, invoked } = fixture();
    const definition = chain({
      Wait: { Type: 'Wait', Seconds: 5 },
      Map: {
        Type: 'Map',
        ItemsPath: '$.all',
        ItemSelector: { 'index.$': '$$.Map.Item.Index', 'value.$': '$$.Map.Item.Value', 'shared.$': '$.shared' },
        ItemProcessor: chain({
          Do: {
            ...TASK,
            Parameters: {
              'item.$': '$',
              'start.$': '$$.Execution.StartTime',
              'input.$': '$$.Execution.Input.shared',
              'state.$': '$$.State.Name',
            },
          },
        }),
      },
    });
    await start(definition, { all: ['a', 'b'], shared: 1 }).ended;
    expect(invoked.map(({ event }) => event)).toEqual(
      ['a', 'b'].map((value, index) => ({
        item: { index, value, shared: 1 },
        start: '2026-01-01T00:00:00.000Z',
        input: 1,
        state: 'Do',
      })),
    );
  });

  test('fail with their first failing item; the others stop, and the error can be caught', async () => {
    const { start, clock, invoked } = fixture(slowly);
    const definition = chain({
      Map: {
        Type: 'Map',
        ItemProcessor: chain({ Do: TASK, Again: TASK }),
        Catch: [{ ErrorEquals: ['Bad'], Next: 'Caught' }],
      },
      Caught: { Type: 'Pass' },
    });
    const execution = start(definition, [{ ms: 20_000 }, { ms: 5_000, fail: true }]);
    expect(await endOf(execution)).toMatchObject({ Error: 'Bad' });
    await at(clock, 3600);
    expect(invoked).toHaveLength(2);
  });

  test('of states without waits record and bill each of them', async () => {
    const { start } = fixture();
    const ItemProcessor = chain(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`P${i}`, { Type: 'Pass' }])));
    const execution = start(chain({ Map: { Type: 'Map', ItemProcessor }, After: { Type: 'Pass' } }), [1, 2, 3]);
    await execution.ended;
    expect(execution.transitions).toBe(1 + 3 * 8 + 1);
    const types = execution.history.map(({ type }) => type);
    expect(types.filter((type) => type === 'PassStateExited')).toHaveLength(3 * 8 + 1);
    expect(types.filter((type) => type === 'MapIterationSucceeded')).toHaveLength(3);
    expect(types.slice(-5)).toEqual([
      'MapStateSucceeded',
      'MapStateExited',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('may be nested, and parallel branches each get the input', async () => {
    const { start } = fixture((event: unknown) => ({ done: event }));
    const definition = chain({
      Both: {
        Type: 'Parallel',
        Branches: [
          chain({ Left: { Type: 'Map', ItemProcessor: chain({ Each: TASK }) } }),
          chain({ Right: { Type: 'Wait', Seconds: 60 } }),
        ],
        ResultSelector: { 'left.$': '$[0]', 'right.$': '$[1]' },
      },
    });
    expect(await endOf(start(definition, [1]))).toEqual({ left: [{ done: 1 }], right: [1] });
  });

  test('over a value that is not an array are an error', async () => {
    const definition = chain({ Map: { Type: 'Map', ItemProcessor: chain({ Do: TASK }) } });
    expect(await endOf(fixture().start(definition, {}))).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });
});

describe('a nested execution', () => {
  const NESTED = 'arn:aws:states:::states:startExecution.sync:2';
  const CHILD = 'arn:aws:states:eu-west-1:123456789012:stateMachine:child';
  const parent = chain({
    Nest: { Type: 'Task', Resource: NESTED, Parameters: { StateMachineArn: CHILD, 'Input.$': '$' } },
  });

  test('returns its parsed output', async () => {
    const { start, sfn } = fixture((event: unknown) => ({ from: event }));
    machine(sfn, chain({ Wait: { Type: 'Wait', Seconds: 60 }, Do: TASK }), 'child');
    expect(await endOf(start(parent, { a: 1 }))).toMatchObject({
      Status: 'SUCCEEDED',
      StateMachineArn: CHILD,
      Output: { from: { a: 1 } },
    });
  });

  test('that fails is States.TaskFailed, with its error in the cause', async () => {
    const { start, sfn } = fixture();
    machine(sfn, chain({ No: { Type: 'Fail', Error: 'Inner', Cause: 'why' } }), 'child');
    const end = (await endOf(start(parent))) as { error: string; cause: string };
    expect(end.error).toBe('States.TaskFailed');
    expect(JSON.parse(end.cause)).toMatchObject({ Status: 'FAILED', Error: 'Inner', Cause: 'why' });
  });

  test('is stopped with its parent', async () => {
    const { start, sfn, clock } = fixture();
    machine(sfn, chain({ Wait: { Type: 'Wait', Seconds: 600 } }), 'child');
    const outer = start(parent);
    await at(clock, 10);
    outer.stop();
    await outer.ended;
    expect(sfn.executions.map(({ status }) => status)).toEqual(['ABORTED', 'ABORTED']);
  });

  test('of a machine that does not exist, or without permission, is an error that can be caught', async () => {
    expect(await endOf(fixture().start(parent))).toMatchObject({
      error: 'StepFunctions.StateMachineDoesNotExistException',
    });
    const { start } = fixture(() => null, { authorize: (_, { action }) => `no ${action}` });
    expect(await endOf(start(parent))).toMatchObject({
      error: 'StepFunctions.AccessDeniedException',
      cause: expect.stringContaining('no states:StartExecution'),
    });
  });
});

describe('limits', () => {
  const BIG = 'x'.repeat(256 * 1024);
  const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
  const Caught = { Type: 'Pass' };

  test('of 256 KB apply to the output of a task, and no Catch handles the error', async () => {
    const { start } = fixture(() => BIG);
    const definition = chain({ Do: { ...TASK, Catch }, Caught });
    expect(await endOf(start(definition))).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  test('of 256 KB apply to the output of a state, before the next state', async () => {
    const { start, invoked } = fixture();
    const half = 'x'.repeat(130 * 1024);
    const Double = { Type: 'Pass', Parameters: { 'a.$': '$.half', 'b.$': '$.half' } };
    const execution = start(chain({ Double, Do: { ...TASK, Parameters: {} } }), { half });
    expect(await endOf(execution)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(invoked).toEqual([]);
  });

  test('of 25,000 events end an endless execution', async () => {
    const { start } = fixture();
    const execution = start({
      StartAt: 'A',
      States: {
        A: { Type: 'Wait', Seconds: 1, Next: 'B' },
        B: { Type: 'Choice', Choices: [{ Variable: '$.end', IsPresent: true, Next: 'C' }], Default: 'A' },
        C: { Type: 'Succeed' },
      },
    });
    expect(await endOf(execution)).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    expect(execution.history).toHaveLength(25_000);
  });
});

describe('real functions', () => {
  test('run in threads, sleep on the clock, and are retried after crashes', async () => {
    const codeDirectory = mkdtempSync(join(tmpdir(), 'function-'));
    writeFileSync(
      join(codeDirectory, 'index.js'),
      `const { setTimeout: sleep } = require('node:timers/promises');
       exports.handler = async ({ n }) => { await sleep(240_000); return { n: n + 1 }; };`,
    );
    const clock = new VirtualClock(START);
    const faults = [undefined, { kind: 'crash', when: { sleep: 1 } } as const, { kind: 'throttle' } as const];
    const lambda = new Lambda({ clock, faults: () => faults.shift() });
    lambda.register({
      functionName: 'worker',
      arn: FUNCTION,
      codeDirectory,
      handler: 'index.handler',
      environment: {},
      memorySize: 128,
      timeout: 300,
      accessKeyId: 'AKIAWORKER',
    });
    const sfn = new StepFunctions({
      clock,
      environment: { partition: 'aws', region: 'eu-west-1', account: '123456789012' },
      lambda,
    });
    const Retry = [{ ErrorEquals: ['Runtime.ExitError', 'Lambda.TooManyRequestsException'], IntervalSeconds: 10 }];
    const definition = chain({ One: { ...TASK, Retry }, Wait: { Type: 'Wait', Seconds: 60 }, Two: { ...TASK, Retry } });
    const began = performance.now();
    const execution = sfn.startExecution({ stateMachineArn: machine(sfn, definition), input: '{"n":0}' });
    expect(await endOf(execution)).toEqual({ n: 2 });
    expect(performance.now() - began).toBeLessThan(2_000);
    // One, the wait, Two that crashes, 10 s, Two that is throttled, 20 s, Two.
    expect((execution.stopDate ?? 0) - execution.startDate).toBe((240 + 60 + 0 + 10 + 20 + 240) * 1000);
    expect(execution.transitions).toBe(3 + 2);
    expect(lambda.usage(FUNCTION)).toMatchObject({ invocations: 3, errors: 1, throttles: 1, coldStarts: 2 });
    await lambda.close();
    rmSync(codeDirectory, { recursive: true });
  });
});

describe('a task of another service', () => {
  const answer = jest.fn<object, [ServiceCall]>();
  const call = (request: ServiceCall) => answer(request);
  const UPDATE = 'arn:aws:states:::aws-sdk:proton:updateServiceInstance';
  const running = (Resource: string, Parameters: object) =>
    fixture(undefined, { call }).start(chain({ Call: { Type: 'Task', Resource, Parameters } }), { text: 'hello' });

  test('publishes as the role of the machine', async () => {
    answer.mockReturnValueOnce({ MessageId: '1' });
    const parameters = { TopicArn: 'topic', 'Message.$': '$.text' };
    expect(await endOf(running('arn:aws:states:::sns:publish', parameters))).toEqual({ MessageId: '1' });
    expect(answer.mock.lastCall).toEqual([
      {
        service: 'sns',
        operation: 'Publish',
        input: { TopicArn: 'topic', Message: 'hello' },
        accessKeyId: 'AKIAMACHINE',
      },
    ]);
  });

  test('by the AWS SDK has names that begin with capital letters, unlike the API', async () => {
    answer.mockReturnValueOnce({ serviceInstance: { name: 'web-prod', spec: undefined } });
    expect(await endOf(running(UPDATE, { ServiceName: 'web', Name: 'web-prod' }))).toEqual({
      ServiceInstance: { Name: 'web-prod' },
    });
    expect(answer.mock.lastCall).toMatchObject([
      { service: 'proton', operation: 'UpdateServiceInstance', input: { serviceName: 'web', name: 'web-prod' } },
    ]);
  });

  test('fails with the error of the service, which can be caught', async () => {
    answer.mockImplementationOnce(() => {
      throw new ServiceError('ConflictException', 'There is a deployment in progress.');
    });
    expect(await endOf(running(UPDATE, {}))).toEqual({
      status: 'FAILED',
      error: 'Proton.ConflictException',
      cause: expect.stringMatching(/^There is a deployment in progress\. \(Service: Proton, Status Code: 400, /),
    });
  });
});

import { sleep, type VirtualClock } from '../../../../emulator/core/clock';
import { at, chain, endOf, failure, fixture, machine, TASK } from './machines';

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

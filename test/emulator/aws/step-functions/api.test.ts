import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '../../../../emulator/aws/step-functions/history';
import { HttpServer } from '../../../../emulator/core/http-server';
import { at, chain, endOf, failure, fixture, machine, ROLE, START, type StepFunctionsFixture, TASK } from './machines';

const MACHINE = 'arn:aws:states:eu-west-1:123456789012:stateMachine:machine';
const EXECUTION = 'arn:aws:states:eu-west-1:123456789012:execution:machine';
const WAITING = chain({ Wait: { Type: 'Wait', Seconds: 60 } });

let current: StepFunctionsFixture;
let server: HttpServer;
let client: SFNClient;
/** Holds the clock during calls of the real client, which waits in real time. */
let release: () => void;

beforeEach(async () => {
  current = fixture();
  release = current.clock.hold();
  machine(current.sfn, WAITING);
  server = await HttpServer.listen({ services: [current.sfn] });
  client = new SFNClient({
    endpoint: server.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await server.close();
});

const start = (name?: string, input?: string) =>
  client.send(new StartExecutionCommand({ stateMachineArn: MACHINE, name, input }));

async function finish(): Promise<void> {
  release();
  await Promise.all(current.sfn.executions.map((execution) => execution.ended));
  release = current.clock.hold();
}

describe('StartExecution', () => {
  test('returns an ARN in the format of AWS and the start time', async () => {
    const { executionArn, startDate } = await start('run', '{}');
    expect(executionArn).toBe(`${EXECUTION}:run`);
    expect(startDate).toEqual(new Date(START));
  });

  test('generates a name and an empty input', async () => {
    const { executionArn } = await start();
    expect(executionArn).toMatch(/:execution:machine:[0-9a-f-]{36}$/);
    expect(current.sfn.executions[0]?.input).toBe('{}');
  });

  test('again with the same name and input is the same execution, while it runs', async () => {
    const first = await start('run', '{"a":1}');
    const second = await start('run', '{"a":1}');
    expect(second).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
    expect(current.sfn.executions).toHaveLength(1);
  });

  test('again with another input, or after the end, is rejected', async () => {
    await start('run', '{"a":1}');
    const refused = { name: 'ExecutionAlreadyExists', message: `Execution Already Exists: '${EXECUTION}:run'` };
    await expect(start('run', '{"a":2}')).rejects.toMatchObject(refused);
    await finish();
    await expect(start('run', '{"a":1}')).rejects.toMatchObject(refused);
  });

  test.each<[string, string | undefined, string | undefined, string]>([
    ['a name of 81 characters', 'x'.repeat(81), undefined, 'ValidationException'],
    ['a name with a colon', 'a:b', undefined, 'InvalidName'],
    ['a name with white space', 'a b', undefined, 'InvalidName'],
    ['input that is not JSON', undefined, 'nope', 'InvalidExecutionInput'],
    ['input over 256 KB', undefined, JSON.stringify('x'.repeat(256 * 1024 - 1)), 'InvalidExecutionInput'],
  ])('with %s is rejected', async (_, name, input, error) => {
    await expect(start(name, input)).rejects.toMatchObject({ name: error });
    expect(current.sfn.executions).toEqual([]);
  });

  test('with a name of 80 characters and an input of 256 KB is accepted', async () => {
    await start('x'.repeat(80), JSON.stringify('x'.repeat(256 * 1024 - 2)));
    expect(current.sfn.executions).toHaveLength(1);
  });

  test.each([
    [`${MACHINE}-other`, 'StateMachineDoesNotExist'],
    [`${EXECUTION}:run`, 'InvalidArn'],
    ['machine', 'InvalidArn'],
  ])('of %s is %s', async (stateMachineArn, name) => {
    await expect(client.send(new StartExecutionCommand({ stateMachineArn }))).rejects.toMatchObject({ name });
  });

  test('of a deleted machine is rejected', async () => {
    current.sfn.deleteStateMachine(MACHINE);
    await expect(start()).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
  });
});

describe('DescribeExecution', () => {
  test('returns a running execution and a successful one', async () => {
    await start('run', '{"a":1}');
    const describeRun = new DescribeExecutionCommand({ executionArn: `${EXECUTION}:run` });
    const running = await client.send(describeRun);
    expect(running).toMatchObject({
      executionArn: `${EXECUTION}:run`,
      stateMachineArn: MACHINE,
      name: 'run',
      status: 'RUNNING',
      startDate: new Date(START),
      input: '{"a":1}',
    });
    expect(running.stopDate).toBeUndefined();
    await finish();
    expect(await client.send(describeRun)).toMatchObject({
      status: 'SUCCEEDED',
      stopDate: new Date(START + 60_000),
      output: '{"a":1}',
    });
  });

  test('of an execution that does not exist is rejected', async () => {
    await expect(
      client.send(new DescribeExecutionCommand({ executionArn: `${EXECUTION}:none` })),
    ).rejects.toMatchObject({
      name: 'ExecutionDoesNotExist',
      message: `Execution Does Not Exist: '${EXECUTION}:none'`,
    });
  });
});

describe('StopExecution', () => {
  test('aborts with an error and a cause', async () => {
    const { executionArn } = await start('run');
    const stopped = await client.send(new StopExecutionCommand({ executionArn, error: 'Manual', cause: 'because' }));
    expect(stopped.stopDate).toEqual(new Date(START));
    expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      status: 'ABORTED',
      error: 'Manual',
      cause: 'because',
      stopDate: new Date(START),
    });
  });

  test('of an ended execution changes nothing', async () => {
    const { executionArn } = await start('run');
    await finish();
    const stopped = await client.send(new StopExecutionCommand({ executionArn }));
    expect(stopped.stopDate).toEqual(new Date(START + 60_000));
    expect(current.sfn.executions[0]?.status).toBe('SUCCEEDED');
  });

  test.each([
    [{ error: 'x'.repeat(257) }, 'ValidationException'],
    [{ cause: 'x'.repeat(32_769) }, 'ValidationException'],
  ])('with a reason that is too long is rejected', async (reason, name) => {
    const { executionArn } = await start('run');
    await expect(client.send(new StopExecutionCommand({ executionArn, ...reason }))).rejects.toMatchObject({ name });
  });
});

describe('ListExecutions', () => {
  test('returns the newest first, in pages, and filters by status', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await start(name);
    await client.send(new StopExecutionCommand({ executionArn: `${EXECUTION}:c` }));
    const names = async (query: object): Promise<(string | undefined)[][]> => {
      const pages: (string | undefined)[][] = [];
      for await (const page of paginateListExecutions({ client }, { stateMachineArn: MACHINE, ...query })) {
        pages.push((page.executions ?? []).map(({ name }) => name));
      }
      return pages;
    };
    expect(await names({})).toEqual([['e', 'd', 'c', 'b', 'a']]);
    expect(await names({ maxResults: 2 })).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
    expect(await names({ statusFilter: 'RUNNING', maxResults: 3 })).toEqual([['e', 'd', 'b'], ['a']]);
    expect(await names({ statusFilter: 'ABORTED' })).toEqual([['c']]);
  });

  test('neither skips nor repeats executions if newer ones start between two pages', async () => {
    for (const name of ['a', 'b', 'c']) await start(name);
    const list = (nextToken?: string) =>
      client.send(new ListExecutionsCommand({ stateMachineArn: MACHINE, maxResults: 2, nextToken }));
    const first = await list();
    await start('d');
    const second = await list(first.nextToken);
    expect([first, second].map(({ executions }) => executions?.map(({ name }) => name))).toEqual([['c', 'b'], ['a']]);
  });

  test.each([
    [{ statusFilter: 'NOPE' as 'RUNNING' }, 'ValidationException'],
    [{ maxResults: 1001 }, 'ValidationException'],
    [{ nextToken: 'nope' }, 'InvalidToken'],
    [{ redriveFilter: 'REDRIVEN' as const }, 'ValidationException'],
  ])('of %j is %s', async (query, name) => {
    await expect(client.send(new ListExecutionsCommand({ stateMachineArn: MACHINE, ...query }))).rejects.toMatchObject({
      name,
    });
  });
});

describe('GetExecutionHistory', () => {
  test('returns events with their times and data', async () => {
    const { executionArn } = await start('run', '{"a":1}');
    await finish();
    const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events).toMatchObject([
      {
        id: 1,
        previousEventId: 0,
        timestamp: new Date(START),
        type: 'ExecutionStarted',
        executionStartedEventDetails: { input: '{"a":1}', roleArn: ROLE },
      },
      { id: 2, type: 'WaitStateEntered', stateEnteredEventDetails: { name: 'Wait', input: '{"a":1}' } },
      {
        id: 3,
        timestamp: new Date(START + 60_000),
        type: 'WaitStateExited',
        stateExitedEventDetails: { name: 'Wait', output: '{"a":1}' },
      },
      { id: 4, previousEventId: 3, type: 'ExecutionSucceeded', executionSucceededEventDetails: { output: '{"a":1}' } },
    ]);
  });

  test('returns the inputs and outputs of tasks', async () => {
    const failing = fixture(() => {
      throw failure('Bad');
    });
    const Resource = 'arn:aws:states:::lambda:invoke';
    const Task = { Type: 'Task', Resource, Parameters: { FunctionName: TASK.Resource, Payload: { a: 1 } } };
    const execution = failing.start(chain({ Task }));
    await endOf(execution);
    expect(execution.history.slice(2)).toMatchObject([
      { type: 'TaskScheduled', details: { resourceType: 'lambda', resource: 'invoke', region: 'eu-west-1' } },
      { type: 'TaskStarted' },
      { type: 'TaskFailed', details: { error: 'Bad', cause: expect.stringContaining('errorMessage') } },
      { type: 'ExecutionFailed', details: { error: 'Bad' } },
    ]);
  });

  test('returns pages, also in reverse order', async () => {
    const { executionArn } = await start('run');
    await finish();
    const ids: (number | undefined)[][] = [];
    const pages = paginateGetExecutionHistory({ client }, { executionArn, maxResults: 3, reverseOrder: true });
    for await (const page of pages) ids.push((page.events ?? []).map(({ id }) => id));
    expect(ids).toEqual([[4, 3, 2], [1]]);
  });
});

test('DescribeStateMachine returns the definition', async () => {
  expect(await client.send(new DescribeStateMachineCommand({ stateMachineArn: MACHINE }))).toMatchObject({
    stateMachineArn: MACHINE,
    name: 'machine',
    status: 'ACTIVE',
    type: 'STANDARD',
    roleArn: ROLE,
    definition: JSON.stringify(WAITING),
    creationDate: new Date(START),
  });
});

test('a listener gets each event when it happens, until it unsubscribes', async () => {
  const received: HistoryEvent[] = [];
  const unsubscribe = current.sfn.onHistory((event) => received.push(event));
  const execution = current.sfn.startExecution({ stateMachineArn: MACHINE, name: 'run' });
  release();
  await at(current.clock, 30);
  expect(received.map(({ type, timestamp }) => [type, timestamp - START])).toEqual([
    ['ExecutionStarted', 0],
    ['WaitStateEntered', 0],
  ]);
  expect(received[1]).toMatchObject({ executionArn: execution.arn, details: { name: 'Wait' } });
  unsubscribe();
  await execution.ended;
  expect(received).toHaveLength(2);
});

test('an update of a machine does not change running executions', async () => {
  await start('old');
  current.sfn.updateStateMachine(MACHINE, {
    definition: JSON.stringify(chain({ Wait: { Type: 'Wait', Seconds: 5 } })),
  });
  await start('new');
  await finish();
  const took = current.sfn.executions.map(({ name, stopDate }) => [name, (stopDate ?? 0) - START]);
  expect(took).toEqual([
    ['old', 60_000],
    ['new', 5_000],
  ]);
});

test('two machines cannot have the same name', () => {
  expect(() => machine(current.sfn, WAITING)).toThrow(expect.objectContaining({ type: 'StateMachineAlreadyExists' }));
});

test('an unknown operation is rejected with the error of AWS', () => {
  const call = { service: 'sfn', operation: 'CreateActivity', input: {} };
  expect(() => current.sfn.call(call)).toThrow(expect.objectContaining({ type: 'UnknownOperationException' }));
});

test.each([
  ['StartExecution', { stateMachineArn: MACHINE, name: 'run' }, MACHINE],
  ['ListExecutions', { stateMachineArn: MACHINE }, MACHINE],
  ['DescribeStateMachine', { stateMachineArn: MACHINE }, MACHINE],
  ['StopExecution', { executionArn: `${EXECUTION}:run` }, `${EXECUTION}:run`],
  ['DescribeExecution', { executionArn: `${EXECUTION}:run` }, `${EXECUTION}:run`],
  ['GetExecutionHistory', { executionArn: `${EXECUTION}:run` }, `${EXECUTION}:run`],
])('%s needs the permission of its name on its resource', (operation, input, resource) => {
  expect(current.sfn.iamRequests({ service: 'sfn', operation, input })).toEqual([
    { action: `states:${operation}`, resource },
  ]);
});

import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { Consistency, type ConsistencyOptions } from '../../../../emulator/core/consistency';
import { HttpServer } from '../../../../emulator/core/http-server';
import { chain, fixture, machine, START } from './machines';

const MACHINE = 'arn:aws:states:eu-west-1:123456789012:stateMachine:machine';
const exactly = (ms: number) => ({ min: ms, max: ms });
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A machine that waits for an hour, with its clients. The clock stands still. */
async function begin(options: ConsistencyOptions) {
  const { sfn, clock } = fixture(undefined, { consistency: new Consistency(options, () => 0) });
  const release = clock.hold();
  machine(sfn, chain({ Wait: { Type: 'Wait', Seconds: 3600 } }));
  const server = await HttpServer.listen({ services: [sfn] });
  const client = new SFNClient({
    endpoint: server.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  stops.push(async () => {
    sfn.close();
    release();
    client.destroy();
    await server.close();
  });
  const orError = async <T>(answer: Promise<T>): Promise<T | string> => {
    try {
      return await answer;
    } catch (error) {
      return (error as Error).name;
    }
  };
  return {
    client,
    set: (ms: number) => clock.set(START + ms),
    start: () => client.send(new StartExecutionCommand({ stateMachineArn: MACHINE, name: 'run' })),
    describe: async (executionArn: string) => {
      const found = await orError(client.send(new DescribeExecutionCommand({ executionArn })));
      return typeof found === 'string' ? found : found.status;
    },
    list: async (statusFilter?: 'RUNNING' | 'ABORTED') => {
      const input = { stateMachineArn: MACHINE, statusFilter };
      const { executions = [] } = await client.send(new ListExecutionsCommand(input));
      return executions.map(({ status }) => status);
    },
    history: async (executionArn: string) => {
      const found = await orError(client.send(new GetExecutionHistoryCommand({ executionArn })));
      return typeof found === 'string' ? found : (found.events ?? []).map(({ type }) => type);
    },
    stop: (executionArn: string) => client.send(new StopExecutionCommand({ executionArn, error: 'E', cause: 'why' })),
  };
}

test('a new execution is listed and described after different lags', async () => {
  const operations = { 'states:DescribeExecution': exactly(3_000), 'states:ListExecutions': exactly(1_000) };
  const { set, start, describe, list } = await begin({ operations });
  const { executionArn = '' } = await start();
  expect([await describe(executionArn), await list()]).toEqual(['ExecutionDoesNotExist', []]);
  set(1_000);
  expect([await describe(executionArn), await list()]).toEqual(['ExecutionDoesNotExist', ['RUNNING']]);
  set(3_000);
  expect([await describe(executionArn), await list()]).toEqual(['RUNNING', ['RUNNING']]);
});

test('an ended execution is running until the lag has passed', async () => {
  const { client, set, start, describe, list, stop } = await begin({ reads: exactly(2_000) });
  const { executionArn = '' } = await start();
  set(10_000);
  await stop(executionArn);
  set(11_999);
  expect([await describe(executionArn), await list('RUNNING'), await list('ABORTED')]).toEqual([
    'RUNNING',
    ['RUNNING'],
    [],
  ]);
  const running = await client.send(new DescribeExecutionCommand({ executionArn }));
  expect(running).toMatchObject({ name: 'run', input: '{}' });
  expect([running.stopDate, running.error, running.cause]).toEqual([undefined, undefined, undefined]);
  set(12_000);
  expect([await describe(executionArn), await list('RUNNING'), await list('ABORTED')]).toEqual([
    'ABORTED',
    [],
    ['ABORTED'],
  ]);
});

test('the history of an execution ends with the events that the read sees', async () => {
  const { set, start, history, stop } = await begin({ reads: exactly(2_000) });
  const { executionArn = '' } = await start();
  expect(await history(executionArn)).toBe('ExecutionDoesNotExist');
  set(2_000);
  expect(await history(executionArn)).toEqual(['ExecutionStarted', 'WaitStateEntered']);
  set(10_000);
  await stop(executionArn);
  expect(await history(executionArn)).toEqual(['ExecutionStarted', 'WaitStateEntered']);
  set(12_000);
  expect(await history(executionArn)).toEqual(['ExecutionStarted', 'WaitStateEntered', 'ExecutionAborted']);
});

test('starts and stops act on the last state', async () => {
  const { start, stop, describe } = await begin({ reads: exactly(60_000) });
  const { executionArn = '' } = await start();
  expect((await start()).executionArn).toBe(executionArn);
  expect((await stop(executionArn)).stopDate).toEqual(new Date(START));
  await expect(start()).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  expect(await describe(executionArn)).toBe('ExecutionDoesNotExist');
});

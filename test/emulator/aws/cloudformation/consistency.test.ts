import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { answerQuery } from '../../../../emulator/aws/cloudformation/query';
import type { StackRegistry } from '../../../../emulator/aws/cloudformation/stack-registry';
import type { Clock } from '../../../../emulator/core/clock';
import { Consistency } from '../../../../emulator/core/consistency';
import { HttpServer } from '../../../../emulator/core/http-server';
import { MINUTES } from '../../../../emulator/core/plan';
import { SimulatedStacks } from '../../../../emulator/services/cloudformation/simulated-stacks';
import { HeldClock, onStop, stopAll } from '../../serve-service';
import { CloudFormationFixture, custom } from './cloudformation-fixture';

afterEach(stopAll);

const LAG = 3_000;
const consistency = new Consistency({ reads: { min: LAG, max: LAG } }, () => 0);

/** The real client of stacks. */
async function clientOf(stacks: StackRegistry) {
  const server = await HttpServer.listen({ services: [], raw: (request) => answerQuery(stacks, request) });
  const client = new CloudFormationClient({
    region: 'eu-west-1',
    endpoint: server.url,
    maxAttempts: 1,
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  });
  onStop(async () => {
    client.destroy();
    await server.close();
  });
  return {
    describe: async (StackName?: string) => {
      const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
      return Stacks;
    },
    /** The statuses in the events of a stack, oldest first. */
    events: async (StackName: string) => {
      const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName }));
      return StackEvents.filter(({ LogicalResourceId }) => LogicalResourceId === StackName)
        .map(({ ResourceStatus }) => ResourceStatus)
        .reverse();
    },
  };
}

/** A deployed stack whose custom resource never responds to updates. */
async function deployed() {
  const fixture = new CloudFormationFixture(consistency);
  await fixture.create({ A: custom() });
  const { describe, events } = await clientOf(fixture.cloudFormation);
  return { fixture, describe, events };
}

const pass = (clock: Clock, ms: number) => new Promise<void>((resolve) => void clock.schedule(ms, resolve));

test('DescribeStacks does not find a new stack', async () => {
  const fixture = new CloudFormationFixture(consistency);
  fixture.reply = () => 'never';
  const { describe } = await clientOf(fixture.cloudFormation);
  const release = fixture.clock.hold();
  void fixture.create({ A: custom() });
  await expect(describe('web')).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'Stack with id web does not exist',
  });
  expect(await describe()).toEqual([]);
  fixture.clock.set(fixture.clock.now() + LAG);
  expect((await describe('web')).map(({ StackStatus }) => StackStatus)).toEqual(['CREATE_IN_PROGRESS']);
  release();
});

test('DescribeStacks returns the status before an update, with its operations and outputs', async () => {
  const { fixture, describe, events } = await deployed();
  await pass(fixture.clock, 60_000);
  const [before] = await describe('web');
  fixture.reply = () => 'never';
  const release = fixture.clock.hold();
  void fixture.update({ A: custom({ version: '2' }) });
  await new Promise(setImmediate);
  expect(fixture.cloudFormation.describeStack('web')?.status).toBe('UPDATE_IN_PROGRESS');
  expect(await describe('web')).toEqual([before]);
  expect(before).toMatchObject({ StackStatus: 'CREATE_COMPLETE', LastOperations: [{ OperationType: 'CREATE_STACK' }] });
  expect(await events('web')).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);
  fixture.clock.set(fixture.clock.now() + LAG);
  expect(await describe('web')).toMatchObject([
    { StackStatus: 'UPDATE_IN_PROGRESS', LastOperations: [{ OperationType: 'UPDATE_STACK' }] },
  ]);
  expect(await events('web')).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE', 'UPDATE_IN_PROGRESS']);
  release();
});

test('DescribeStacks is at most one status behind, and DescribeStackEvents may see nothing', async () => {
  // The creation takes no time.
  const { fixture, describe, events } = await deployed();
  const release = fixture.clock.hold();
  expect((await describe('web')).map(({ StackStatus }) => StackStatus)).toEqual(['CREATE_IN_PROGRESS']);
  await expect(events('web')).rejects.toThrow('Stack [web] does not exist');
  fixture.clock.set(fixture.clock.now() + LAG);
  expect((await describe('web')).map(({ StackStatus }) => StackStatus)).toEqual(['CREATE_COMPLETE']);
  expect(await events('web')).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);
  release();
});

test('a deleted stack is found by its name until the lag has passed', async () => {
  const { fixture, describe } = await deployed();
  await pass(fixture.clock, 60_000);
  const { stackId } = await fixture.cloudFormation.deleteStack('web');
  const release = fixture.clock.hold();
  expect(fixture.cloudFormation.describeStack('web')).toBeUndefined();
  expect((await describe('web')).map(({ StackId }) => StackId)).toEqual([stackId]);
  fixture.clock.set(fixture.clock.now() + LAG);
  await expect(describe('web')).rejects.toThrow('does not exist');
  expect((await describe(stackId)).map(({ StackStatus }) => StackStatus)).toEqual(['DELETE_COMPLETE']);
  release();
});

test('a simulated stack is one status behind, with the operations and events of that moment', async () => {
  const clock = new HeldClock();
  const stacks = new SimulatedStacks(
    [{ name: 'web', updates: [{ at: -MINUTES, steps: [{ after: 10 * MINUTES, status: 'UPDATE_COMPLETE' }] }] }],
    clock,
    {},
    consistency,
  );
  onStop(async () => stacks.stop());
  const { describe, events } = await clientOf(stacks);
  const seen = async () => {
    const [stack] = await describe('web');
    return [
      stack?.StackStatus,
      stack?.LastOperations?.map(({ OperationType }) => OperationType),
      (await events('web')).at(-1),
    ];
  };
  const updating = ['UPDATE_IN_PROGRESS', ['UPDATE_STACK'], 'UPDATE_IN_PROGRESS'];
  expect(await seen()).toEqual(updating);
  stacks.cancelUpdateStack('web');
  expect(stacks.describeStack('web')?.status).toBe('UPDATE_ROLLBACK_IN_PROGRESS');
  expect(await seen()).toEqual(updating);
  await clock.pass(LAG);
  expect(await seen()).toEqual([
    'UPDATE_ROLLBACK_IN_PROGRESS',
    ['ROLLBACK', 'UPDATE_STACK'],
    'UPDATE_ROLLBACK_IN_PROGRESS',
  ]);
});

import { FuzzRunner } from './fuzz';
import { DEFAULTS, type Schedule, SECRETS } from './schedule';

/** Schedules that `npm run test:fuzz` found once. */

let runner: FuzzRunner;
beforeAll(async () => {
  runner = await FuzzRunner.open();
});
afterAll(() => runner.close());

/** A deployment is in flight, and its cancellation takes 20 seconds. */
const PLAIN: Schedule = {
  ...DEFAULTS,
  seed: 1,
  lifecycle: 'created',
  timeoutSeconds: 60,
  failOn: [],
  onNotFound: 'fail',
  includeStatusMessage: false,
  behaviors: [
    {
      first: { seconds: 3000, ends: 'SUCCEEDED' },
      onCancel: 'cancelled',
      cancelSeconds: 20,
      startsAt: [],
      withholdsIds: false,
    },
  ],
  skewSeconds: 0,
  callFaults: [],
  functionFaults: [],
  responseFaults: [],
  consistency: 'strong',
  quotas: 'none',
  delivery: 'prompt',
  abortsAt: [],
};

test('the error message of a parameter that cannot be read is neither in a log nor in the history of an execution', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    callFaults: [{ call: 'ssm:GetParameter', from: 1, count: 30, fault: 'server-error' }],
  });
  expect(violations).toEqual([]);
  expect(record.readable).toMatch(/ssm:GetParameter on arn:\S+ failed with InternalServerError/);
});

test('a stack that faults leave in ROLLBACK_FAILED is not updated, and violates no invariant', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    lifecycle: 'replaced',
    behaviors: [],
    functionFaults: [{ task: 'request', from: 2, count: null, fault: { kind: 'crash', when: 'before' } }],
  });
  expect(violations).toEqual([]);
  expect(record.steps.map(({ status }) => status)).toEqual(['ROLLBACK_FAILED']);
});

test('a Delete is answered although its body cannot be kept and the first responses are lost', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    lifecycle: 'deleted-while-waiting',
    behaviors: [],
    callFaults: [{ call: 'ssm:PutParameter', from: 1, count: null, fault: 'throttled' }],
    responseFaults: [{ from: 1, count: 11, fault: 'hang' }],
  });
  expect(violations).toEqual([]);
  expect(record.stackEvents.map(({ status }) => status)).not.toContain('DELETE_FAILED');
});

test('two cancellations of which one ends before the list shows the execution of the other leave the stack deletable', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    seed: 6,
    lifecycle: 'two-cancellations',
    kind: 'codepipeline-execution',
    encryptionKey: true,
    behaviors: [],
    consistency: 'eventual',
    quotas: 'new-account',
  });
  expect(violations).toEqual([]);
  expect(record.steps.map(({ status }) => status)).toEqual(['ROLLBACK_COMPLETE']);
  expect(record.deletion?.status).toBe('DELETE_COMPLETE');
});

test('an execution that is aborted while the mark of its answer is throttled gets no second answer', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    seed: 0,
    kind: 'ecs-service-deployment',
    behaviors: PLAIN.behaviors.map((behavior) => ({ ...behavior, first: undefined })),
    callFaults: [{ call: 'ssm:PutParameter', from: 2, count: null, fault: 'throttled' }],
    consistency: 'eventual',
    delivery: 'at-least-once',
    abortsAt: [18],
  });
  expect(violations).toEqual([]);
  expect(record.steps.map(({ status }) => status)).toEqual(['CREATE_COMPLETE']);
});

test('a guard cancels an execution that waits in a queue behind the one of an earlier update', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    lifecycle: 'nested-rollback-of-update',
    kind: 'codepipeline-execution',
    onNotFound: 'succeed',
    behaviors: [],
    quotas: 'new-account',
  });
  expect(violations).toEqual([]);
  expect(record.cancels).toHaveLength(1);
});

test('a duplicate of a rollback that arrives after the rollback does not change its answer', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    seed: 6,
    lifecycle: 'update-rolled-back-while-waiting',
    kind: 'cloudformation-stack-update',
    behaviors: PLAIN.behaviors.map((behavior) => ({ ...behavior, first: undefined })),
    delivery: 'at-least-once',
  });
  expect(violations).toEqual([]);
  expect(record.steps.map(({ status }) => status)).toEqual(['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE']);
});

test('a guard whose parameters and responses fail for longer than all attempts leaves the stack deletable', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    seed: 0,
    lifecycle: 'guard-new-in-failed-update',
    onNotFound: 'succeed',
    behaviors: [],
    callFaults: [{ call: 'ssm:PutParameter', from: 1, count: null, fault: 'throttled' }],
    responseFaults: [{ from: 2, count: 3, fault: 'reset' }],
    consistency: 'eventual',
    quotas: 'new-account',
    delivery: 'at-least-once',
  });
  expect(violations).toEqual([]);
  expect(record.deletion?.status).toBe('DELETE_COMPLETE');
});

test('an error of the service that deploys may be part of a reason, and of no log', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    lifecycle: 'created-twice',
    kind: 'cloudformation-stack-update',
    behaviors: [],
    callFaults: [{ call: 'cloudformation:DescribeStacks', from: 3, count: 1, fault: 'throttled' }],
    consistency: 'eventual',
    quotas: 'new-account',
    delivery: 'at-least-once',
  });
  expect(violations).toEqual([]);
  expect(record.logs.join('\n')).not.toContain(SECRETS.error);
});

test('of several cancellations whose cancel requests are throttled, none repeats its step without a wait', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    lifecycle: 'four-cancellations',
    kind: 'ecs-service-deployment',
    callFaults: [{ call: 'ecs:StopServiceDeployment', from: 1, count: null, fault: 'throttled' }],
  });
  expect(violations).toEqual([]);
  // The first failure of the stack ends the others, and may end its own execution right after the response.
  const reasons = record.responses.map(({ body }) => JSON.parse(body).Reason);
  expect(reasons).toContainEqual(expect.stringContaining('the timeout of 60 s has passed'));
});

test('of two cancellations of a deployment that is deleted, the one that did not request its end has nothing to cancel', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    lifecycle: 'two-cancellations',
    kind: 'appconfig-deployment',
    seed: 8,
    behaviors: [
      {
        first: { seconds: 12, ends: 'SUCCEEDED' },
        onCancel: 'vanishes',
        cancelSeconds: 0,
        startsAt: [],
        withholdsIds: false,
      },
    ],
    callFaults: [
      { call: 'appconfig:GetDeployment', from: 4, count: 5, fault: 'reset' },
      { call: 'ssm:PutParameter', from: 4, count: null, fault: 'throttled' },
    ],
    encryptionKey: true,
    consistency: 'eventual',
    quotas: 'new-account',
    delivery: 'at-least-once',
  });
  expect(violations).toEqual([]);
  const outcomes = record.responses.map(({ body }) => JSON.parse(body).Data.outcome);
  expect(outcomes).toEqual(expect.arrayContaining(['NOTHING_TO_CANCEL', 'SUPERSEDED']));
});

test('an update that Lambda delivers again after its rollback, while the next update runs, cancels nothing', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    lifecycle: 'update-cancelled-while-waiting',
    kind: 'ecs-service-deployment',
    seed: 0,
    behaviors: [{ onCancel: 'cancelled', cancelSeconds: 0, startsAt: [], withholdsIds: false }],
    functionFaults: [{ task: 'request', from: 2, count: 1, fault: { kind: 'crash', when: 'before' } }],
    consistency: 'eventual',
    quotas: 'new-account',
    delivery: 'at-least-once',
  });
  expect(violations).toEqual([]);
  const outcomes = record.responses.map(({ body }) => JSON.parse(body).Data.outcome);
  expect(outcomes.filter((outcome) => outcome === 'NOT_ATTEMPTED').length).toBeGreaterThan(1);
});

/** Every invocation that cancels hangs until Lambda ends it. */
const HANGING: Schedule = {
  ...PLAIN,
  encryptionKey: true,
  seed: 0,
  functionFaults: [{ task: 'CANCEL', from: 1, count: null, fault: { kind: 'timeout', when: 'after' } }],
  consistency: 'eventual',
  delivery: 'at-least-once',
};

test.each([
  ['list-updated', 'proton-service-pipeline', 7],
  ['fleet-deleted', 'proton-service-instance', 10],
] as const)('a fleet is answered although its functions hang (%s)', async (lifecycle, kind, seconds) => {
  const { record, violations } = await runner.run({
    ...HANGING,
    lifecycle,
    kind,
    behaviors: [
      {
        first: { seconds, ends: 'SUCCEEDED' },
        onCancel: 'cancelled',
        cancelSeconds: 0,
        startsAt: [],
        withholdsIds: false,
      },
    ],
  });
  expect(violations).toEqual([]);
  const reasons = record.responses.map(({ body }) => JSON.parse(body).Reason);
  expect(reasons.join()).toContain('failed with States.Timeout');
});

test.each<[string, Parameters<FuzzRunner['run']>[0]]>([
  [
    'parameters that can never be read, where Systems Manager also deploys',
    {
      ...PLAIN,
      seed: 0,
      lifecycle: 'two-cancellations',
      kind: 'ssm-automation-execution',
      behaviors: [],
      callFaults: [{ call: 'ssm:GetParameter', from: 1, count: null, fault: 'throttled' }],
      quotas: 'new-account',
      delivery: 'at-least-once',
    },
  ],
  [
    'an abort before EventBridge may invoke the function of a new stack',
    {
      ...PLAIN,
      seed: 306499,
      lifecycle: 'created-twice',
      kind: 'codepipeline-execution',
      declared: true,
      onNotFound: 'succeed',
      consistency: 'eventual',
      delivery: 'at-least-once',
      abortsAt: [7],
    },
  ],
])('a missing response is excused by %s', async (_what, schedule) => {
  const { record, violations } = await runner.run(schedule);
  expect(violations).toEqual([]);
  expect(record.stackEvents.some(({ statusReason }) => /did not receive a response/.test(statusReason ?? ''))).toBe(
    true,
  );
});

test('a guard that a failed update adds with a role cancels as the role, which the rollback keeps until the cleanup', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    lifecycle: 'guard-new-in-failed-update',
    kind: 'ecs-service-deployment',
    role: true,
    onNotFound: 'succeed',
    behaviors: [],
  });
  expect(violations).toEqual([]);
  expect(record.steps.map(({ status }) => status)).toEqual(['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE']);
  expect(record.cancels).not.toEqual([]);
  expect(record.logs.join('\n')).not.toContain('guard-failed');
});

test('of several cancellations of a creation, those that see only the deletion of the stack have nothing to cancel', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    seed: 0,
    lifecycle: 'four-cancellations',
    kind: 'cloudformation-stack-update',
    options: { onRollbackFailed: 'continue', resourcesToSkip: ['Service'], deleteOnCreate: true },
    behaviors: PLAIN.behaviors.map((behavior) => ({
      ...behavior,
      first: { seconds: 3, ends: 'SUCCEEDED', creates: true },
      cancelSeconds: 2,
    })),
    quotas: 'new-account',
    delivery: 'at-least-once',
  });
  expect(violations).toEqual([]);
  expect(record.stackRequests).toHaveLength(1);
  const outcomes = record.responses.map(({ body }) => JSON.parse(body).Data.outcome);
  expect(outcomes).toEqual(expect.arrayContaining(['CANCELLED', 'NOTHING_TO_CANCEL']));
});

test('a declared deployment whose read returns a newer one has no known end', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    seed: 0,
    lifecycle: 'four-cancellations',
    kind: 'codepipeline-execution',
    declared: true,
    behaviors: PLAIN.behaviors.map((behavior) => ({ ...behavior, cancelSeconds: 0, startsAt: [4] })),
    consistency: 'eventual',
    quotas: 'new-account',
    delivery: 'at-least-once',
  });
  expect(violations).toEqual([]);
  const ends = record.responses.map(({ body }) => JSON.parse(body).Data);
  expect(ends).toContainEqual(expect.objectContaining({ outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'UNKNOWN' }));
});

test('a requested deletion of a stack that fails is a cancellation that failed', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    lifecycle: 'started-by-event',
    kind: 'cloudformation-stack-update',
    options: { deleteOnCreate: true },
    timeoutSeconds: 300,
    behaviors: [
      {
        first: { seconds: 3000, ends: 'SUCCEEDED', creates: true },
        onCancel: 'fails',
        cancelSeconds: 0,
        startsAt: [],
        withholdsIds: false,
      },
    ],
    consistency: 'eventual',
  });
  expect(violations).toEqual([]);
  expect(record.stackRequests).toMatchObject([{ operation: 'DeleteStack' }]);
  expect(record.executions.map(({ output }) => JSON.parse(output ?? '{}').outcome)).toContain('CANCEL_FAILED');
});

test('a response that is lost while its workflow is removed leaves no secret behind', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    seed: 0,
    lifecycle: 'guard-removed',
    kind: 'codepipeline-execution',
    onNotFound: 'succeed',
    behaviors: [],
    responseFaults: [{ from: 2, count: 12, fault: 'lost' }],
    consistency: 'eventual',
    quotas: 'new-account',
  });
  expect(violations).toEqual([]);
  expect(record.functionDeletedAt).toBeDefined();
  expect(record.parameters.map(({ name }) => name)).toEqual([expect.stringMatching(/\.response$/)]);
});

test('of an execution whose start is never known, the response after the end of its function is ignored', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    seed: 449113,
    lifecycle: 'deleted-while-waiting',
    kind: 'sagemaker-pipeline-execution',
    encryptionKey: true,
    behaviors: PLAIN.behaviors.map((behavior) => ({ ...behavior, first: undefined, cancelSeconds: 0 })),
    callFaults: [{ call: 'sfn:StartExecution', from: 1, count: null, fault: 'half' }],
    consistency: 'eventual',
    quotas: 'new-account',
    delivery: 'at-least-once',
  });
  expect(violations).toEqual([]);
  const statuses = record.responses.map(({ body }) => JSON.parse(body).Status);
  expect(statuses).toEqual(['SUCCESS', 'SUCCESS', 'FAILED']);
});

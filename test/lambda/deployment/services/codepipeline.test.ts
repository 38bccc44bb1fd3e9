import { inspect } from 'node:util';
import { PipelineExecutionStatus } from '@aws-sdk/client-codepipeline';
import { ServiceError } from '../../../../emulator/core/http-server';
import { jsonProtocol } from '../../../../emulator/core/protocols';
import type { CallError, Driver, Phase, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { type AwsContext, awsContextOf } from '../../../../lambda/deployment/services/aws-context';
import { service } from '../../../../lambda/deployment/services/codepipeline';
import { STATUSES } from '../../../../lambda/deployment/services/codepipeline/executions';
import { phaseOf } from '../../../../lambda/deployment/services/statuses';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { type Call, fakeService } from './fake-service';

let now = Date.UTC(2027, 0);
const AWS: AwsContext = {
  ...awsContextOf({
    invokedFunctionArn: 'arn:aws-cn:lambda:cn-north-1:111122223333:function:deployment',
  }),
  now: () => now,
};
beforeEach(() => {
  now = Date.UTC(2027, 0);
});
const PIPELINE = 'arn:aws-cn:codepipeline:cn-north-1:111122223333:release';
const X = '01234567-89ab-cdef-0123-00000000000a';
const Y = '01234567-89ab-cdef-0123-00000000000b';
const Z = '01234567-89ab-cdef-0123-00000000000c';
const SECRET = 'hunter2';

const NAMES = { pipelineName: 'release' };
const BY_NAME: Deployment = { kind: 'codepipeline-execution', identifiers: NAMES };
const BY_ID: Deployment = { kind: 'codepipeline-execution', identifiers: { ...NAMES, executionId: X } };
const ABANDONING: Deployment = {
  kind: 'codepipeline-execution',
  identifiers: NAMES,
  options: { abandon: true },
};

/** An execution as CodePipeline describes it. */
const DESCRIBED = {
  pipelineName: 'release',
  pipelineVersion: 3,
  pipelineExecutionId: X,
  status: 'InProgress',
  statusSummary: `summary ${SECRET}`,
  variables: [{ name: 'password', resolvedValue: SECRET }],
  artifactRevisions: [{ name: 'source', revisionSummary: `commit ${SECRET}` }],
  trigger: { triggerType: 'StartPipelineExecution', triggerDetail: `trigger ${SECRET}` },
};
const STARTED = 1_790_000_000.5;
/** The same execution in the list, with times in seconds since the epoch. */
const LISTED = {
  pipelineExecutionId: X,
  status: 'InProgress',
  statusSummary: `summary ${SECRET}`,
  startTime: STARTED,
  lastUpdateTime: STARTED + 60,
  sourceRevisions: [{ actionName: 'source', revisionSummary: `commit ${SECRET}` }],
  stopTrigger: { reason: `stop ${SECRET}` },
};
const FOUND = {
  kind: 'found',
  phase: 'IN_PROGRESS',
  deploymentStatus: 'InProgress',
  deploymentId: X,
  attributes: { arn: PIPELINE, name: 'release' },
};

const FIND: Call = {
  title: 'finding the deployment in flight',
  call: (driver) => driver.describe(undefined),
  operation: 'ListPipelineExecutions',
  arn: PIPELINE,
  input: { pipelineName: 'release', maxResults: 100 },
  startedAt: STARTED * 1000,
  response: (changes) => ({ pipelineExecutionSummaries: [{ ...LISTED, ...changes }] }),
};
const DESCRIBE: Call = {
  title: 'describing the pinned deployment',
  call: (driver) => driver.describe(X),
  operation: 'GetPipelineExecution',
  arn: PIPELINE,
  input: { pipelineName: 'release', pipelineExecutionId: X },
  response: (changes) => ({ pipelineExecution: { ...DESCRIBED, ...changes } }),
};
const DESCRIBES: readonly Call[] = [
  DESCRIBE,
  { ...DESCRIBE, title: 'describing a deployment by its id', call: (driver) => driver.describeById(X) },
  { ...DESCRIBE, title: 'describing the pinned deployment, which was specified', deployment: BY_ID },
];
const READS: readonly Call[] = [FIND, ...DESCRIBES];
const STOP: Call = {
  title: 'stopping',
  call: (driver) => driver.cancel(X),
  operation: 'StopPipelineExecution',
  arn: PIPELINE,
  input: {
    pipelineName: 'release',
    pipelineExecutionId: X,
    abandon: false,
    reason: 'Cancelled by cdk-deployment-cancellation.',
  },
  response: (changes) => ({ pipelineExecutionId: X, ...changes }),
};
const CALLS: readonly Call[] = [...READS, STOP];

const { fake, driver, invoke, errorOf, testCommonErrors } = fakeService({
  name: 'codepipeline',
  protocol: jsonProtocol('CodePipeline_20150709', '1.1'),
  aws: AWS,
  service,
  deployment: BY_NAME,
});

describe('a response', () => {
  const PHASES: Readonly<Record<PipelineExecutionStatus, Phase>> = {
    InProgress: 'IN_PROGRESS',
    Stopping: 'CANCELLING',
    Stopped: 'CANCELLED',
    Cancelled: 'CANCELLED',
    Succeeded: 'COMPLETED',
    Failed: 'FAILED',
    Superseded: 'SUPERSEDED',
  };
  const statuses: [string, Phase][] = [
    ...Object.entries(PHASES),
    ['Paused', 'UNKNOWN'],
    ['constructor', 'UNKNOWN'],
    ['INPROGRESS', 'UNKNOWN'],
  ];

  test('every status of the API has a phase', () => {
    expect(Object.keys(PHASES).sort()).toEqual(Object.values(PipelineExecutionStatus).sort());
    for (const [status, phase] of statuses) expect(phaseOf(STATUSES, status)).toBe(phase);
  });

  test.each(READS.flatMap((call) => statuses.map(([status, phase]) => ({ title: call.title, call, status, phase }))))(
    'to $title with $status',
    async ({ call, status, phase }) => {
      // The list is read for the successor of an execution that a change of the pipeline has cancelled.
      fake.respond = ({ operation }) => (operation === call.operation ? call.response({ status }) : FIND.response());
      const read = await call.call(driver({ deployment: call.deployment }));
      expect(read).toEqual({ ...FOUND, phase, deploymentStatus: status, startedAt: call.startedAt });
    },
  );

  test('to stopping is that the specified execution is stopping', async () => {
    fake.respond = () => STOP.response();
    const stopping = { ...FOUND, phase: 'CANCELLING', deploymentStatus: 'Stopping' };
    expect(await invoke(STOP)).toEqual(stopping);
    const named = { ...STOP, deployment: BY_ID, call: (one: Driver) => one.cancel(undefined) };
    expect(await invoke(named)).toEqual(stopping);
  });

  test('a stop that forces the end abandons the same execution', async () => {
    const deployment: Deployment = { ...ABANDONING, options: { abandon: false, abandonAfterSeconds: 300 } };
    const call = (one: Driver) => one.cancel(X, undefined, true);
    fake.respond = () => STOP.response();
    await invoke({ ...STOP, deployment, call, input: { ...STOP.input, abandon: true } });
  });

  test('a stop does not abandon before the time for that has passed', async () => {
    fake.respond = () => STOP.response();
    await invoke({ ...STOP, deployment: { ...ABANDONING, options: { abandon: false, abandonAfterSeconds: 300 } } });
  });

  test('stopping abandons the actions in progress only if that is requested', async () => {
    fake.respond = () => STOP.response();
    await invoke({ ...STOP, deployment: ABANDONING, input: { ...STOP.input, abandon: true } });
    await invoke(STOP);
  });

  test.each(READS)('to $title has the summary only if it is requested', async (call) => {
    fake.respond = () => call.response();
    expect(inspect(await invoke(call), { depth: null })).not.toContain(SECRET);
    const withMessage = await invoke(call, { settings: { includeStatusMessage: true } });
    expect(withMessage).toMatchObject({ attributes: { deploymentStatusMessage: `summary ${SECRET}` } });
    expect(inspect(withMessage, { depth: null })).not.toMatch(/password|commit|trigger|stop/);
  });

  test.each(READS)('to $title of any size and alphabet is truncated', async (call) => {
    const wide = '🚀\n'.repeat(50_000);
    fake.respond = () => call.response({ status: `A ${wide}`, statusSummary: wide });
    const read = await invoke(call, { settings: { includeStatusMessage: true } });
    const text = JSON.stringify(read);
    expect(text.length).toBeLessThan(10_000);
    expect(text).not.toMatch(/\\n|\\ud/);
    expect(read).toMatchObject({ phase: 'UNKNOWN', deploymentId: X });
  });

  test.each(CALLS)('to $title with an invalid id is invalid', async (call) => {
    for (const pipelineExecutionId of [undefined, null, '', 'x y', '*', 'x'.repeat(101), 7]) {
      fake.respond = () => call.response({ pipelineExecutionId });
      expect(await invoke(call)).toMatchObject(errorOf(call, { errorType: 'unreachable' }));
    }
  });

  test.each([...DESCRIBES, STOP])('to $title about another execution is invalid', async (call) => {
    fake.respond = () => call.response({ pipelineExecutionId: Y });
    expect(await invoke(call)).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });

  test.each(DESCRIBES)('to $title about an execution of another pipeline is invalid', async (call) => {
    fake.respond = () => call.response({ pipelineName: 'other' });
    expect(await invoke(call)).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
    fake.respond = () => call.response({ pipelineName: undefined });
    expect(await invoke(call)).toMatchObject({ kind: 'found' });
  });

  test.each(READS)('to $title without a valid status is invalid', async (call) => {
    for (const status of [undefined, null, '', ' ', 7]) {
      fake.respond = () => call.response({ status });
      expect(await invoke(call)).toMatchObject(errorOf(call, { errorType: 'unreachable' }));
    }
  });
});

describe('the deployment in flight', () => {
  const at = (pipelineExecutionId: string, startTime: number | undefined, status = 'InProgress') => ({
    pipelineExecutionId,
    startTime,
    status,
  });
  const find = () => driver().describe(undefined);
  const respondWith = (...pages: object[]) => {
    fake.respond = () => pages.shift() ?? {};
  };

  test('is the newest, in any order and on any page of the list', async () => {
    respondWith(
      { pipelineExecutionSummaries: [at(X, 10), at(Y, 30)], nextToken: 't' },
      { pipelineExecutionSummaries: [], nextToken: 'u' },
      { pipelineExecutionSummaries: [at(Z, 40.5), at(X, 20)] },
    );
    expect(await find()).toMatchObject({ kind: 'found', deploymentId: Z, startedAt: 40_500 });
    expect(fake.calls.map(({ input }) => input.nextToken)).toEqual([undefined, 't', 'u']);
  });

  test.each(['InProgress', 'Stopping'])('is %s, even if a newer one is over', async (status) => {
    respondWith({ pipelineExecutionSummaries: [at(Y, 3, 'Succeeded'), at(X, 2, status), at(Z, 1)] });
    expect(await find()).toMatchObject({ deploymentId: X, deploymentStatus: status });
  });

  test('is the newest of all, which is over, if none is in flight', async () => {
    respondWith({ pipelineExecutionSummaries: [at(X, 1, 'Succeeded'), at(Y, 2, 'Failed')] });
    expect(await find()).toMatchObject({ deploymentId: Y, deploymentStatus: 'Failed' });
  });

  test('may be the newest with an unknown status, and then no older one', async () => {
    respondWith({ pipelineExecutionSummaries: [at(Y, 2, 'Paused'), at(X, 1)] });
    expect(await find()).toMatchObject({ deploymentId: Y, phase: 'UNKNOWN' });
    respondWith({ pipelineExecutionSummaries: [at(Y, 2), at(X, 1, 'Paused')] });
    expect(await find()).toMatchObject({ deploymentId: Y, phase: 'IN_PROGRESS' });
  });

  test('does not exist where nothing was deployed', async () => {
    respondWith({ pipelineExecutionSummaries: [], nextToken: '' });
    expect(await find()).toEqual({ kind: 'never-deployed' });
  });

  test('is unknown if the response does not say which is the newest', async () => {
    respondWith({ pipelineExecutionSummaries: [at(X, 1), at(Y, undefined)] });
    expect(await find()).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });

  test('that is the only one may have no start time', async () => {
    respondWith({ pipelineExecutionSummaries: [at(X, undefined)] });
    expect(await find()).toEqual({ ...FOUND, startedAt: undefined });
  });

  /** 100,000 seconds before now. */
  const RECENT = Date.UTC(2027, 0) / 1000 - 100_000;
  const DAY = 24 * 60 * 60;

  test('is one of the thousand newest, on pages that may be short', async () => {
    fake.respond = () => ({ pipelineExecutionSummaries: [at(X, RECENT - fake.calls.length)], nextToken: 't' });
    expect(await find()).toMatchObject({ kind: 'found', deploymentId: X });
    expect(fake.calls).toHaveLength(100);
  });

  test('is not known if the thousand newest are over, and there are more', async () => {
    fake.respond = () => {
      const summaries = Array.from({ length: 100 }, (_, index) =>
        at(X, RECENT - 100 * fake.calls.length - index, 'Succeeded'),
      );
      return { pipelineExecutionSummaries: summaries, nextToken: 't' };
    };
    expect(await find()).toMatchObject({
      phase: 'COMPLETED',
      unread: 'more deployments are listed than can be read; specify one of them',
    });
    expect(fake.calls).toHaveLength(10);
  });

  describe('is not among those that started more than 90 days ago', () => {
    const ended = (daysAgo: number) => at(X, RECENT + 100_000 - daysAgo * DAY, 'Succeeded');

    test('so the list is read until they begin', async () => {
      const days = [
        [1, 30],
        [31, 90],
        [90, 91],
        [92, 93],
      ] as const;
      fake.respond = () => ({
        pipelineExecutionSummaries: days[fake.calls.length]?.map(ended),
        nextToken: String(fake.calls.length),
      });
      const found = await find();
      expect(found).toMatchObject({ kind: 'found', phase: 'COMPLETED' });
      expect(found).not.toHaveProperty('unread');
      expect(fake.calls).toHaveLength(3);
    });

    test.each([
      ['the oldest first', [91, 89]],
      ['a newer one after an older one', [89, 92, 91, 93]],
      ['one execution', [91]],
      ['executions of the same time', [91, 91]],
    ])('and a page with %s does not end the list', async (_, days) => {
      respondWith(
        { pipelineExecutionSummaries: days.map(ended), nextToken: 't' },
        { pipelineExecutionSummaries: [at(Y, RECENT)] },
      );
      expect(await find()).toMatchObject({ deploymentId: Y, phase: 'IN_PROGRESS' });
      expect(fake.calls).toHaveLength(2);
    });
  });

  test('is the oldest of a queue, for which the others wait', async () => {
    const queued = (one: object) => ({ ...one, executionMode: 'QUEUED' });
    respondWith({ pipelineExecutionSummaries: [at(Z, 3), at(Y, 2), at(X, 1, 'Succeeded')].map(queued) });
    expect(await find()).toMatchObject({ deploymentId: Y });
    respondWith({ pipelineExecutionSummaries: [{ ...at(Z, 3), executionMode: 'PARALLEL' }, at(Y, 2)] });
    expect(await find()).toMatchObject({ deploymentId: Z });
  });

  test('is no rollback', async () => {
    const rollback = { ...at(Z, 3), executionType: 'ROLLBACK' };
    respondWith({ pipelineExecutionSummaries: [rollback, at(Y, 2), at(X, 1)] });
    expect(await find()).toMatchObject({ deploymentId: Y, phase: 'IN_PROGRESS' });
    respondWith({ pipelineExecutionSummaries: [rollback, at(Y, 2, 'Failed')] });
    expect(await find()).toMatchObject({ deploymentId: Y, phase: 'FAILED' });
    respondWith({ pipelineExecutionSummaries: [rollback] });
    expect(await find()).toEqual({ kind: 'never-deployed' });
  });

  test('is unknown after a list that is too long and not newest first', async () => {
    for (const status of ['InProgress', 'Succeeded']) {
      fake.respond = () => ({ pipelineExecutionSummaries: [at(X, fake.calls.length, status)], nextToken: 't' });
      expect(await find()).toMatchObject({
        errorType: 'unreachable',
        message: 'more deployments are listed than can be read; specify one of them',
      });
    }
  });
});

describe('a specified execution', () => {
  const describe = async (found: object): Promise<ReadResult> => {
    fake.calls = [];
    fake.respond = () => ({ pipelineExecution: { ...DESCRIBED, ...found } });
    return driver({ deployment: BY_ID }).describe(undefined);
  };
  const operations = () => fake.calls.map(({ operation }) => operation);

  test.each(['InProgress', 'Stopping'])('that is %s is read by its id, and not looked up in a list', async (status) => {
    expect(await describe({ status })).toMatchObject({
      deploymentId: X,
      deploymentStatus: status,
      isSpecified: true,
    });
    expect(operations()).toEqual(['GetPipelineExecution']);
  });

  test('that is over is read, and nothing else', async () => {
    expect(await describe({ status: 'Succeeded' })).toMatchObject({ phase: 'COMPLETED' });
    expect(operations()).toEqual(['GetPipelineExecution']);
  });

  test('that is a rollback is never stopped', async () => {
    const rollback = await describe({ executionType: 'ROLLBACK' });
    expect(rollback).toMatchObject({
      phase: 'NOT_CANCELLABLE',
      obstacle: 'the execution is a rollback, and a rollback is never stopped',
    });
    expect(await describe({ executionType: 'ROLLBACK', status: 'Succeeded' })).toMatchObject({ phase: 'COMPLETED' });
  });
});

describe('an execution that is stopping', () => {
  const describe = (deployment: Deployment, more: object = {}) => {
    fake.respond = () => ({ pipelineExecution: { ...DESCRIBED, status: 'Stopping', ...more } });
    return driver({ deployment }).describe(X);
  };

  test('can still be abandoned, if that is requested', async () => {
    expect(await describe(ABANDONING)).toMatchObject({ phase: 'CANCELLING_GRACEFULLY', deploymentStatus: 'Stopping' });
    expect(await describe(BY_NAME)).toMatchObject({ phase: 'CANCELLING' });
  });

  test('can be abandoned after a time, unless it is a rollback', async () => {
    const later: Deployment = { ...BY_NAME, options: { abandon: false, abandonAfterSeconds: 300 } };
    expect(await describe(later)).toMatchObject({ phase: 'CANCELLING', forceAfterMs: 300_000 });
    expect(await describe(later, { executionType: 'ROLLBACK' })).not.toHaveProperty('forceAfterMs');
    expect(await describe(BY_NAME)).not.toHaveProperty('forceAfterMs');
  });

  test('is not abandoned if it is a rollback', async () => {
    expect(await describe(ABANDONING, { executionType: 'ROLLBACK' })).toMatchObject({ phase: 'CANCELLING' });
  });
});

describe('an execution that a change of the pipeline has cancelled', () => {
  const revision = (revisionId: string) => ({ sourceRevisions: [{ actionName: 'Source', revisionId }] });
  const cancelled = { ...LISTED, ...revision('a') };
  const newer = { ...cancelled, pipelineExecutionId: Y, startTime: STARTED + 60, status: 'InProgress' };
  const describe = (...listed: object[]) => {
    fake.respond = ({ operation }) =>
      operation === 'ListPipelineExecutions'
        ? { pipelineExecutionSummaries: listed }
        : { pipelineExecution: { ...DESCRIBED, status: 'Cancelled' } };
    return driver().describe(X);
  };

  test('is superseded by the next one that releases the same', async () => {
    const next = { ...newer, pipelineExecutionId: Z, startTime: STARTED + 30 };
    expect(await describe(newer, next, cancelled)).toMatchObject({
      phase: 'SUPERSEDED',
      deploymentStatus: 'Cancelled',
      supersededBy: Z,
    });
  });

  test('is not over in the seconds in which the list may be behind', async () => {
    const changed = { ...cancelled, lastUpdateTime: STARTED + 50 };
    now = (STARTED + 50) * 1000 + 14_000;
    expect(await describe(changed)).toMatchObject({ phase: 'ENDING' });
    expect(await describe(newer, changed)).toMatchObject({ phase: 'SUPERSEDED', supersededBy: Y });
    now += 1_000;
    expect(await describe(changed)).toMatchObject({ phase: 'CANCELLED' });
  });

  test.each<[string, object[]]>([
    ['an older one', [{ ...newer, startTime: STARTED - 1 }, cancelled]],
    ['one that releases something else', [{ ...newer, ...revision('b') }, cancelled]],
    ['a rollback', [{ ...newer, executionType: 'ROLLBACK' }, cancelled]],
    [
      'one of which the revisions are not known',
      [
        { ...newer, sourceRevisions: [] },
        { ...cancelled, sourceRevisions: [] },
      ],
    ],
    ['one if it is not listed itself', [newer]],
  ])('is cancelled, and not superseded by %s', async (_what, listed) => {
    const read = await describe(...listed);
    expect(read).toMatchObject({ phase: 'CANCELLED' });
    expect(read).not.toHaveProperty('supersededBy');
  });
});

describe('an error', () => {
  const types: [string, CallError['errorType'], number][] = [
    ['AccessDeniedException', 'denied', 400],
    ['ValidationException', 'rejected', 400],
    ['PipelineExecutionNotStoppableException', 'conflict', 400],
    ['DuplicatedStopRequestException', 'conflict', 400],
    ['ThrottlingException', 'throttled', 400],
    ['InternalFailure', 'server-error', 500],
    ['UnrecognizedClientException', 'unreachable', 400],
    ['UnknownOperationException', 'unreachable', 400],
    ['ServiceUnavailable', 'server-error', 503],
    ['SomeNewException', 'rejected', 400],
  ];

  test.each(
    CALLS.flatMap((call) =>
      types.map(([type, errorType, statusCode]) => ({ title: call.title, call, type, errorType, statusCode })),
    ),
  )('$type of $title is $errorType, after one request', async ({ call, type, errorType, statusCode }) => {
    fake.fault = () => ({ kind: 'error', type, message: 'Two\n lines.', statusCode });
    const message = errorType === 'unreachable' ? `Two lines (http ${statusCode})` : 'Two lines';
    expect(await invoke(call)).toEqual(errorOf(call, { errorType, errorName: type, message }));
  });

  test('of a busy pipeline does not reject the stop, which can be tried again', async () => {
    fake.fault = () => ({ kind: 'error', type: 'ConflictException', message: 'Busy.' });
    expect(await invoke(STOP)).toEqual(
      errorOf(STOP, { errorType: 'conflict', errorName: 'ConflictException', message: 'Busy' }),
    );
  });

  test.each(['PipelineNotFoundException', 'PipelineExecutionNotFoundException'])(
    '%s is a result of a read, and a conflict of a stop',
    async (type) => {
      fake.respond = () => {
        throw new ServiceError(type, 'It is not there.');
      };
      for (const read of READS) expect(await invoke(read)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
      const named = { ...DESCRIBE, deployment: BY_ID, call: (one: Driver) => one.describe(undefined) };
      expect(await invoke(named)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
      expect(await invoke(STOP)).toEqual(
        errorOf(STOP, { errorType: 'conflict', errorName: type, message: 'It is not there' }),
      );
    },
  );
});

testCommonErrors([DESCRIBE, ...CALLS.filter((call) => call !== DESCRIBE)], {
  pipelineExecutionSummaries: null,
  pipelineExecution: null,
});

test('the driver has a display name, and a hint with the account and the region', () => {
  expect(driver().displayName).toBe('pipeline release');
  expect(driver({ deployment: BY_ID }).displayName).toBe(`execution ${X} of pipeline release`);
  expect(driver().unavailableHint).toContain('account and region of the stack');
});

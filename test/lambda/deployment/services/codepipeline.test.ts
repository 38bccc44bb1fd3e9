import { inspect } from 'node:util';
import { PipelineExecutionStatus } from '@aws-sdk/client-codepipeline';
import { ServiceError } from '../../../../emulator/core/http-server';
import type { CallError, Driver, Phase, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { awsContextOf } from '../../../../lambda/deployment/services/aws';
import { codePipelineDriver, phaseOf } from '../../../../lambda/deployment/services/codepipeline';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { answering, type Call } from './fake-service';

const SURROUNDING = awsContextOf({
  invokedFunctionArn: 'arn:aws-cn:lambda:cn-north-1:111122223333:function:deployment',
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
const FOUND = {
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
/** The same as it is listed: times in seconds since the epoch. */
const LISTED = {
  pipelineExecutionId: X,
  status: 'InProgress',
  statusSummary: `summary ${SECRET}`,
  startTime: STARTED,
  lastUpdateTime: STARTED + 60,
  sourceRevisions: [{ actionName: 'source', revisionSummary: `commit ${SECRET}` }],
  stopTrigger: { reason: `stop ${SECRET}` },
};
const SEEN = {
  kind: 'found',
  phase: 'IN_PROGRESS',
  deploymentStatus: 'InProgress',
  deploymentId: X,
  attributes: { arn: PIPELINE, name: 'release' },
};

const FIND: Call = {
  title: 'a look for what is in flight',
  call: (driver) => driver.describe(undefined),
  operation: 'ListPipelineExecutions',
  arn: PIPELINE,
  input: { pipelineName: 'release', maxResults: 100 },
  startedAt: STARTED * 1000,
  answer: (changed) => ({ pipelineExecutionSummaries: [{ ...LISTED, ...changed }] }),
};
const LOOK: Call = {
  title: 'a look at the pinned one',
  call: (driver) => driver.describe(X),
  operation: 'GetPipelineExecution',
  arn: PIPELINE,
  input: { pipelineName: 'release', pipelineExecutionId: X },
  answer: (changed) => ({ pipelineExecution: { ...FOUND, ...changed } }),
};
const LOOKS: readonly Call[] = [
  LOOK,
  { ...LOOK, title: 'a look at one by its id', call: (driver) => driver.describeById(X) },
  { ...LOOK, title: 'a look at the pinned one, which was named', deployment: BY_ID },
];
const READS: readonly Call[] = [FIND, ...LOOKS];
const STOP: Call = {
  title: 'a stop',
  call: (driver) => driver.cancel(X),
  operation: 'StopPipelineExecution',
  arn: PIPELINE,
  input: {
    pipelineName: 'release',
    pipelineExecutionId: X,
    abandon: false,
    reason: 'Cancelled by cdk-deployment-cancellation.',
  },
  answer: (changed) => ({ pipelineExecutionId: X, ...changed }),
};
const CALLS: readonly Call[] = [...READS, STOP];

const { remote, driver, ask, troubled, testNoAnswer } = answering({
  service: 'codepipeline',
  target: 'CodePipeline_20150709',
  aws: SURROUNDING,
  driver: codePipelineDriver,
  deployment: BY_NAME,
});

describe('an answer', () => {
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

  test('every status of the API has its phase', () => {
    expect(Object.keys(PHASES).sort()).toEqual(Object.values(PipelineExecutionStatus).sort());
    for (const [status, phase] of statuses) expect(phaseOf(status)).toBe(phase);
  });

  test.each(READS.flatMap((call) => statuses.map(([status, phase]) => ({ title: call.title, call, status, phase }))))(
    'to $title that says $status',
    async ({ call, status, phase }) => {
      remote.answer = () => call.answer({ status });
      expect(await ask(call)).toEqual({ ...SEEN, phase, deploymentStatus: status, startedAt: call.startedAt });
    },
  );

  test('to a stop is that it is stopping, of the one that was named', async () => {
    remote.answer = () => STOP.answer();
    const stopping = { ...SEEN, phase: 'CANCELLING', deploymentStatus: 'Stopping' };
    expect(await ask(STOP)).toEqual(stopping);
    const named = { ...STOP, deployment: BY_ID, call: (one: Driver) => one.cancel(undefined) };
    expect(await ask(named)).toEqual(stopping);
  });

  test('a stop abandons what is in progress only where that is asked for', async () => {
    remote.answer = () => STOP.answer();
    await ask({ ...STOP, deployment: ABANDONING, input: { ...STOP.input, abandon: true } });
    await ask(STOP);
  });

  test.each(READS)('to $title keeps the summary to itself, unless it is asked for', async (call) => {
    remote.answer = () => call.answer();
    expect(inspect(await ask(call), { depth: null })).not.toContain(SECRET);
    const told = await ask(call, { settings: { includeStatusMessage: true } });
    expect(told).toMatchObject({ attributes: { deploymentStatusMessage: `summary ${SECRET}` } });
    expect(inspect(told, { depth: null })).not.toMatch(/password|commit|trigger|stop/);
  });

  test.each(READS)('to $title of any size and alphabet can be carried along', async (call) => {
    const wide = '🚀\n'.repeat(50_000);
    remote.answer = () => call.answer({ status: `A ${wide}`, statusSummary: wide });
    const read = await ask(call, { settings: { includeStatusMessage: true } });
    const text = JSON.stringify(read);
    expect(text.length).toBeLessThan(10_000);
    expect(text).not.toMatch(/\\n|\\ud/);
    expect(read).toMatchObject({ phase: 'UNKNOWN', deploymentId: X });
  });

  test.each(CALLS)('to $title about what is no execution is not used', async (call) => {
    for (const pipelineExecutionId of [undefined, null, '', 'x y', '*', 'x'.repeat(101), 7]) {
      remote.answer = () => call.answer({ pipelineExecutionId });
      expect(await ask(call)).toMatchObject(troubled(call, { errorType: 'unreachable' }));
    }
  });

  test.each([...LOOKS, STOP])('to $title about another execution is not used', async (call) => {
    remote.answer = () => call.answer({ pipelineExecutionId: Y });
    expect(await ask(call)).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });

  test.each(LOOKS)('to $title about an execution of another pipeline is not used', async (call) => {
    remote.answer = () => call.answer({ pipelineName: 'other' });
    expect(await ask(call)).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
    remote.answer = () => call.answer({ pipelineName: undefined });
    expect(await ask(call)).toMatchObject({ kind: 'found' });
  });

  test.each(READS)('to $title without a status, or with one that is no text, is not used', async (call) => {
    for (const status of [undefined, null, '', ' ', 7]) {
      remote.answer = () => call.answer({ status });
      expect(await ask(call)).toMatchObject(troubled(call, { errorType: 'unreachable' }));
    }
  });
});

describe('what is in flight', () => {
  const at = (pipelineExecutionId: string, startTime: number | undefined, status = 'InProgress') => ({
    pipelineExecutionId,
    startTime,
    status,
  });
  const find = () => driver().describe(undefined);
  const answers = (...pages: object[]) => {
    remote.answer = () => pages.shift() ?? {};
  };

  test('is the newest, in whatever order and on whatever page it is listed', async () => {
    answers(
      { pipelineExecutionSummaries: [at(X, 10), at(Y, 30)], nextToken: 't' },
      { pipelineExecutionSummaries: [], nextToken: 'u' },
      { pipelineExecutionSummaries: [at(Z, 40.5), at(X, 20)] },
    );
    expect(await find()).toMatchObject({ kind: 'found', deploymentId: Z, startedAt: 40_500 });
    expect(remote.calls.map(({ input }) => input.nextToken)).toEqual([undefined, 't', 'u']);
  });

  test.each(['InProgress', 'Stopping'])('is what is %s, before what is newer and over', async (status) => {
    answers({ pipelineExecutionSummaries: [at(Y, 3, 'Succeeded'), at(X, 2, status), at(Z, 1)] });
    expect(await find()).toMatchObject({ deploymentId: X, deploymentStatus: status });
  });

  test('is nothing where only the newest of all is known, which is over', async () => {
    answers({ pipelineExecutionSummaries: [at(X, 1, 'Succeeded'), at(Y, 2, 'Failed')] });
    expect(await find()).toMatchObject({ deploymentId: Y, deploymentStatus: 'Failed' });
  });

  test('may be what has a status that is not known, which is not passed over for an older one', async () => {
    answers({ pipelineExecutionSummaries: [at(Y, 2, 'Paused'), at(X, 1)] });
    expect(await find()).toMatchObject({ deploymentId: Y, phase: 'UNKNOWN' });
    answers({ pipelineExecutionSummaries: [at(Y, 2), at(X, 1, 'Paused')] });
    expect(await find()).toMatchObject({ deploymentId: Y, phase: 'IN_PROGRESS' });
  });

  test('is nothing where there never was one', async () => {
    answers({ pipelineExecutionSummaries: [], nextToken: '' });
    expect(await find()).toEqual({ kind: 'never-deployed' });
  });

  test('is not known where it is not said which is the newest', async () => {
    answers({ pipelineExecutionSummaries: [at(X, 1), at(Y, undefined)] });
    expect(await find()).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });

  test('that is the only one may not tell when it started', async () => {
    answers({ pipelineExecutionSummaries: [at(X, undefined)] });
    expect(await find()).toEqual({ ...SEEN, startedAt: undefined });
  });

  test('is looked for among the first five hundred', async () => {
    remote.answer = () => ({ pipelineExecutionSummaries: [at(X, remote.calls.length)], nextToken: 't' });
    expect(await find()).toMatchObject({ kind: 'found', deploymentId: X });
    expect(remote.calls).toHaveLength(5);
  });
});

describe('an execution that is named', () => {
  const describe = async (found: object, listed: object): Promise<ReadResult> => {
    remote.calls = [];
    remote.answer = ({ operation }) =>
      operation === 'ListPipelineExecutions' ? listed : { pipelineExecution: { ...FOUND, ...found } };
    return driver({ deployment: BY_ID }).describe(undefined);
  };
  const operations = () => remote.calls.map(({ operation }) => operation);

  test.each(['InProgress', 'Stopping'])(
    'and is %s is read, and looked for in the list, which tells when it started',
    async (status) => {
      const newer = { ...LISTED, pipelineExecutionId: Y, startTime: STARTED + 1 };
      expect(await describe({ status }, { pipelineExecutionSummaries: [newer, LISTED] })).toMatchObject({
        deploymentId: X,
        deploymentStatus: status,
        startedAt: STARTED * 1000,
      });
      expect(operations()).toEqual(['GetPipelineExecution', 'ListPipelineExecutions']);
    },
  );

  test('and is not in the list any more does not tell when it started', async () => {
    expect(await describe({}, { pipelineExecutionSummaries: [] })).toEqual({ ...SEEN, startedAt: undefined });
  });

  test('and is over is read, and nothing more', async () => {
    expect(await describe({ status: 'Succeeded' }, {})).toMatchObject({ phase: 'COMPLETED' });
    expect(operations()).toEqual(['GetPipelineExecution']);
  });

  test('is not known while the list is not', async () => {
    expect(await describe({}, {})).toMatchObject(troubled(FIND, { errorType: 'unreachable' }));
  });
});

describe('an error', () => {
  const types: [string, CallError['errorType'], number][] = [
    ['AccessDeniedException', 'denied', 400],
    ['ValidationException', 'rejected', 400],
    ['PipelineExecutionNotStoppableException', 'rejected', 400],
    ['DuplicatedStopRequestException', 'rejected', 400],
    ['ThrottlingException', 'throttled', 400],
    ['InternalFailure', 'server-error', 500],
    ['UnrecognizedClientException', 'unreachable', 400],
    ['UnknownOperationException', 'unreachable', 400],
    ['ServiceUnavailable', 'unreachable', 503],
  ];

  test.each(
    CALLS.flatMap((call) =>
      types.map(([type, errorType, statusCode]) => ({ title: call.title, call, type, errorType, statusCode })),
    ),
  )('$type of $title is $errorType, after one attempt', async ({ call, type, errorType, statusCode }) => {
    remote.fault = () => ({ kind: 'error', type, message: 'Two\n lines.', statusCode });
    const message = errorType === 'unreachable' ? `Two lines (http ${statusCode})` : 'Two lines';
    expect(await ask(call)).toEqual(troubled(call, { errorType, errorName: type, message }));
  });

  test('of a pipeline that is busy is no refusal of the stop: it may be tried again', async () => {
    remote.fault = () => ({ kind: 'error', type: 'ConflictException', message: 'Busy.' });
    expect(await ask(STOP)).toEqual(
      troubled(STOP, { errorType: 'throttled', errorName: 'ConflictException', message: 'Busy' }),
    );
  });

  test.each(['PipelineNotFoundException', 'PipelineExecutionNotFoundException'])(
    '%s is an answer to a read, and a refusal to a stop',
    async (type) => {
      remote.answer = () => {
        throw new ServiceError(type, 'It is not there.');
      };
      for (const read of READS) expect(await ask(read)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
      const named = { ...LOOK, deployment: BY_ID, call: (one: Driver) => one.describe(undefined) };
      expect(await ask(named)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
      expect(await ask(STOP)).toEqual(
        troubled(STOP, { errorType: 'rejected', errorName: type, message: 'It is not there' }),
      );
    },
  );
});

testNoAnswer([LOOK, ...CALLS.filter((call) => call !== LOOK)], {
  pipelineExecutionSummaries: null,
  pipelineExecution: null,
});

test('a person is told what it is, and where it was looked for', () => {
  expect(driver().displayName).toBe('pipeline release');
  expect(driver({ deployment: BY_ID }).displayName).toBe(`execution ${X} of pipeline release`);
  expect(driver().unavailableHint).toContain('account and region of the stack');
});

import { inspect } from 'node:util';
import { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import { ServiceError } from '../../../../emulator/core/http-server';
import type { CallError, Phase, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { awsContextOf } from '../../../../lambda/deployment/services/aws';
import { ecsDriver, phaseOf } from '../../../../lambda/deployment/services/ecs';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { answering, type Call } from './fake-service';

const SURROUNDING = awsContextOf({
  invokedFunctionArn: 'arn:aws-cn:lambda:cn-north-1:111122223333:function:deployment',
});
const ARN = 'arn:aws-cn:ecs:cn-north-1:111122223333';
const SERVICE = `${ARN}:service/prod/web`;
const of = (id: string) => `${ARN}:service-deployment/prod/web/${id}`;
const SECRET = 'hunter2';

const BY_NAMES: Deployment = {
  kind: 'ecs-service-deployment',
  identifiers: { clusterName: 'prod', serviceName: 'web' },
};
const BY_ARN: Deployment = { kind: 'ecs-service-deployment', identifiers: { serviceDeploymentArn: of('x') } };

/** A service deployment as ECS lists and describes it: times in seconds since the epoch. */
const FOUND = {
  serviceDeploymentArn: of('x'),
  serviceArn: SERVICE,
  clusterArn: `${ARN}:cluster/prod`,
  createdAt: 1_790_000_000.5,
  startedAt: 1_790_000_001,
  status: 'IN_PROGRESS',
  statusReason: `reason ${SECRET}`,
  rollback: { reason: `rollback ${SECRET}`, serviceRevisionArn: `${ARN}:service-revision/prod/web/1` },
};
const SEEN = { kind: 'found', phase: 'IN_PROGRESS', deploymentStatus: 'IN_PROGRESS', deploymentId: 'x' };
const ATTRIBUTES = { arn: of('x'), serviceName: 'web', createdAt: '2026-09-21T14:13:20.500Z' };

const IN_FLIGHT = ['IN_PROGRESS', 'PENDING', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_REQUESTED', 'STOP_REQUESTED'];
const FIND: Call = {
  title: 'a look for what is in flight',
  call: (driver) => driver.describe(undefined),
  operation: 'ListServiceDeployments',
  input: { cluster: 'prod', service: 'web', status: expect.any(Array), maxResults: 100 },
  arn: SERVICE,
  answer: (changed) => ({ serviceDeployments: [{ ...FOUND, ...changed }] }),
};
const LOOK: Call = {
  title: 'a look at the pinned one',
  call: (driver) => driver.describe('x'),
  operation: 'DescribeServiceDeployments',
  input: { serviceDeploymentArns: [of('x')] },
  arn: of('x'),
  answer: (changed) => ({ serviceDeployments: [{ ...FOUND, ...changed }], failures: [] }),
};
const LOOKS: readonly Call[] = [
  LOOK,
  { ...LOOK, title: 'a look at one by its id', call: (driver) => driver.describeById('x') },
  { ...LOOK, title: 'a look at one by its arn', deployment: BY_ARN, call: (driver) => driver.describe(undefined) },
];
const STOP: Call = {
  title: 'a stop',
  call: (driver) => driver.cancel('x'),
  operation: 'StopServiceDeployment',
  input: { serviceDeploymentArn: of('x'), stopType: 'ROLLBACK' },
  arn: of('x'),
  answer: (changed) => ({ serviceDeploymentArn: of('x'), ...changed }),
};
const READS: readonly Call[] = [FIND, ...LOOKS];
const CALLS: readonly Call[] = [...READS, STOP];

const { remote, driver, ask, troubled, testNoAnswer } = answering({
  service: 'ecs',
  target: 'AmazonEC2ContainerServiceV20141113',
  aws: SURROUNDING,
  driver: ecsDriver,
  deployment: BY_NAMES,
});

describe('an answer', () => {
  const PHASES: Readonly<Record<ServiceDeploymentStatus, Phase>> = {
    PENDING: 'IN_PROGRESS',
    IN_PROGRESS: 'IN_PROGRESS',
    STOP_REQUESTED: 'CANCELLING',
    ROLLBACK_REQUESTED: 'CANCELLING',
    ROLLBACK_IN_PROGRESS: 'CANCELLING',
    ROLLBACK_SUCCESSFUL: 'CANCELLED',
    STOPPED: 'CANCELLED',
    SUCCESSFUL: 'COMPLETED',
    ROLLBACK_FAILED: 'FAILED',
  };
  const statuses: [string, Phase][] = [
    ...Object.entries(PHASES),
    ['PAUSED', 'UNKNOWN'],
    ['constructor', 'UNKNOWN'],
    ['in_progress', 'UNKNOWN'],
  ];

  test('every status of the API has its phase', () => {
    expect(Object.keys(PHASES).sort()).toEqual(Object.values(ServiceDeploymentStatus).sort());
    for (const [status, phase] of statuses) expect(phaseOf(status)).toBe(phase);
  });

  test.each(
    READS.flatMap((call) =>
      statuses
        .filter(([status]) => status !== 'STOPPED')
        .map(([status, phase]) => ({ title: call.title, call, status, phase })),
    ),
  )('to $title that says $status', async ({ call, status, phase }) => {
    remote.answer = () => call.answer({ status });
    const startedAt = call.operation === 'StopServiceDeployment' ? undefined : Date.parse(ATTRIBUTES.createdAt);
    expect(await ask(call)).toEqual({ ...SEEN, phase, deploymentStatus: status, startedAt, attributes: ATTRIBUTES });
  });

  test('to a stop is that a rollback is requested, of the one that was named', async () => {
    remote.answer = () => STOP.answer();
    expect(await ask(STOP)).toEqual({
      ...SEEN,
      phase: 'CANCELLING',
      deploymentStatus: 'ROLLBACK_REQUESTED',
      attributes: { arn: of('x'), serviceName: 'web' },
    });
    expect(await ask({ ...STOP, deployment: BY_ARN, call: (driver) => driver.cancel(undefined) })).toMatchObject({
      deploymentId: 'x',
    });
  });

  test.each(READS)('to $title keeps the reason to itself, unless it is asked for', async (call) => {
    remote.answer = () => call.answer();
    expect(inspect(await ask(call), { depth: null })).not.toContain(SECRET);
    const told = await ask(call, { settings: { includeStatusMessage: true } });
    expect(told).toMatchObject({ attributes: { deploymentStatusMessage: `reason ${SECRET}` } });
    expect(inspect(told, { depth: null })).not.toMatch(/rollback/);
  });

  test.each(READS)('to $title of any size and alphabet can be carried along', async (call) => {
    const wide = '🚀\n'.repeat(50_000);
    remote.answer = () => call.answer({ status: `A ${wide}`, statusReason: wide });
    const read = await ask(call, { settings: { includeStatusMessage: true } });
    const text = JSON.stringify(read);
    expect(text.length).toBeLessThan(10_000);
    expect(text).not.toMatch(/\\n|\\ud/);
    expect(read).toMatchObject({ phase: 'UNKNOWN', deploymentId: 'x' });
  });

  test.each(READS)('to $title without a time has no such attribute', async (call) => {
    remote.answer = () => call.answer({ createdAt: undefined });
    expect(await ask(call)).toEqual({ ...SEEN, attributes: { arn: of('x'), serviceName: 'web' } });
  });

  test.each(CALLS)('to $title about something else, or about nothing, is not used', async (call) => {
    for (const serviceDeploymentArn of [
      undefined,
      null,
      '',
      'x',
      of(''),
      of('x*'),
      of('x'.repeat(101)),
      `${ARN}:service-deployment/prod/other/x`,
      of('x').replace('cn-north-1', 'cn-northwest-1'),
      7,
    ]) {
      remote.answer = () => call.answer({ serviceDeploymentArn });
      expect(await ask(call)).toMatchObject(troubled(call, { errorType: 'unreachable' }));
    }
  });

  test.each([...LOOKS, STOP])('to $title about another one of the service is not used', async (call) => {
    remote.answer = () => call.answer({ serviceDeploymentArn: of('y') });
    expect(await ask(call)).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });

  test.each(READS)('to $title without a status, or with one that is no text, is not used', async (call) => {
    for (const status of [undefined, null, '', ' ', 7]) {
      remote.answer = () => call.answer({ status });
      expect(await ask(call)).toMatchObject(troubled(call, { errorType: 'unreachable' }));
    }
  });
});

describe('what is in flight', () => {
  const at = (id: string, createdAt: number | undefined, status = 'IN_PROGRESS') => ({
    serviceDeploymentArn: of(id),
    createdAt,
    status,
  });
  const find = () => driver().describe(undefined);
  /** Answers each call with the next of these. */
  const answers = (...pages: object[]) => {
    remote.answer = () => pages.shift() ?? {};
  };
  const inputs = () => remote.calls.map(({ input }) => input);

  test('is asked for by the statuses that are not an end', async () => {
    answers({ serviceDeployments: [at('a', 1)] });
    await find();
    expect(remote.calls.map(({ input }) => [...(input.status as string[])].sort())).toEqual([IN_FLIGHT]);
  });

  test('is the newest, in whatever order and on whatever page it is listed', async () => {
    answers(
      { serviceDeployments: [at('a', 10), at('c', 30)], nextToken: 't' },
      { serviceDeployments: [], nextToken: 'u' },
      { serviceDeployments: [at('d', 40.5), at('b', 20), at('e', 40.4)] },
    );
    expect(await find()).toMatchObject({ kind: 'found', deploymentId: 'd' });
    expect(inputs().map(({ nextToken }) => nextToken)).toEqual([undefined, 't', 'u']);
  });

  test('is nothing where only the newest of all is known, which is over', async () => {
    answers({ serviceDeployments: [] }, { serviceDeployments: [at('a', 1, 'SUCCESSFUL'), at('b', 2, 'STOPPED')] });
    expect(await find()).toMatchObject({ kind: 'found', deploymentId: 'b', deploymentStatus: 'STOPPED' });
    expect(inputs().map(({ status }) => status)).toEqual([expect.any(Array), undefined]);
  });

  test('is nothing where there never was one', async () => {
    answers({ serviceDeployments: [] }, { serviceDeployments: [], nextToken: '' });
    expect(await find()).toEqual({ kind: 'never-deployed' });
  });

  test('is not known where it is not said which is the newest', async () => {
    answers({ serviceDeployments: [at('a', 1), at('b', undefined)] });
    expect(await find()).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });

  test('is not known after a list that does not end', async () => {
    remote.answer = () => ({ serviceDeployments: [at('a', 1)], nextToken: 't' });
    expect(await find()).toMatchObject({
      errorType: 'unreachable',
      message: 'more than 1000 service deployments are in flight',
    });
    expect(remote.calls).toHaveLength(10);
  });

  test('is nothing where the list of those that are over does not end', async () => {
    remote.answer = ({ input }) =>
      input.status ? { serviceDeployments: [] } : { serviceDeployments: [at('a', 1, 'STOPPED')], nextToken: 't' };
    expect(await find()).toMatchObject({ kind: 'found', deploymentId: 'a' });
    expect(remote.calls).toHaveLength(11);
  });
});

describe('one that is STOPPED', () => {
  const stopped = { ...FOUND, status: 'STOPPED', finishedAt: 1_790_000_100.25 };
  const describe = async (found: object, since: object): Promise<ReadResult> => {
    remote.calls = [];
    remote.answer = ({ operation }) =>
      operation === 'ListServiceDeployments' ? since : { serviceDeployments: [{ ...stopped, ...found }] };
    return driver().describe('x');
  };
  const newer = { ...FOUND, serviceDeploymentArn: of('y'), createdAt: 1_790_000_100 };

  test('was replaced, if another one was created before it was over', async () => {
    expect(await describe({}, { serviceDeployments: [newer] })).toEqual({
      ...SEEN,
      phase: 'SUPERSEDED',
      deploymentStatus: 'STOPPED',
      startedAt: Date.parse(ATTRIBUTES.createdAt),
      attributes: ATTRIBUTES,
    });
    expect(remote.calls.map(({ operation, input }) => [operation, input])).toEqual([
      ['DescribeServiceDeployments', { serviceDeploymentArns: [of('x')] }],
      [
        'ListServiceDeployments',
        {
          cluster: 'prod',
          service: 'web',
          createdAt: { after: stopped.createdAt, before: stopped.finishedAt },
          maxResults: 100,
        },
      ],
    ]);
  });

  test.each([[[]], [[stopped]]])('was cancelled, if there is no other one: %j', async (serviceDeployments) => {
    expect(await describe({}, { serviceDeployments })).toMatchObject({
      phase: 'CANCELLED',
      deploymentStatus: 'STOPPED',
    });
  });

  test.each([{ deploymentCircuitBreaker: { status: 'TRIGGERED' } }, { alarms: { status: 'TRIGGERED' } }])(
    'has failed, if a monitor stopped it: %j',
    async (monitor) => {
      expect(await describe(monitor, { serviceDeployments: [newer] })).toMatchObject({ phase: 'FAILED' });
    },
  );

  test('is what is not known yet while the others cannot be listed', async () => {
    expect(await describe({}, {})).toMatchObject({
      kind: 'error',
      errorType: 'unreachable',
      action: 'ecs:ListServiceDeployments',
      resourceArn: SERVICE,
    });
  });

  test('when it is found first, is over, and nothing more is asked', async () => {
    remote.answer = () => ({ serviceDeployments: [stopped] });
    expect(await driver().describe(undefined)).toMatchObject({ phase: 'CANCELLED' });
    expect(remote.calls).toHaveLength(1);
  });
});

describe('an error', () => {
  const types: [string, CallError['errorType'], number][] = [
    ['AccessDeniedException', 'denied', 400],
    ['ClientException', 'rejected', 400],
    ['ConflictException', 'rejected', 400],
    ['InvalidParameterException', 'rejected', 400],
    ['UnsupportedFeatureException', 'rejected', 400],
    ['ThrottlingException', 'throttled', 400],
    ['ServerException', 'server-error', 500],
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

  test.each(['ClusterNotFoundException', 'ServiceNotFoundException', 'ServiceDeploymentNotFoundException'])(
    '%s is an answer to a read, and a refusal to a stop',
    async (type) => {
      remote.answer = () => {
        throw new ServiceError(type, 'It is not there.');
      };
      for (const read of READS) expect(await ask(read)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
      expect(await ask(STOP)).toEqual(
        troubled(STOP, { errorType: 'rejected', errorName: type, message: 'It is not there' }),
      );
    },
  );

  test.each(LOOKS)('of $title that is none: a failure in the answer', async (describe) => {
    remote.answer = () => ({ serviceDeployments: [], failures: [{ arn: of('x'), reason: 'MISSING' }] });
    expect(await ask(describe)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
    remote.answer = () => ({ serviceDeployments: [], failures: [{ arn: of('x'), reason: 'SOMETHING' }] });
    expect(await ask(describe)).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });
});

testNoAnswer([LOOK, ...CALLS.filter((call) => call !== LOOK)], { serviceDeployments: null, failures: null });

test('a person is told what it is, and where it was looked for', () => {
  expect(driver().displayName).toBe('ecs service prod/web');
  expect(driver({ deployment: BY_ARN }).displayName).toBe('ecs service deployment prod/web/x');
  expect(driver().unavailableHint).toContain('account and region of the stack');
});

import { inspect } from 'node:util';
import { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import { ServiceError } from '../../../../emulator/core/http-server';
import type { CallError, Phase, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { awsContextOf } from '../../../../lambda/deployment/services/aws-context';
import { STATUSES, service } from '../../../../lambda/deployment/services/ecs';
import { phaseOf } from '../../../../lambda/deployment/services/statuses';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { type Call, fakeService } from './fake-service';

const AWS = awsContextOf({
  invokedFunctionArn: 'arn:aws-cn:lambda:cn-north-1:111122223333:function:deployment',
});
const ARN = 'arn:aws-cn:ecs:cn-north-1:111122223333';
const SERVICE = `${ARN}:service/prod/web`;
const of = (id: string) => `${ARN}:service-deployment/prod/web/${id}`;
const SECRET = 'hunter2';

const BY_NAMES: Deployment = { kind: 'ecs-service-deployment', identifiers: { cluster: 'prod', service: 'web' } };
const BY_ARN: Deployment = { kind: 'ecs-service-deployment', identifiers: { serviceDeploymentArn: of('x') } };

/** A service deployment as ECS lists and describes it: times in seconds since the epoch. */
const DESCRIBED = {
  serviceDeploymentArn: of('x'),
  serviceArn: SERVICE,
  clusterArn: `${ARN}:cluster/prod`,
  createdAt: 1_790_000_000.5,
  startedAt: 1_790_000_001,
  status: 'IN_PROGRESS',
  statusReason: `reason ${SECRET}`,
  rollback: { reason: `rollback ${SECRET}`, serviceRevisionArn: `${ARN}:service-revision/prod/web/1` },
};
const FOUND = { kind: 'found', phase: 'IN_PROGRESS', deploymentStatus: 'IN_PROGRESS', deploymentId: 'x' };
const ATTRIBUTES = { arn: of('x'), serviceName: 'web', createdAt: '2026-09-21T14:13:20.500Z' };

const IN_FLIGHT = ['IN_PROGRESS', 'PENDING', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_REQUESTED', 'STOP_REQUESTED'];
const FIND: Call = {
  title: 'a look for what is in flight',
  call: (driver) => driver.describe(undefined),
  operation: 'ListServiceDeployments',
  input: { cluster: 'prod', service: 'web', status: expect.any(Array), maxResults: 100 },
  arn: SERVICE,
  response: (changes) => ({ serviceDeployments: [{ ...DESCRIBED, ...changes }] }),
};
const DESCRIBE: Call = {
  title: 'a look at the pinned one',
  call: (driver) => driver.describe('x'),
  operation: 'DescribeServiceDeployments',
  input: { serviceDeploymentArns: [of('x')] },
  arn: of('x'),
  response: (changes) => ({ serviceDeployments: [{ ...DESCRIBED, ...changes }], failures: [] }),
};
const DESCRIBES: readonly Call[] = [
  DESCRIBE,
  { ...DESCRIBE, title: 'a look at one by its id', call: (driver) => driver.describeById('x') },
  { ...DESCRIBE, title: 'a look at one by its arn', deployment: BY_ARN, call: (driver) => driver.describe(undefined) },
];
const STOP: Call = {
  title: 'a stop',
  call: (driver) => driver.cancel('x'),
  operation: 'StopServiceDeployment',
  input: { serviceDeploymentArn: of('x'), stopType: 'ROLLBACK' },
  arn: of('x'),
  response: (changes) => ({ serviceDeploymentArn: of('x'), ...changes }),
};
const READS: readonly Call[] = [FIND, ...DESCRIBES];
const CALLS: readonly Call[] = [...READS, STOP];

const { fake, driver, invoke, errorOf, testCommonErrors } = fakeService({
  name: 'ecs',
  target: 'AmazonEC2ContainerServiceV20141113',
  aws: AWS,
  service,
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
    for (const [status, phase] of statuses) expect(phaseOf(STATUSES, status)).toBe(phase);
  });

  test.each(
    READS.flatMap((call) =>
      statuses
        .filter(([status]) => status !== 'STOPPED')
        .map(([status, phase]) => ({ title: call.title, call, status, phase })),
    ),
  )('to $title that says $status', async ({ call, status, phase }) => {
    fake.respond = () => call.response({ status });
    const startedAt = call.operation === 'StopServiceDeployment' ? undefined : Date.parse(ATTRIBUTES.createdAt);
    expect(await invoke(call)).toEqual({
      ...FOUND,
      phase,
      deploymentStatus: status,
      startedAt,
      attributes: ATTRIBUTES,
    });
  });

  test('to a stop is that a rollback is requested, of the one that was named', async () => {
    fake.respond = () => STOP.response();
    expect(await invoke(STOP)).toEqual({
      ...FOUND,
      phase: 'CANCELLING',
      deploymentStatus: 'ROLLBACK_REQUESTED',
      attributes: { arn: of('x'), serviceName: 'web' },
    });
    expect(await invoke({ ...STOP, deployment: BY_ARN, call: (driver) => driver.cancel(undefined) })).toMatchObject({
      deploymentId: 'x',
    });
  });

  test.each(READS)('to $title keeps the reason to itself, unless it is asked for', async (call) => {
    fake.respond = () => call.response();
    expect(inspect(await invoke(call), { depth: null })).not.toContain(SECRET);
    const withMessage = await invoke(call, { settings: { includeStatusMessage: true } });
    expect(withMessage).toMatchObject({ attributes: { deploymentStatusMessage: `reason ${SECRET}` } });
    expect(inspect(withMessage, { depth: null })).not.toMatch(/rollback/);
  });

  test.each(READS)('to $title of any size and alphabet can be carried along', async (call) => {
    const wide = '🚀\n'.repeat(50_000);
    fake.respond = () => call.response({ status: `A ${wide}`, statusReason: wide });
    const read = await invoke(call, { settings: { includeStatusMessage: true } });
    const text = JSON.stringify(read);
    expect(text.length).toBeLessThan(10_000);
    expect(text).not.toMatch(/\\n|\\ud/);
    expect(read).toMatchObject({ phase: 'UNKNOWN', deploymentId: 'x' });
  });

  test.each(READS)('to $title without a time has no such attribute', async (call) => {
    fake.respond = () => call.response({ createdAt: undefined });
    expect(await invoke(call)).toEqual({ ...FOUND, attributes: { arn: of('x'), serviceName: 'web' } });
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
      fake.respond = () => call.response({ serviceDeploymentArn });
      expect(await invoke(call)).toMatchObject(errorOf(call, { errorType: 'unreachable' }));
    }
  });

  test.each([...DESCRIBES, STOP])('to $title about another one of the service is not used', async (call) => {
    fake.respond = () => call.response({ serviceDeploymentArn: of('y') });
    expect(await invoke(call)).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });

  test.each(READS)('to $title without a status, or with one that is no text, is not used', async (call) => {
    for (const status of [undefined, null, '', ' ', 7]) {
      fake.respond = () => call.response({ status });
      expect(await invoke(call)).toMatchObject(errorOf(call, { errorType: 'unreachable' }));
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
    fake.respond = () => pages.shift() ?? {};
  };
  const inputs = () => fake.calls.map(({ input }) => input);

  test('is asked for by the statuses that are not an end', async () => {
    answers({ serviceDeployments: [at('a', 1)] });
    await find();
    expect(fake.calls.map(({ input }) => [...(input.status as string[])].sort())).toEqual([IN_FLIGHT]);
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
    fake.respond = () => ({ serviceDeployments: [at('a', 1)], nextToken: 't' });
    expect(await find()).toMatchObject({
      errorType: 'unreachable',
      message: 'more deployments are in flight than can be read; specify one of them',
    });
    expect(fake.calls).toHaveLength(10);
  });

  test('is nothing where the list of those that are over does not end', async () => {
    fake.respond = ({ input }) =>
      input.status ? { serviceDeployments: [] } : { serviceDeployments: [at('a', 1, 'STOPPED')], nextToken: 't' };
    expect(await find()).toMatchObject({ kind: 'found', deploymentId: 'a' });
    expect(fake.calls).toHaveLength(11);
  });
});

describe('one that is STOPPED', () => {
  const stopped = { ...DESCRIBED, status: 'STOPPED', finishedAt: 1_790_000_100.25 };
  const describe = async (found: object, since: object): Promise<ReadResult> => {
    fake.calls = [];
    fake.respond = ({ operation }) =>
      operation === 'ListServiceDeployments' ? since : { serviceDeployments: [{ ...stopped, ...found }] };
    return driver().describe('x');
  };
  const newer = { ...DESCRIBED, serviceDeploymentArn: of('y'), createdAt: 1_790_000_100 };

  test('was replaced, if another one was created before it was over', async () => {
    expect(await describe({}, { serviceDeployments: [newer] })).toEqual({
      ...FOUND,
      phase: 'SUPERSEDED',
      deploymentStatus: 'STOPPED',
      startedAt: Date.parse(ATTRIBUTES.createdAt),
      attributes: ATTRIBUTES,
    });
    expect(fake.calls.map(({ operation, input }) => [operation, input])).toEqual([
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
    fake.respond = () => ({ serviceDeployments: [stopped] });
    expect(await driver().describe(undefined)).toMatchObject({ phase: 'CANCELLED' });
    expect(fake.calls).toHaveLength(1);
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
    fake.fault = () => ({ kind: 'error', type, message: 'Two\n lines.', statusCode });
    const message = errorType === 'unreachable' ? `Two lines (http ${statusCode})` : 'Two lines';
    expect(await invoke(call)).toEqual(errorOf(call, { errorType, errorName: type, message }));
  });

  test.each(['ClusterNotFoundException', 'ServiceNotFoundException', 'ServiceDeploymentNotFoundException'])(
    '%s is an answer to a read, and a refusal to a stop',
    async (type) => {
      fake.respond = () => {
        throw new ServiceError(type, 'It is not there.');
      };
      for (const read of READS) expect(await invoke(read)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
      expect(await invoke(STOP)).toEqual(
        errorOf(STOP, { errorType: 'rejected', errorName: type, message: 'It is not there' }),
      );
    },
  );

  test.each(DESCRIBES)('of $title that is none: a failure in the answer', async (describe) => {
    fake.respond = () => ({ serviceDeployments: [], failures: [{ arn: of('x'), reason: 'MISSING' }] });
    expect(await invoke(describe)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
    fake.respond = () => ({ serviceDeployments: [], failures: [{ arn: of('x'), reason: 'SOMETHING' }] });
    expect(await invoke(describe)).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });
});

testCommonErrors([DESCRIBE, ...CALLS.filter((call) => call !== DESCRIBE)], {
  serviceDeployments: null,
  failures: null,
});

test('a person is withMessage what it is, and where it was looked for', () => {
  expect(driver().displayName).toBe('ecs service prod/web');
  expect(driver({ deployment: BY_ARN }).displayName).toBe('ecs service deployment prod/web/x');
  expect(driver().unavailableHint).toContain('account and region of the stack');
});

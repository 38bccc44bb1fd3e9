import { inspect } from 'node:util';
import { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import { ServiceError } from '../../../../emulator/core/http-server';
import { jsonProtocol } from '../../../../emulator/core/protocols';
import type { CallError, Phase, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { type AwsContext, awsContextOf } from '../../../../lambda/deployment/services/aws-context';
import { service } from '../../../../lambda/deployment/services/ecs';
import { STATUSES } from '../../../../lambda/deployment/services/ecs/statuses';
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
const ARN = 'arn:aws-cn:ecs:cn-north-1:111122223333';
const SERVICE = `${ARN}:service/prod/web`;
const of = (id: string) => `${ARN}:service-deployment/prod/web/${id}`;
const SECRET = 'hunter2';

const BY_NAMES: Deployment = {
  kind: 'ecs-service-deployment',
  identifiers: { clusterName: 'prod', serviceName: 'web' },
};
const BY_ARN: Deployment = { kind: 'ecs-service-deployment', identifiers: { serviceDeploymentArn: of('x') } };

/** A service deployment as ECS lists and describes it, with times in seconds since the epoch. */
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
  title: 'finding the deployment in flight',
  call: (driver) => driver.describe(undefined),
  operation: 'ListServiceDeployments',
  input: { cluster: 'prod', service: 'web', status: expect.any(Array), maxResults: 100 },
  arn: SERVICE,
  response: (changes) => ({ serviceDeployments: [{ ...DESCRIBED, ...changes }] }),
};
const DESCRIBE: Call = {
  title: 'describing the pinned deployment',
  call: (driver) => driver.describe('x'),
  operation: 'DescribeServiceDeployments',
  input: { serviceDeploymentArns: [of('x')] },
  arn: of('x'),
  response: (changes) => ({ serviceDeployments: [{ ...DESCRIBED, ...changes }], failures: [] }),
};
const DESCRIBES: readonly Call[] = [
  DESCRIBE,
  { ...DESCRIBE, title: 'describing a deployment by its id', call: (driver) => driver.describeById('x') },
  {
    ...DESCRIBE,
    title: 'describing a deployment by its arn',
    deployment: BY_ARN,
    isSpecified: true,
    call: (driver) => driver.describe(undefined),
  },
];
const STOP: Call = {
  title: 'stopping',
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
  protocol: jsonProtocol('AmazonEC2ContainerServiceV20141113', '1.1'),
  aws: AWS,
  service,
  deployment: BY_NAMES,
});

describe('a response', () => {
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

  test('every status of the API has a phase', () => {
    expect(Object.keys(PHASES).sort()).toEqual(Object.values(ServiceDeploymentStatus).sort());
    for (const [status, phase] of statuses) expect(phaseOf(STATUSES, status)).toBe(phase);
  });

  test.each(
    READS.flatMap((call) =>
      statuses
        .filter(([status]) => status !== 'STOPPED')
        .map(([status, phase]) => ({ title: call.title, call, status, phase })),
    ),
  )('to $title with $status', async ({ call, status, phase }) => {
    fake.respond = () => call.response({ status });
    const startedAt = call.operation === 'StopServiceDeployment' ? undefined : Date.parse(ATTRIBUTES.createdAt);
    expect(await invoke(call)).toEqual({
      ...FOUND,
      phase,
      deploymentStatus: status,
      startedAt,
      isSpecified: call.isSpecified,
      attributes: ATTRIBUTES,
    });
  });

  test('to stopping is that a rollback is requested for the specified deployment', async () => {
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

  test.each(READS)('to $title has the reason only if it is requested', async (call) => {
    fake.respond = () => call.response();
    expect(inspect(await invoke(call), { depth: null })).not.toContain(SECRET);
    const withMessage = await invoke(call, { settings: { includeStatusMessage: true } });
    expect(withMessage).toMatchObject({ attributes: { deploymentStatusMessage: `reason ${SECRET}` } });
    expect(inspect(withMessage, { depth: null })).not.toMatch(/rollback/);
  });

  test.each(READS)('to $title of any size and alphabet is truncated', async (call) => {
    const wide = '🚀\n'.repeat(50_000);
    fake.respond = () => call.response({ status: `A ${wide}`, statusReason: wide });
    const read = await invoke(call, { settings: { includeStatusMessage: true } });
    const text = JSON.stringify(read);
    expect(text.length).toBeLessThan(10_000);
    expect(text).not.toMatch(/\\n|\\ud/);
    expect(read).toMatchObject({ phase: 'UNKNOWN', deploymentId: 'x' });
  });

  test.each(DESCRIBES)('to $title has the lifecycle stage, where ECS reports one', async (call) => {
    fake.respond = () => call.response({ lifecycleStage: 'BAKE_TIME' });
    expect(await invoke(call)).toMatchObject({ attributes: { lifecycleStage: 'BAKE_TIME' } });
    fake.calls = [];
    fake.respond = () => call.response({});
    expect(JSON.stringify(await invoke(call))).not.toContain('lifecycleStage');
  });

  test.each(READS)('to $title without a time has no attribute for it', async (call) => {
    fake.respond = () => call.response({ createdAt: undefined });
    const { isSpecified } = call;
    expect(await invoke(call)).toEqual({ ...FOUND, isSpecified, attributes: { arn: of('x'), serviceName: 'web' } });
  });

  test.each(CALLS)('to $title about something else, or about nothing, is invalid', async (call) => {
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

  test.each([...DESCRIBES, STOP])('to $title about another deployment of the service is invalid', async (call) => {
    fake.respond = () => call.response({ serviceDeploymentArn: of('y') });
    expect(await invoke(call)).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });

  test.each(READS)('to $title without a valid status is invalid', async (call) => {
    for (const status of [undefined, null, '', ' ', 7]) {
      fake.respond = () => call.response({ status });
      expect(await invoke(call)).toMatchObject(errorOf(call, { errorType: 'unreachable' }));
    }
  });
});

describe('the deployment in flight', () => {
  const at = (id: string, createdAt: number | undefined, status = 'IN_PROGRESS') => ({
    serviceDeploymentArn: of(id),
    createdAt,
    status,
  });
  const find = () => driver().describe(undefined);
  /** Responds with one page after the other. */
  const respondWith = (...pages: object[]) => {
    fake.respond = () => pages.shift() ?? {};
  };
  const inputs = () => fake.calls.map(({ input }) => input);

  test('is requested with a filter of the statuses in flight', async () => {
    respondWith({ serviceDeployments: [at('a', 1)] });
    await find();
    expect(fake.calls.map(({ input }) => [...(input.status as string[])].sort())).toEqual([IN_FLIGHT]);
  });

  test('is the newest, in any order and on any page of the list', async () => {
    respondWith(
      { serviceDeployments: [at('a', 10), at('c', 30)], nextToken: 't' },
      { serviceDeployments: [], nextToken: 'u' },
      { serviceDeployments: [at('d', 40.5), at('b', 20), at('e', 40.4)] },
    );
    expect(await find()).toMatchObject({ kind: 'found', deploymentId: 'd' });
    expect(inputs().map(({ nextToken }) => nextToken)).toEqual([undefined, 't', 'u']);
  });

  test('is the newest of all, which is over, if none is in flight', async () => {
    respondWith({ serviceDeployments: [] }, { serviceDeployments: [at('a', 1, 'SUCCESSFUL'), at('b', 2, 'STOPPED')] });
    expect(await find()).toMatchObject({ kind: 'found', deploymentId: 'b', deploymentStatus: 'STOPPED' });
    expect(inputs().map(({ status }) => status)).toEqual([expect.any(Array), undefined]);
  });

  test('does not exist where nothing was deployed', async () => {
    respondWith({ serviceDeployments: [] }, { serviceDeployments: [], nextToken: '' });
    expect(await find()).toEqual({ kind: 'never-deployed' });
  });

  test('is unknown if the response does not say which is the newest', async () => {
    respondWith({ serviceDeployments: [at('a', 1), at('b', undefined)] });
    expect(await find()).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });

  test('is unknown after a list that does not end', async () => {
    fake.respond = () => ({ serviceDeployments: [at('a', 1)], nextToken: 't' });
    expect(await find()).toMatchObject({
      errorType: 'unreachable',
      message: 'more deployments are in flight than can be read; specify one of them',
    });
    expect(fake.calls).toHaveLength(100);
  });

  test('is found behind any number of empty pages', async () => {
    const pages = Array.from({ length: 40 }, () => ({ serviceDeployments: [], nextToken: 't' }));
    respondWith(...pages, { serviceDeployments: [at('a', 1)] });
    expect(await find()).toMatchObject({ kind: 'found', deploymentId: 'a', phase: 'IN_PROGRESS' });
  });

  test('is the newest that was read if the list of ended deployments does not end', async () => {
    fake.respond = ({ input }) =>
      input.status ? { serviceDeployments: [] } : { serviceDeployments: [at('a', 1, 'STOPPED')], nextToken: 't' };
    expect(await find()).toMatchObject({ kind: 'found', deploymentId: 'a' });
    expect(fake.calls).toHaveLength(101);
  });
});

describe('a STOPPED deployment', () => {
  const stopped = { ...DESCRIBED, status: 'STOPPED', finishedAt: 1_790_000_100.25 };
  const describe = async (found: object, since: object): Promise<ReadResult> => {
    fake.calls = [];
    fake.respond = ({ operation }) =>
      operation === 'ListServiceDeployments' ? since : { serviceDeployments: [{ ...stopped, ...found }] };
    return driver().describe('x');
  };
  const newer = { ...DESCRIBED, serviceDeploymentArn: of('y'), createdAt: 1_790_000_100 };

  test('was superseded if another one was created before it ended', async () => {
    expect(await describe({}, { serviceDeployments: [newer] })).toEqual({
      ...FOUND,
      phase: 'SUPERSEDED',
      deploymentStatus: 'STOPPED',
      startedAt: Date.parse(ATTRIBUTES.createdAt),
      attributes: ATTRIBUTES,
      supersededBy: 'y',
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

  test.each([[[]], [[stopped]]])('was cancelled if there is no other one: %j', async (serviceDeployments) => {
    expect(await describe({}, { serviceDeployments })).toMatchObject({
      phase: 'CANCELLED',
      deploymentStatus: 'STOPPED',
    });
  });

  test('is not over in the seconds in which the list may be behind', async () => {
    now = stopped.finishedAt * 1000 + 14_000;
    expect(await describe({}, { serviceDeployments: [] })).toMatchObject({ phase: 'ENDING' });
    expect(await describe({}, { serviceDeployments: [newer] })).toMatchObject({ phase: 'SUPERSEDED' });
    now += 1_000;
    expect(await describe({}, { serviceDeployments: [] })).toMatchObject({ phase: 'CANCELLED' });
  });

  test.each([{ deploymentCircuitBreaker: { status: 'TRIGGERED' } }, { alarms: { status: 'TRIGGERED' } }])(
    'has failed if a monitor stopped it: %j',
    async (monitor) => {
      expect(await describe(monitor, { serviceDeployments: [newer] })).toMatchObject({ phase: 'FAILED' });
    },
  );

  test('is unknown while the others cannot be listed', async () => {
    expect(await describe({}, {})).toMatchObject({
      kind: 'error',
      errorType: 'unreachable',
      action: 'ecs:ListServiceDeployments',
      resourceArn: SERVICE,
    });
  });

  test('is over when it is found first, and nothing else is requested', async () => {
    fake.respond = () => ({ serviceDeployments: [stopped] });
    expect(await driver().describe(undefined)).toMatchObject({ phase: 'CANCELLED' });
    expect(fake.calls).toHaveLength(1);
  });
});

describe('a deployment that waits for an action at a lifecycle hook', () => {
  const hook = { hookId: 'ecs-pause-1', targetType: 'PAUSE', status: 'AWAITING_ACTION' };
  const refusing = (
    type: string,
    hooks: readonly object[] | undefined,
    onContinue = (): object => ({ serviceDeploymentArn: of('x') }),
  ) => {
    fake.calls = [];
    fake.respond = ({ operation }) => {
      if (operation === 'StopServiceDeployment') throw new ServiceError(type, 'Not now.');
      if (operation === 'ContinueServiceDeployment') return onContinue();
      return { serviceDeployments: [{ ...DESCRIBED, lifecycleHookDetails: hooks }] };
    };
    return driver().cancel('x');
  };
  const operations = () => fake.calls.map(({ operation }) => operation);

  test.each(['ConflictException', 'ClientException', 'InvalidParameterException', 'UnsupportedFeatureException'])(
    'is rolled back by an answer to the hook if its stop is not accepted: %s',
    async (type) => {
      const done = { hookId: 'ecs-pause-0', status: 'SUCCEEDED' };
      expect(await refusing(type, [done, hook])).toMatchObject({
        kind: 'found',
        phase: 'CANCELLING',
        deploymentId: 'x',
        deploymentStatus: 'ROLLBACK_REQUESTED',
      });
      expect(operations()).toEqual([
        'StopServiceDeployment',
        'DescribeServiceDeployments',
        'ContinueServiceDeployment',
      ]);
      expect(fake.calls[2]?.input).toEqual({
        serviceDeploymentArn: of('x'),
        hookId: 'ecs-pause-1',
        action: 'ROLLBACK',
      });
    },
  );

  test.each<[string, readonly object[] | undefined]>([
    ['no hooks', undefined],
    ['hooks that await nothing', [{ ...hook, status: 'IN_PROGRESS' }]],
  ])('is not answered with %s, and the error is that of the stop', async (_what, hooks) => {
    expect(await refusing('ConflictException', hooks)).toEqual(
      errorOf(STOP, { errorType: 'conflict', errorName: 'ConflictException', message: 'Not now' }),
    );
    expect(operations()).toEqual(['StopServiceDeployment', 'DescribeServiceDeployments']);
  });

  test.each(['AccessDeniedException', 'ThrottlingException', 'ServerException'])(
    'is not read if the stop may be accepted later, or never: %s',
    async (type) => {
      expect(await refusing(type, [hook])).toMatchObject({ kind: 'error', errorName: type });
      expect(operations()).toEqual(['StopServiceDeployment']);
    },
  );

  test('names the action that is not allowed', async () => {
    const denied = () => {
      throw new ServiceError('AccessDeniedException', 'No.');
    };
    expect(await refusing('ConflictException', [hook], denied)).toMatchObject({
      errorType: 'denied',
      action: 'ecs:ContinueServiceDeployment',
      resourceArn: of('x'),
    });
  });
});

const OTHER_CONTROLLER =
  'only a service whose deployment controller is ECS has service deployments; if CodeDeploy deploys it, cancel its codedeploy-deployment';

describe('an error', () => {
  const types: [string, CallError['errorType'], number][] = [
    ['AccessDeniedException', 'denied', 400],
    ['ClientException', 'rejected', 400],
    ['ConflictException', 'conflict', 400],
    ['InvalidParameterException', 'rejected', 400],
    ['UnsupportedFeatureException', 'rejected', 400],
    ['ThrottlingException', 'throttled', 400],
    ['ServerException', 'server-error', 500],
    ['UnrecognizedClientException', 'unreachable', 400],
    ['UnknownOperationException', 'unreachable', 400],
    ['ServiceUnavailable', 'server-error', 503],
    ['SomeNewException', 'rejected', 400],
  ];

  test.each(
    CALLS.flatMap((call) =>
      types.map(([type, errorType, statusCode]) => ({ title: call.title, call, type, errorType, statusCode })),
    ),
  )('$type of $title is $errorType', async ({ call, type, errorType, statusCode }) => {
    fake.fault = () => ({ kind: 'error', type, message: 'Two\n lines.', statusCode });
    const explains = call.operation === 'ListServiceDeployments' && type === 'UnsupportedFeatureException';
    const original = errorType === 'unreachable' ? `Two lines (http ${statusCode})` : 'Two lines';
    const message = explains ? `${OTHER_CONTROLLER}: ${original}` : original;
    fake.calls = [];
    const result = await call.call(driver({ deployment: call.deployment }));
    expect(result).toEqual(errorOf(call, { errorType, errorName: type, message }));
    // A stop that is not accepted is followed by a read of the lifecycle hooks, which fails here as well.
    expect(fake.calls.length).toBeLessThanOrEqual(2);
  });

  test.each(['ClusterNotFoundException', 'ServiceNotFoundException', 'ServiceDeploymentNotFoundException'])(
    '%s is a result of a read, and a conflict of a stop',
    async (type) => {
      fake.respond = () => {
        throw new ServiceError(type, 'It is not there.');
      };
      for (const read of READS) expect(await invoke(read)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
      expect(await invoke(STOP)).toEqual(
        errorOf(STOP, { errorType: 'conflict', errorName: type, message: 'It is not there' }),
      );
    },
  );

  test.each(DESCRIBES)('of $title: a failure in the response', async (describe) => {
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

test('the driver has a display name, and a hint with the account and the region', () => {
  expect(driver().displayName).toBe('ecs service prod/web');
  expect(driver({ deployment: BY_ARN }).displayName).toBe('ecs service deployment prod/web/x');
  expect(driver().unavailableHint).toContain('account and region of the stack');
});

import { inspect } from 'node:util';
import { DeploymentCreator, DeploymentStatus } from '@aws-sdk/client-codedeploy';
import { ServiceError } from '../../../../emulator/core/http-server';
import { jsonProtocol } from '../../../../emulator/core/protocols';
import type { CallError, Driver, Phase, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { awsContextOf } from '../../../../lambda/deployment/services/aws-context';
import { service } from '../../../../lambda/deployment/services/codedeploy';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { type Call, fakeService } from './fake-service';

const NOW = 1_790_000_600_000;
const AWS = {
  ...awsContextOf({ invokedFunctionArn: 'arn:aws-cn:lambda:cn-north-1:111122223333:function:deployment' }),
  now: () => NOW,
};
const GROUP = 'arn:aws-cn:codedeploy:cn-north-1:111122223333:deploymentgroup:shop/web';
const ANY_GROUP = 'arn:aws-cn:codedeploy:cn-north-1:111122223333:deploymentgroup:*';
const X = 'd-AAAAAAAAX';
const Y = 'd-AAAAAAAAY';
const R = 'd-ROLLBACK1';
const SECRET = 'hunter2';

const NAMES = { applicationName: 'shop', deploymentGroupName: 'web' };
const BY_NAMES: Deployment = { kind: 'codedeploy-deployment', identifiers: NAMES };
const BY_ID: Deployment = { kind: 'codedeploy-deployment', identifiers: { deploymentId: X } };

/** A deployment as CodeDeploy describes it, with times in seconds since the epoch. */
const DESCRIBED = {
  ...NAMES,
  deploymentId: X,
  status: 'InProgress',
  createTime: 1_790_000_000.5,
  creator: 'user',
  description: `description ${SECRET}`,
  revision: { revisionType: 'AppSpecContent', appSpecContent: { content: `password: ${SECRET}` } },
  errorInformation: { code: 'ALARM_ACTIVE', message: `error ${SECRET}` },
  deploymentStatusMessages: [`status ${SECRET}`],
  additionalDeploymentStatusInfo: `more ${SECRET}`,
};
const FOUND = {
  kind: 'found',
  phase: 'IN_PROGRESS',
  deploymentStatus: 'InProgress',
  deploymentId: X,
  startedAt: 1_790_000_000_500,
  attributes: { name: 'web', createdAt: '2026-09-21T14:13:20.500Z' },
};

type Changes = Readonly<Record<string, unknown>>;

const IN_FLIGHT = ['Baking', 'Created', 'InProgress', 'Queued', 'Ready'];
const FIND: Call = {
  title: 'finding the deployment in flight',
  call: (driver) => driver.describe(undefined),
  operation: 'ListDeployments',
  input: { ...NAMES, includeOnlyStatuses: expect.any(Array) },
  arn: GROUP,
  response: () => ({ deployments: [X] }),
};
const DESCRIBE: Call = {
  title: 'describing the pinned deployment',
  call: (driver) => driver.describe(X),
  operation: 'GetDeployment',
  input: { deploymentId: X },
  arn: GROUP,
  response: (changes) => ({ deploymentInfo: { ...DESCRIBED, ...changes } }),
};
const DESCRIBES: readonly Call[] = [
  DESCRIBE,
  { ...DESCRIBE, title: 'describing a deployment by its id', call: (driver) => driver.describeById(X) },
  {
    ...DESCRIBE,
    title: 'describing the specified deployment',
    isSpecified: true,
    deployment: BY_ID,
    arn: ANY_GROUP,
    call: (driver) => driver.describe(undefined),
  },
];
const STOP: Call = {
  title: 'stopping',
  call: (driver) => driver.cancel(X),
  operation: 'StopDeployment',
  input: { deploymentId: X, autoRollbackEnabled: true },
  arn: '*',
  response: (changes) => ({ status: 'Pending', statusMessage: `stop ${SECRET}`, ...changes }),
};
const CALLS: readonly Call[] = [FIND, ...DESCRIBES, STOP];

const { fake, driver, invoke, errorOf, testCommonErrors } = fakeService({
  name: 'codedeploy',
  protocol: jsonProtocol('CodeDeploy_20141006', '1.1'),
  aws: AWS,
  service,
  deployment: BY_NAMES,
});

/** Responds with these deployments, of which the first are listed as in flight. */
function respondWith(
  found: readonly Changes[],
  { listed = found.length, last = {} }: { listed?: number; last?: object } = {},
) {
  const ids = found.map(({ deploymentId }) => deploymentId);
  fake.respond = ({ operation, input }) => {
    if (operation === 'ListDeployments') return { deployments: ids.slice(0, listed) };
    if (operation === 'GetDeploymentGroup') return { deploymentGroupInfo: { ...NAMES, ...last } };
    const describe = (id: unknown) => {
      const one = found.find(({ deploymentId }) => deploymentId === id);
      return one && { ...DESCRIBED, ...one };
    };
    if (operation === 'BatchGetDeployments') {
      return { deploymentsInfo: (input.deploymentIds as string[]).flatMap((id) => describe(id) ?? []) };
    }
    const deploymentInfo = describe(input.deploymentId);
    if (!deploymentInfo) throw new ServiceError('DeploymentDoesNotExistException', 'It is not there.');
    return { deploymentInfo };
  };
}
const requests = () =>
  fake.calls.map(({ operation, input }) => `${operation} ${input.deploymentIds ?? input.deploymentId ?? ''}`.trim());

describe('a response', () => {
  const PHASES: Readonly<Record<DeploymentStatus, Phase>> = {
    Created: 'IN_PROGRESS',
    Queued: 'IN_PROGRESS',
    InProgress: 'IN_PROGRESS',
    Baking: 'IN_PROGRESS',
    Ready: 'IN_PROGRESS',
    Succeeded: 'COMPLETED',
    Failed: 'FAILED',
    Stopped: 'CANCELLED',
  };
  const statuses: [string, Phase][] = [
    ...Object.entries(PHASES),
    ['Paused', 'UNKNOWN'],
    ['constructor', 'UNKNOWN'],
    ['INPROGRESS', 'UNKNOWN'],
  ];

  test('every status of the API has a phase', () => {
    expect(Object.keys(PHASES).sort()).toEqual(Object.values(DeploymentStatus).sort());
  });

  test.each(
    DESCRIBES.flatMap((call) => statuses.map(([status, phase]) => ({ title: call.title, call, status, phase }))),
  )('to $title with $status', async ({ call, status, phase }) => {
    fake.respond = () => call.response({ status });
    const { isSpecified } = call;
    expect(await invoke(call)).toEqual({ ...FOUND, isSpecified, phase, deploymentStatus: status });
  });

  test('to finding the deployment in flight lists it, and it is read', async () => {
    respondWith([{ deploymentId: X }]);
    expect(await driver().describe(undefined)).toEqual(FOUND);
    expect(requests()).toEqual(['ListDeployments', `BatchGetDeployments ${X}`]);
  });

  test.each(['Pending', 'Succeeded', 'Forced'])('to stopping with %s leaves the status in progress', async (status) => {
    fake.respond = () => STOP.response({ status });
    const { attributes: _, startedAt: __, ...found } = FOUND;
    expect(await invoke(STOP)).toEqual({ ...found, phase: 'CANCELLING', attributes: {} });
    const named = { ...STOP, deployment: BY_ID, call: (one: Driver) => one.cancel(undefined) };
    expect(await invoke(named)).toMatchObject({ deploymentId: X });
  });

  test.each(DESCRIBES)('to $title has no secrets but the messages that are requested', async (call) => {
    fake.respond = () => call.response({ status: 'Stopped', rollbackInfo: { rollbackMessage: `rollback ${SECRET}` } });
    expect(inspect(await invoke(call), { depth: null })).not.toContain(SECRET);
    const withMessage = await invoke(call, { settings: { includeStatusMessage: true } });
    expect(withMessage).toMatchObject({
      attributes: { deploymentStatusMessage: `error ${SECRET}; rollback ${SECRET}` },
    });
    expect(inspect(withMessage, { depth: null })).not.toMatch(/password|description|more/);
  });

  test('to stopping has no message', async () => {
    fake.respond = () => STOP.response();
    const withMessage = await invoke(STOP, { settings: { includeStatusMessage: true } });
    expect(inspect(withMessage, { depth: null })).not.toContain(SECRET);
  });

  test.each(DESCRIBES)('to $title of any size and alphabet is truncated', async (call) => {
    const wide = '🚀\n'.repeat(50_000);
    fake.respond = () => call.response({ status: `A ${wide}`, errorInformation: { message: wide } });
    const read = await invoke(call, { settings: { includeStatusMessage: true } });
    const text = JSON.stringify(read);
    expect(text.length).toBeLessThan(10_000);
    expect(text).not.toMatch(/\\n|\\ud/);
    expect(read).toMatchObject({ phase: 'UNKNOWN', deploymentId: X });
  });

  test.each(DESCRIBES)('to $title without a time has no start time', async (call) => {
    fake.respond = () => call.response({ createTime: undefined });
    const withoutTime = { startedAt: undefined, attributes: { name: 'web' } };
    expect(await invoke(call)).toEqual({ ...FOUND, isSpecified: call.isSpecified, ...withoutTime });
  });

  test.each(DESCRIBES)('to $title about another deployment, or about nothing, is invalid', async (call) => {
    for (const deploymentId of [undefined, null, '', Y, 'd-*', 7]) {
      fake.respond = () => call.response({ deploymentId });
      expect(await invoke(call)).toMatchObject(
        errorOf(call, { errorType: 'unreachable', errorName: 'InvalidResponseError' }),
      );
    }
  });

  test.each([
    { applicationName: 'other' },
    { deploymentGroupName: 'other' },
    { applicationName: undefined },
    { deploymentGroupName: null },
  ])('about a deployment to another group is invalid, unless it is specified by its id: %j', async (changes) => {
    fake.respond = () => DESCRIBE.response(changes);
    expect(await invoke(DESCRIBE)).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
    const [, , named] = DESCRIBES as [Call, Call, Call];
    expect(await invoke(named)).toMatchObject({ phase: 'IN_PROGRESS' });
  });

  test.each([...DESCRIBES, STOP])('to $title without a valid status is invalid', async (call) => {
    for (const status of [undefined, null, '']) {
      fake.respond = () => call.response({ status });
      expect(await invoke(call)).toMatchObject(errorOf(call, { errorType: 'unreachable' }));
    }
  });

  test('that lists an invalid id is invalid, and the id is in no request', async () => {
    for (const id of [null, '', 'x y', '*', 'x'.repeat(101), 7, {}]) {
      fake.respond = () => ({ deployments: [id] });
      expect(await invoke(FIND)).toMatchObject(errorOf(FIND, { errorType: 'unreachable' }));
    }
  });
});

describe('a deployment that has ended', () => {
  const ago = (seconds: number) => (NOW - seconds * 1000) / 1000;
  const describe = async (found: Changes, rollback?: Changes): Promise<ReadResult> => {
    fake.calls = [];
    respondWith([
      { deploymentId: X, ...found },
      ...(rollback ? [{ deploymentId: R, creator: 'codeDeployRollback', ...rollback }] : []),
    ]);
    return driver().describe(X);
  };
  const rolledBack = { rollbackInfo: { rollbackDeploymentId: R } };

  test.each<[string, string, Phase]>([
    ['Stopped', 'Created', 'CANCELLING'],
    ['Stopped', 'Queued', 'CANCELLING'],
    ['Stopped', 'InProgress', 'CANCELLING'],
    ['Stopped', 'Baking', 'CANCELLING'],
    ['Stopped', 'Ready', 'CANCELLING'],
    ['Stopped', 'Paused', 'CANCELLING'],
    ['Stopped', 'Succeeded', 'CANCELLED'],
    ['Stopped', 'Failed', 'FAILED'],
    ['Stopped', 'Stopped', 'FAILED'],
    ['Failed', 'InProgress', 'ENDING'],
    ['Failed', 'Paused', 'ENDING'],
    ['Failed', 'Succeeded', 'FAILED'],
    ['Failed', 'Failed', 'FAILED'],
    ['Failed', 'Stopped', 'FAILED'],
  ])('as %s, with a rollback that is %s, is %s', async (status, rollback, phase) => {
    expect(await describe({ status, ...rolledBack }, { status: rollback })).toEqual({
      ...FOUND,
      phase,
      deploymentStatus: status,
    });
    expect(requests()).toEqual([`GetDeployment ${X}`, `GetDeployment ${R}`]);
  });

  test('as Succeeded is over, even if it has a rollback', async () => {
    expect(await describe({ status: 'Succeeded', completeTime: ago(1), ...rolledBack })).toMatchObject({
      phase: 'COMPLETED',
    });
    expect(requests()).toEqual([`GetDeployment ${X}`]);
  });

  test('is unknown while its rollback cannot be read', async () => {
    expect(await describe({ status: 'Stopped', ...rolledBack })).toMatchObject({
      errorType: 'unreachable',
      action: 'codedeploy:GetDeployment',
      message: 'the status of the rollback is not known',
    });
    expect(await describe({ status: 'Stopped', ...rolledBack }, { status: '' })).toMatchObject({
      errorType: 'unreachable',
    });
    const rollbackInfo = { rollbackDeploymentId: 'x y' };
    expect(await describe({ status: 'Stopped', rollbackInfo })).toMatchObject({ errorType: 'unreachable' });
  });

  test.each<[string, Changes, Phase]>([
    ['Stopped', { completeTime: ago(59) }, 'CANCELLING'],
    ['Stopped', { completeTime: ago(-5) }, 'CANCELLING'],
    ['Stopped', { completeTime: ago(60) }, 'CANCELLED'],
    ['Stopped', {}, 'CANCELLED'],
    [
      'Stopped',
      { completeTime: ago(1), rollbackInfo: { rollbackMessage: 'There is nothing to go back to.' } },
      'CANCELLED',
    ],
    ['Failed', { completeTime: ago(59) }, 'ENDING'],
    ['Failed', { completeTime: ago(60) }, 'FAILED'],
    ['Succeeded', { completeTime: ago(1) }, 'COMPLETED'],
  ])('as %s is awaited while a rollback may still start: %j', async (status, more, phase) => {
    expect(await describe({ status, ...more })).toMatchObject({ phase, deploymentStatus: status });
  });
});

describe('the deployment in flight', () => {
  const at = (deploymentId: string, createTime: number | undefined, more: Changes = {}) => ({
    deploymentId,
    createTime,
    ...more,
  });
  const find = () => driver().describe(undefined);

  test('is requested with a filter of the statuses in flight', async () => {
    respondWith([at(X, 1)]);
    await find();
    expect(
      fake.calls.map(({ input }) => [...((input.includeOnlyStatuses as string[] | undefined) ?? [])].sort()),
    ).toEqual([IN_FLIGHT, []]);
  });

  test('is the newest, in any order and on any page of the list', async () => {
    const found = [at('d-1', 10), at('d-3', 30), at('d-4', 40.5), at('d-2', 20), at('d-5', 40.4)];
    respondWith(found);
    const one = fake.respond;
    const pages: object[] = [
      { deployments: ['d-1', 'd-3'], nextToken: 't' },
      { deployments: [], nextToken: 'u' },
      { deployments: ['d-4', 'd-2', 'd-5'] },
    ];
    fake.respond = (call) => (call.operation === 'ListDeployments' ? (pages.shift() ?? {}) : one(call));
    expect(await find()).toMatchObject({ kind: 'found', deploymentId: 'd-4' });
    const lists = fake.calls.filter(({ operation }) => operation === 'ListDeployments');
    expect(lists.map(({ input }) => input.nextToken)).toEqual([undefined, 't', 'u']);
  });

  test('is none that only updates instances', async () => {
    for (const creator of ['autoscaling', 'autoscalingTermination', 'CodeDeployAutoUpdate']) {
      respondWith([at(X, 1), at(Y, 2, { creator })]);
      expect(await find()).toMatchObject({ deploymentId: X, phase: 'IN_PROGRESS' });
    }
    for (const creator of ['user', 'CodeDeploy', 'CloudFormation', 'somebody', undefined]) {
      respondWith([at(X, 1), at(Y, 2, { creator })]);
      expect(await find()).toMatchObject({ deploymentId: Y, phase: 'IN_PROGRESS' });
    }
    expect(Object.values(DeploymentCreator)).toHaveLength(8);
  });

  test('is not known while one is listed and cannot be read yet', async () => {
    respondWith([at(X, 1)]);
    const one = fake.respond;
    fake.respond = (call) => (call.operation === 'ListDeployments' ? { deployments: [X, Y] } : one(call));
    expect(await find()).toMatchObject({
      errorType: 'unreachable',
      message: `deployment ${Y} is listed as in flight, and was not found`,
    });
  });

  test('is read in batches, and what was read is kept when a batch is throttled', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `d-${index}`);
    respondWith(ids.map((id, index) => at(id, index + 1)));
    const one = fake.respond;
    let throttled = true;
    fake.respond = (call) => {
      if (
        call.operation === 'BatchGetDeployments' &&
        (call.input.deploymentIds as string[]).includes('d-50') &&
        throttled
      ) {
        throttled = false;
        throw new ServiceError('ThrottlingException', 'Slow down.');
      }
      return one(call);
    };
    const sameDriver = driver();
    expect(await sameDriver.describe(undefined)).toMatchObject({
      errorType: 'throttled',
      action: 'codedeploy:BatchGetDeployments',
      resourceArn: GROUP,
    });
    expect(await sameDriver.describe(undefined)).toMatchObject({ kind: 'found', deploymentId: 'd-59' });
    const sizes = fake.calls.map(({ input }) => (input.deploymentIds as string[] | undefined)?.length);
    expect(sizes).toEqual([undefined, 25, 25, 10, undefined, 10]);
  });

  test('is unknown if the response does not say which is the newest', async () => {
    respondWith([at(X, 1), at(Y, undefined)]);
    expect(await find()).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });

  test('is unknown if there are more than can be read', async () => {
    respondWith([at(X, 1)]);
    const one = fake.respond;
    fake.respond = (call) => (call.operation === 'ListDeployments' ? { deployments: [X], nextToken: 't' } : one(call));
    const message = 'more deployments are in flight than can be read; specify one of them';
    expect(await find()).toMatchObject({ errorType: 'unreachable', message });
    // A page may be short or empty, so the number of pages says nothing.
    expect(fake.calls.filter(({ operation }) => operation === 'ListDeployments')).toHaveLength(100);
  });
});

describe('a rollback', () => {
  const rollback = { deploymentId: R, createTime: 9, creator: 'codeDeployRollback' };
  const find = () => driver().describe(undefined);

  test.each<[string, Phase]>([
    ['Stopped', 'CANCELLING'],
    ['Failed', 'ENDING'],
  ])('in flight is the last part of the deployment that %s, which is awaited', async (status, phase) => {
    const rollbackInfo = { rollbackTriggeringDeploymentId: X };
    for (const back of [{ rollbackDeploymentId: R }, undefined]) {
      fake.calls = [];
      respondWith(
        [
          { ...rollback, rollbackInfo },
          { deploymentId: X, status, rollbackInfo: back },
        ],
        { listed: 1 },
      );
      expect(await find()).toEqual({ ...FOUND, phase, deploymentStatus: status });
    }
  });

  test('of an unknown deployment is never stopped', async () => {
    respondWith([{ ...rollback, rollbackInfo: { rollbackTriggeringDeploymentId: X } }]);
    expect(await find()).toMatchObject({ phase: 'NOT_CANCELLABLE', deploymentId: R });
  });

  test.each<[string, Changes]>([
    ['of CodeDeploy', {}],
    ['of CloudFormation', { creator: 'CloudFormationRollback' }],
    ['by any creator', { creator: 'user', rollbackInfo: { rollbackTriggeringDeploymentId: Y } }],
  ])('that is specified by its id is never stopped: %s', async (_, more) => {
    for (const status of IN_FLIGHT) {
      respondWith([{ ...rollback, ...more, status, deploymentId: X }]);
      expect(await driver({ deployment: BY_ID }).describe(undefined)).toMatchObject({ phase: 'NOT_CANCELLABLE' });
    }
    respondWith([{ ...rollback, ...more, status: 'Succeeded', deploymentId: X }]);
    expect(await driver({ deployment: BY_ID }).describe(undefined)).toMatchObject({ phase: 'COMPLETED' });
  });

  test('of itself ends with its own status', async () => {
    const rollbackInfo = { rollbackTriggeringDeploymentId: X, rollbackDeploymentId: X };
    respondWith([{ deploymentId: X, status: 'Stopped', rollbackInfo }]);
    expect(await driver().describe(X)).toMatchObject({ phase: 'CANCELLED' });
  });
});

describe('if nothing is in flight', () => {
  const find = () => driver().describe(undefined);
  const over = { deploymentId: X, status: 'Succeeded' };
  const upkeep = { deploymentId: Y, createTime: 1_790_000_500, creator: 'autoscaling' };

  test('the latest deployment is read', async () => {
    respondWith([over], { listed: 0, last: { lastAttemptedDeployment: { deploymentId: X } } });
    expect(await find()).toEqual({ ...FOUND, phase: 'COMPLETED', deploymentStatus: 'Succeeded' });
    expect(requests()).toEqual(['ListDeployments', 'GetDeploymentGroup', `BatchGetDeployments ${X}`]);
    expect(fake.calls[1]?.input).toEqual(NAMES);
  });

  test('the latest successful deployment is read if the latest one is no candidate', async () => {
    const last = { lastAttemptedDeployment: { deploymentId: Y }, lastSuccessfulDeployment: { deploymentId: X } };
    respondWith([upkeep, over], { listed: 1, last });
    expect(await find()).toMatchObject({ deploymentId: X, phase: 'COMPLETED' });
  });

  test('nothing is found if there was never a candidate', async () => {
    respondWith([], { last: {} });
    expect(await find()).toEqual({ kind: 'never-deployed' });
    respondWith([upkeep], { last: { lastAttemptedDeployment: { deploymentId: Y } } });
    expect(await find()).toEqual({ kind: 'never-deployed' });
    respondWith([], { last: { lastAttemptedDeployment: { deploymentId: X, status: 'Succeeded' } } });
    expect(await find()).toEqual({ kind: 'never-deployed' });
  });

  test('the latest deployment is in flight if the group says so, although it is not listed or read yet', async () => {
    respondWith([], { last: { lastAttemptedDeployment: { deploymentId: X, status: 'InProgress' } } });
    expect(await find()).toMatchObject({
      errorType: 'unreachable',
      message: `deployment ${X} is listed as in flight, and was not found`,
    });
  });

  test('a response without the group is invalid', async () => {
    fake.respond = ({ operation }) => (operation === 'ListDeployments' ? { deployments: [] } : {});
    expect(await find()).toMatchObject({
      errorType: 'unreachable',
      action: 'codedeploy:GetDeploymentGroup',
      resourceArn: GROUP,
    });
  });
});

describe('an error', () => {
  const types: [string, CallError['errorType'], number][] = [
    ['AccessDeniedException', 'denied', 400],
    ['DeploymentAlreadyCompletedException', 'conflict', 400],
    ['UnsupportedActionForDeploymentTypeException', 'rejected', 400],
    ['InvalidDeploymentIdException', 'rejected', 400],
    ['InvalidApplicationNameException', 'rejected', 400],
    ['InvalidDeploymentGroupNameException', 'rejected', 400],
    ['InvalidInputException', 'rejected', 400],
    ['ThrottlingException', 'throttled', 400],
    ['UnrecognizedClientException', 'unreachable', 400],
    ['UnknownOperationException', 'unreachable', 400],
    ['InternalFailure', 'server-error', 500],
    ['ServiceUnavailable', 'server-error', 503],
    ['TooManyRequestsException', 'throttled', 429],
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

  test.each(['ApplicationDoesNotExistException', 'DeploymentGroupDoesNotExistException'])(
    '%s is a result of finding the deployment in flight, and a conflict of a stop',
    async (type) => {
      fake.fault = () => ({ kind: 'error', type, message: 'It is not there.' });
      expect(await invoke(FIND)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
      expect(await invoke(STOP)).toMatchObject(errorOf(STOP, { errorType: 'conflict', errorName: type }));
    },
  );

  test('a group that is deleted between two requests is not found', async () => {
    fake.respond = ({ operation }) => {
      if (operation === 'ListDeployments') return { deployments: [] };
      throw new ServiceError('DeploymentGroupDoesNotExistException', 'It is not there.');
    };
    expect(await driver().describe(undefined)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
  });

  test('DeploymentDoesNotExistException is a result of a read, and a conflict of a stop', async () => {
    const type = 'DeploymentDoesNotExistException';
    fake.fault = () => ({ kind: 'error', type, message: 'It is not there.' });
    for (const describe of DESCRIBES)
      expect(await invoke(describe)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
    expect(await invoke(STOP)).toEqual(
      errorOf(STOP, { errorType: 'conflict', errorName: type, message: 'It is not there' }),
    );
  });
});

testCommonErrors([DESCRIBE, ...CALLS.filter((call) => call !== DESCRIBE)], { deployments: null, deploymentInfo: null });

test('the driver has a display name, and a hint with the account and the region', () => {
  expect(driver().displayName).toBe('codedeploy deployment group shop/web');
  expect(driver({ deployment: BY_ID }).displayName).toBe(`codedeploy deployment ${X}`);
  expect(driver().unavailableHint).toContain('account and region of the stack');
});

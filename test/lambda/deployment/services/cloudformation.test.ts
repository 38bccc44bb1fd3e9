import { inspect } from 'node:util';
import { OperationType, StackStatus } from '@aws-sdk/client-cloudformation';
import { callOf, queryFault } from '../../../../emulator/aws/cloudformation/query';
import { type Fault, HttpServer, type RawAnswer, type ServiceCall } from '../../../../emulator/core/http-server';
import type { Driver, Found, Phase, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { identityOf } from '../../../../lambda/deployment/engine/pin';
import { awsContextOf } from '../../../../lambda/deployment/services/aws-context';
import { service } from '../../../../lambda/deployment/services/cloudformation';
import { STATUSES } from '../../../../lambda/deployment/services/stack-operations';
import { phaseOf } from '../../../../lambda/deployment/services/statuses';
import type { CancellationSettings } from '../../../../lib/contract/cancellation';

const AWS = awsContextOf({
  invokedFunctionArn: 'arn:aws-cn:lambda:cn-north-1:111122223333:function:deployment',
});
const ARN = 'arn:aws-cn:cloudformation:cn-north-1:111122223333:stack/web/*';
const STACK_ID = 'arn:aws-cn:cloudformation:cn-north-1:111122223333:stack/web/0aa1';
const SECRET = 'hunter2';
const ADVICE = 'to continue its rollback: aws cloudformation continue-update-rollback --stack-name web';
const PINNED = '1c211b5a-4538-4dc9-bfed-e07734371e57';
const NEWER = 'd0f12313-7bdb-414d-a879-828a99b36f29';

const tag = (name: string, ...content: readonly string[]) => `<${name}>${content.join('')}</${name}>`;
const responseTo = (operation: string, ...content: readonly string[]): RawAnswer => ({
  statusCode: 200,
  contentType: 'text/xml',
  body: tag(
    `${operation}Response`,
    tag(`${operation}Result`, ...content),
    tag('ResponseMetadata', tag('RequestId', '1')),
  ),
});

const operations = (...list: readonly [type: string, id: string][]) =>
  tag('LastOperations', ...list.map(([type, id]) => tag('member', tag('OperationType', type), tag('OperationId', id))));
const UPDATE = operations(['UPDATE_STACK', PINNED]);

/** A stack as CloudFormation describes it, secrets included. */
function stack(status: string, ...more: readonly string[]): RawAnswer {
  return responseTo(
    'DescribeStacks',
    tag(
      'Stacks',
      tag(
        'member',
        tag('StackName', 'web'),
        tag('StackId', STACK_ID),
        tag('StackStatus', status),
        tag('StackStatusReason', `reason ${SECRET}`),
        tag('Description', `description ${SECRET}`),
        tag('CreationTime', '2026-09-21T14:13:20.000Z'),
        tag('Parameters', tag('member', tag('ParameterKey', 'P'), tag('ParameterValue', SECRET))),
        tag('Outputs', tag('member', tag('OutputKey', 'O'), tag('OutputValue', SECRET))),
        tag('Tags', tag('member', tag('Key', 'k'), tag('Value', SECRET))),
        ...more,
      ),
    ),
  );
}
const ATTRIBUTES = { arn: STACK_ID, name: 'web', createdAt: '2026-09-21T14:13:20.000Z' };

/** Events, the newest first. */
function events(
  list: readonly [status: string, operation: string, physicalId?: string, time?: string][],
  next = '',
): RawAnswer {
  const items = list.map(([status, operation, physicalId = STACK_ID, time = '2026-09-21T14:13:20.000Z']) =>
    tag(
      'member',
      tag('StackId', STACK_ID),
      tag('StackName', 'web'),
      tag('EventId', 'e'),
      tag('Timestamp', time),
      tag('PhysicalResourceId', physicalId),
      tag('ResourceProperties', SECRET),
      tag('ResourceStatusReason', SECRET),
      tag('OperationId', operation),
      tag('ResourceStatus', status),
    ),
  );
  return responseTo('DescribeStackEvents', tag('StackEvents', ...items), next && tag('NextToken', next));
}

const failure = (code: string, message: string): Fault => ({ kind: 'error', type: code, message });

let respond: (call: ServiceCall) => RawAnswer | Fault;
let calls: string[];
let server: HttpServer;

beforeAll(async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's', AWS_REGION: 'cn-north-1' });
  server = await HttpServer.listen({
    services: [],
    rawFaults: (request) => {
      const call = callOf(request) as ServiceCall;
      const { Version: _, ...input } = call.input;
      calls.push(`${call.operation} ${JSON.stringify(input)}`);
      const given = respond(call);
      return 'kind' in given ? queryFault(given) : undefined;
    },
    raw: (request) => respond(callOf(request) as ServiceCall) as RawAnswer,
  });
});
afterAll(() => server.close());
beforeEach(() => {
  calls = [];
});

function driver(settings: Partial<CancellationSettings> = {}, callTimeout = AWS.callTimeout): Driver {
  const allSettings: CancellationSettings = {
    timeoutSeconds: 60,
    failOn: [],
    onNotFound: 'fail',
    includeStatusMessage: false,
    endpoint: server.url,
    ...settings,
  };
  const deployment = { kind: 'cloudformation-stack-update', identifiers: { stackName: 'web' } } as const;
  return service.connect(allSettings, { ...AWS, callTimeout }).driverFor(deployment);
}

async function read(given: RawAnswer, pinned?: string, settings?: Partial<CancellationSettings>): Promise<ReadResult> {
  respond = () => given;
  return driver(settings).describe(pinned);
}

describe('a read', () => {
  const PHASES: Readonly<Record<StackStatus, Phase>> = {
    CREATE_IN_PROGRESS: 'NOT_CANCELLABLE',
    CREATE_FAILED: 'FAILED',
    CREATE_COMPLETE: 'COMPLETED',
    ROLLBACK_IN_PROGRESS: 'NOT_CANCELLABLE',
    ROLLBACK_FAILED: 'FAILED',
    ROLLBACK_COMPLETE: 'FAILED',
    DELETE_IN_PROGRESS: 'DELETING',
    DELETE_FAILED: 'DELETION_OVER',
    DELETE_COMPLETE: 'DELETION_OVER',
    UPDATE_IN_PROGRESS: 'IN_PROGRESS',
    UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'ENDING',
    UPDATE_COMPLETE: 'COMPLETED',
    UPDATE_FAILED: 'FAILED',
    UPDATE_ROLLBACK_IN_PROGRESS: 'CANCELLING',
    UPDATE_ROLLBACK_FAILED: 'FAILED',
    UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'CANCELLING',
    UPDATE_ROLLBACK_COMPLETE: 'CANCELLED',
    REVIEW_IN_PROGRESS: 'NOT_CANCELLABLE',
    IMPORT_IN_PROGRESS: 'NOT_CANCELLABLE',
    IMPORT_COMPLETE: 'COMPLETED',
    IMPORT_ROLLBACK_IN_PROGRESS: 'NOT_CANCELLABLE',
    IMPORT_ROLLBACK_FAILED: 'FAILED',
    IMPORT_ROLLBACK_COMPLETE: 'FAILED',
  };

  test('every status of the API has a phase, and only UPDATE_IN_PROGRESS can be cancelled', () => {
    expect(Object.keys(PHASES).sort()).toEqual(Object.values(StackStatus).sort());
    for (const [status, phase] of Object.entries(PHASES)) expect(phaseOf(STATUSES, status)).toBe(phase);
    expect(Object.values(StackStatus).filter((status) => phaseOf(STATUSES, status) === 'IN_PROGRESS')).toEqual([
      'UPDATE_IN_PROGRESS',
    ]);
    for (const unknown of ['UPDATE_PAUSED', 'constructor', 'update_in_progress']) {
      expect(phaseOf(STATUSES, unknown)).toBe('UNKNOWN');
    }
  });

  test('at REVIEW_IN_PROGRESS has no deployment', async () => {
    expect(await read(stack('REVIEW_IN_PROGRESS', operations(['CREATE_CHANGESET', 'c'])))).toEqual({
      kind: 'never-deployed',
    });
  });

  test('of an alias is refused in a sentence', async () => {
    respond = () => {
      const { body, ...rest } = stack('UPDATE_IN_PROGRESS', UPDATE, tag('AliasName', 'web'));
      return { ...rest, body: body?.replace('<StackName>web<', '<StackName>web-v2<') };
    };
    expect(await driver().describe(undefined)).toMatchObject({
      phase: 'NOT_CANCELLABLE',
      obstacle: 'web is an alias: specify the name of the stack, web-v2',
    });
  });

  const STATUSES_OF_STACKS = Object.values(StackStatus).filter((status) => status !== 'REVIEW_IN_PROGRESS');

  test.each([...STATUSES_OF_STACKS, 'UPDATE_PAUSED'])('at %s', async (status) => {
    const found = await read(stack(status, UPDATE, tag('LastUpdatedTime', '2026-09-21T15:00:00.000Z')));
    expect(found).toEqual({
      kind: 'found',
      phase: phaseOf(STATUSES, status),
      deploymentStatus: status,
      deploymentId: PINNED,
      // A rollback may have changed the time of the stack.
      startedAt: status.startsWith('UPDATE_ROLLBACK_') ? undefined : Date.parse('2026-09-21T15:00:00.000Z'),
      resourceId: STACK_ID,
      attributes: ATTRIBUTES,
      ...(status === 'UPDATE_ROLLBACK_FAILED' && { advice: ADVICE }),
    });
    expect(calls).toEqual(['DescribeStacks {"StackName":"web"}']);
  });

  test('returns no parameters, outputs and tags, and the reason of the status only if it is requested', async () => {
    expect(inspect(await read(stack('UPDATE_IN_PROGRESS', UPDATE)), { depth: null })).not.toContain(SECRET);
    const withMessage = await read(stack('UPDATE_IN_PROGRESS', UPDATE), undefined, { includeStatusMessage: true });
    expect(withMessage).toMatchObject({ attributes: { ...ATTRIBUTES, deploymentStatusMessage: `reason ${SECRET}` } });
  });

  test('truncates long texts', async () => {
    const found = await read(stack('U'.repeat(500_000), UPDATE));
    expect(JSON.stringify(found).length).toBeLessThan(1_000);
    expect(found).toMatchObject({ phase: 'UNKNOWN' });
  });

  test('of a nested stack has the root stack as the obstacle', async () => {
    const family = tag('ParentId', 'arn:parent') + tag('RootId', 'arn:root');
    expect(await read(stack('UPDATE_IN_PROGRESS', UPDATE, family))).toMatchObject({
      phase: 'NOT_CANCELLABLE',
      obstacle: 'the update of a nested stack can be cancelled only with that of arn:root',
    });
    expect(await read(stack('UPDATE_COMPLETE', UPDATE, family))).toMatchObject({ phase: 'COMPLETED' });
  });

  test.each<[string, RawAnswer]>([
    ['no stack', responseTo('DescribeStacks', '<Stacks/>')],
    ['nothing', responseTo('DescribeStacks')],
    [
      'another stack',
      responseTo(
        'DescribeStacks',
        tag('Stacks', tag('member', tag('StackName', 'other'), tag('StackStatus', 'UPDATE_IN_PROGRESS'))),
      ),
    ],
    ['no status', responseTo('DescribeStacks', tag('Stacks', tag('member', tag('StackName', 'web'))))],
    ['a blank status', stack(' ', UPDATE)],
    ['half of a response', { ...stack('UPDATE_IN_PROGRESS'), body: '<DescribeStacksResponse><DescribeStacksRes' }],
    ['a page', { statusCode: 503, contentType: 'text/html', body: '<html>503</html>' }],
  ])('of %s is an error', async (_what, given) => {
    expect(await read(given)).toMatchObject({ kind: 'error', errorType: 'unreachable', resourceArn: ARN });
  });
});

describe('the id of an update', () => {
  const STARTED = '2026-09-21T15:00:00.000Z';
  const LATER = '2026-09-21T15:09:00.000Z';
  const idOf = async (given: RawAnswer, pinned?: string) => {
    const found = await read(given, pinned);
    return found.kind === 'found' ? found.deploymentId : found;
  };

  test('is that of an operation that is a deployment, not a part of one', async () => {
    const deployments: string[] = [];
    for (const type of Object.values(OperationType)) {
      const id = await idOf(stack('UPDATE_COMPLETE', operations([type, NEWER], ['UPDATE_STACK', PINNED])));
      if (id === NEWER) deployments.push(type);
    }
    expect(deployments.sort()).toEqual(['CREATE_STACK', 'DELETE_STACK', 'UPDATE_STACK']);
  });

  test('does not change with its rollback', async () => {
    const list = operations(['CONTINUE_ROLLBACK', 'c'], ['ROLLBACK', 'r'], ['UPDATE_STACK', PINNED]);
    expect(await idOf(stack('UPDATE_ROLLBACK_IN_PROGRESS', list), PINNED)).toBe(PINNED);
  });

  test('changes with a later update, and with an unknown operation', async () => {
    expect(await idOf(stack('UPDATE_IN_PROGRESS', operations(['UPDATE_STACK', NEWER])), PINNED)).toBe(NEWER);
    const unknown = operations(['REFACTOR', NEWER], ['UPDATE_STACK', PINNED]);
    expect(await idOf(stack('UPDATE_IN_PROGRESS', unknown), PINNED)).toBe(NEWER);
  });

  test('does not change with the deletion of the stack', async () => {
    expect(await idOf(stack('DELETE_IN_PROGRESS', operations(['DELETE_STACK', NEWER])), PINNED)).toBe(PINNED);
  });

  test('of a deletion is its own', async () => {
    const deletion = stack('DELETE_IN_PROGRESS', operations(['DELETE_STACK', NEWER]));
    expect(await idOf(deletion)).toBe(NEWER);
    expect(await idOf(deletion, NEWER)).toBe(NEWER);
    const times = tag('LastUpdatedTime', STARTED) + tag('DeletionTime', LATER);
    expect(await idOf(stack('DELETE_IN_PROGRESS', times))).toBe(LATER);
    expect(await idOf(stack('DELETE_IN_PROGRESS', times), LATER)).toBe(LATER);
  });

  test('is found in the events if no operation has it', async () => {
    respond = ({ operation }) =>
      operation === 'DescribeStacks'
        ? stack('UPDATE_ROLLBACK_COMPLETE', operations(['CREATE_CHANGESET', 'c']))
        : events([
            ['UPDATE_ROLLBACK_COMPLETE', 'r'],
            ['UPDATE_IN_PROGRESS', PINNED],
          ]);
    expect(await driver().describe(PINNED)).toMatchObject({ phase: 'CANCELLED', deploymentId: PINNED });
  });

  test('is undefined if neither the operations nor the events have it', async () => {
    respond = ({ operation }) => (operation === 'DescribeStacks' ? stack('UPDATE_IN_PROGRESS') : events([]));
    expect(await driver().describe(PINNED)).toMatchObject({ kind: 'found', deploymentId: undefined });
  });

  const updated = (time: string) => tag('LastUpdatedTime', time);

  test('is its start time if there are no operation ids', async () => {
    expect(await idOf(stack('UPDATE_IN_PROGRESS', updated(STARTED)))).toBe(STARTED);
    expect(await idOf(stack('CREATE_COMPLETE'))).toBe(ATTRIBUTES.createdAt);
    expect(await idOf(stack('UPDATE_IN_PROGRESS', updated(STARTED)), STARTED)).toBe(STARTED);
    expect(await idOf(stack('UPDATE_IN_PROGRESS', updated(LATER)), STARTED)).toBe(LATER);
  });

  describe.each(['UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE', 'UPDATE_ROLLBACK_FAILED'])(
    'at %s with another start time is found in the events',
    (status) => {
      const readWith = (...list: readonly [status: string, time: string][]) => {
        respond = ({ operation }) =>
          operation === 'DescribeStacks'
            ? stack(status, updated(LATER))
            : events(list.map(([name, time]) => [name, '', STACK_ID, time]));
        return driver().describe(STARTED);
      };
      const BEFORE = '2026-09-21T14:00:00.000Z';

      test('if that is the time of its rollback', async () => {
        const found = await readWith(
          [status, LATER],
          ['UPDATE_IN_PROGRESS', STARTED],
          ['UPDATE_COMPLETE', BEFORE],
          ['UPDATE_IN_PROGRESS', BEFORE],
        );
        expect(found).toMatchObject({ deploymentId: STARTED, deploymentStatus: status });
      });

      test('if that is the time of a newer update', async () => {
        const found = await readWith(
          [status, LATER],
          ['UPDATE_IN_PROGRESS', LATER],
          ['UPDATE_COMPLETE', STARTED],
          ['UPDATE_IN_PROGRESS', STARTED],
        );
        expect(found).toMatchObject({ deploymentId: LATER, deploymentStatus: status });
        expect(await driver().describeById(STARTED)).toMatchObject({ deploymentStatus: 'UPDATE_COMPLETE' });
      });
    },
  );

  test('stays the start time once that is pinned', async () => {
    expect(await idOf(stack('UPDATE_IN_PROGRESS', updated(STARTED), UPDATE), STARTED)).toBe(STARTED);
  });
});

describe('a read of a superseded update', () => {
  const describeById = (...pages: readonly RawAnswer[]) => {
    respond = ({ input }) => pages[Number(input.NextToken ?? 0)] as RawAnswer;
    return driver().describeById(PINNED);
  };

  test.each<[string, [string, string, string?][]]>([
    [
      'UPDATE_COMPLETE',
      [
        ['UPDATE_IN_PROGRESS', NEWER],
        ['UPDATE_COMPLETE', PINNED],
        ['UPDATE_IN_PROGRESS', PINNED],
      ],
    ],
    [
      'UPDATE_ROLLBACK_COMPLETE',
      [
        ['DELETE_IN_PROGRESS', NEWER],
        ['UPDATE_ROLLBACK_COMPLETE', 'r'],
        ['UPDATE_ROLLBACK_IN_PROGRESS', 'r'],
        ['UPDATE_IN_PROGRESS', PINNED],
      ],
    ],
    [
      'UPDATE_ROLLBACK_FAILED',
      [
        ['UPDATE_ROLLBACK_FAILED', 'r'],
        ['UPDATE_IN_PROGRESS', PINNED],
      ],
    ],
    [
      'UPDATE_IN_PROGRESS',
      [
        ['UPDATE_COMPLETE', PINNED, 'a resource'],
        ['UPDATE_IN_PROGRESS', PINNED],
      ],
    ],
  ])('returns its own last status: %s', async (status, list) => {
    const found = await describeById(events(list));
    expect(found).toEqual({
      kind: 'found',
      phase: phaseOf(STATUSES, status),
      deploymentStatus: status,
      deploymentId: PINNED,
      attributes: {},
      ...(status === 'UPDATE_ROLLBACK_FAILED' && { advice: ADVICE }),
    });
    expect(inspect(found)).not.toContain(SECRET);
  });

  test('reads page after page', async () => {
    const first = events(
      [
        ['UPDATE_IN_PROGRESS', NEWER],
        ['UPDATE_ROLLBACK_COMPLETE', 'r'],
      ],
      '1',
    );
    expect(await describeById(first, events([['UPDATE_IN_PROGRESS', PINNED]]))).toMatchObject({
      deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE',
    });
    expect(calls).toEqual([
      'DescribeStackEvents {"StackName":"web"}',
      'DescribeStackEvents {"StackName":"web","NextToken":"1"}',
    ]);
  });

  test('ends after a thousand events, however many are on a page', async () => {
    respond = () => events([['UPDATE_IN_PROGRESS', NEWER]], '1');
    expect(await driver().describeById(PINNED)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
    expect(calls).toHaveLength(100);
    calls = [];
    respond = () =>
      events(
        Array.from({ length: 100 }, () => ['UPDATE_IN_PROGRESS', NEWER]),
        '1',
      );
    expect(await driver().describeById(PINNED)).toMatchObject({ kind: 'not-found' });
    expect(calls).toHaveLength(10);
  });

  test('finds nothing without an event of it', async () => {
    expect(await describeById(events([['UPDATE_IN_PROGRESS', NEWER]]))).toEqual({
      kind: 'not-found',
      deploymentStatus: 'UNKNOWN',
    });
  });
});

describe('a pinned update', () => {
  /** The stack has been taken over by another operation, and these are its events. */
  const describePinned = (described: RawAnswer, ...list: readonly [string, string][]) => {
    respond = ({ operation }) => (operation === 'DescribeStacks' ? described : events(list));
    return driver().describe(PINNED, STACK_ID);
  };
  const newer = operations(['UPDATE_STACK', NEWER]);
  const deletion = operations(['DELETE_STACK', NEWER]);
  const YESTERDAY = '2026-09-20T14:13:20.000Z';
  const STARTED = '2026-09-21T15:00:00.000Z';

  test('that was rolled back is cancelled, although a newer one began right after', async () => {
    const found = await describePinned(
      stack('UPDATE_IN_PROGRESS', newer),
      ['UPDATE_IN_PROGRESS', NEWER],
      ['UPDATE_ROLLBACK_COMPLETE', 'r'],
      ['UPDATE_IN_PROGRESS', PINNED],
    );
    expect(found).toMatchObject({
      phase: 'CANCELLED',
      deploymentId: PINNED,
      deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE',
    });
  });

  test('that ended otherwise has given way to the newer one', async () => {
    const found = await describePinned(
      stack('UPDATE_IN_PROGRESS', newer),
      ['UPDATE_IN_PROGRESS', NEWER],
      ['UPDATE_COMPLETE', PINNED],
      ['UPDATE_IN_PROGRESS', PINNED],
    );
    expect(found).toMatchObject({ phase: 'IN_PROGRESS', deploymentId: NEWER });
  });

  test.each<[string, readonly [string, string][]]>([
    ['are behind as well', []],
    [
      'have its end',
      [
        ['UPDATE_COMPLETE', PINNED],
        ['UPDATE_IN_PROGRESS', PINNED],
      ],
    ],
  ])(
    'has not given way to the rollback of the day before, which a late response has, if the events %s',
    async (_, list) => {
      const before = stack(
        'UPDATE_ROLLBACK_COMPLETE',
        operations(['UPDATE_STACK', NEWER]) + tag('LastUpdatedTime', YESTERDAY),
      );
      const found = (await describePinned(before, ...list)) as Found;
      expect(found.startedAt).toBe(Date.parse(YESTERDAY));
      const pinned = { pinnedDeploymentId: PINNED, pinnedStartedAt: Date.parse(STARTED) };
      expect(identityOf(pinned, found)).toBe('older');
    },
  );

  test('is not known while the events are behind', async () => {
    const found = await describePinned(stack('UPDATE_IN_PROGRESS', newer), ['UPDATE_IN_PROGRESS', PINNED]);
    expect(found).toMatchObject({ kind: 'found', deploymentId: undefined });
  });

  test('that ended before the deletion of the stack has its own end', async () => {
    const found = await describePinned(
      stack('DELETE_IN_PROGRESS', deletion),
      ['DELETE_IN_PROGRESS', NEWER],
      ['UPDATE_ROLLBACK_COMPLETE', 'r'],
      ['UPDATE_IN_PROGRESS', PINNED],
    );
    expect(found).toMatchObject({ phase: 'CANCELLED', deploymentId: PINNED });
  });

  test('that was in flight when the stack was deleted ends with the deletion', async () => {
    const found = await describePinned(
      stack('DELETE_IN_PROGRESS', deletion),
      ['DELETE_IN_PROGRESS', NEWER],
      ['UPDATE_ROLLBACK_IN_PROGRESS', 'r'],
      ['UPDATE_IN_PROGRESS', PINNED],
    );
    expect(found).toMatchObject({ phase: 'DELETING', deploymentId: PINNED });
  });

  test('is read and cancelled by the id of its stack, which a stack that is created anew does not have', async () => {
    respond = ({ operation }) => {
      if (operation === 'DescribeStacks') return stack('UPDATE_IN_PROGRESS', UPDATE);
      return operation === 'DescribeStackEvents' ? events([['UPDATE_IN_PROGRESS', PINNED]]) : responseTo(operation);
    };
    await driver().describe(PINNED, STACK_ID);
    await driver().describeById(PINNED, STACK_ID);
    await driver().cancel(PINNED, STACK_ID);
    const input = JSON.stringify({ StackName: STACK_ID });
    expect(calls).toEqual([`DescribeStacks ${input}`, `DescribeStackEvents ${input}`, `CancelUpdateStack ${input}`]);
    // A stack of that name, but with another id, is not it.
    expect(await driver().describe(PINNED, `${STACK_ID}2`)).toMatchObject({ kind: 'error', errorType: 'unreachable' });
  });
});

describe('an error', () => {
  const CALLS: Readonly<Record<string, (driver: Driver) => Promise<ReadResult>>> = {
    DescribeStacks: (driver) => driver.describe(undefined),
    DescribeStackEvents: (driver) => driver.describeById(PINNED),
    CancelUpdateStack: (driver) => driver.cancel(PINNED),
  };
  const each = Object.entries(CALLS).flatMap(([operation, call]) =>
    [
      ['AccessDenied', 'denied'],
      ['AccessDeniedException', 'denied'],
      ['Throttling', 'throttled'],
      ['ThrottlingException', 'throttled'],
      ['ValidationError', 'rejected'],
      ['InternalFailure', 'server-error', 500],
      ['ServiceUnavailable', 'server-error', 503],
      ['RequestLimitExceeded', 'throttled', 503],
      ['ExpiredToken', 'rejected'],
      ['InvalidClientTokenId', 'unreachable', 403],
    ].map(([code = '', errorType, statusCode = 400]) => ({
      operation,
      call,
      code: String(code),
      errorType,
      statusCode: Number(statusCode),
    })),
  );

  test.each(each)('$code of $operation is $errorType', async ({ operation, call, code, errorType, statusCode }) => {
    respond = () => ({ ...failure(code, 'It was rejected.'), statusCode }) as Fault;
    expect(await call(driver())).toMatchObject({
      kind: 'error',
      errorType,
      action: `cloudformation:${operation}`,
      resourceArn: ARN,
      endpoint: server.url,
      errorName: code,
    });
    // A failed call is not repeated without a read.
    expect(calls).toHaveLength(1);
  });

  test('that the stack does not exist is a result of a read, and a conflict of a cancellation', async () => {
    respond = () => failure('ValidationError', 'Stack with id web does not exist');
    expect(await driver().describe(undefined)).toEqual({ kind: 'not-found', deploymentStatus: 'DELETE_COMPLETE' });
    respond = () => failure('ValidationError', 'Stack [web] does not exist');
    expect(await driver().describeById(PINNED)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
    expect(await driver().cancel(PINNED)).toMatchObject({ kind: 'error', errorType: 'conflict' });
  });

  test.each([
    ['AccessDenied', 'denied'],
    ['Throttling', 'throttled'],
  ])('%s says nothing about the stack, also with the message that it does not exist', async (code, errorType) => {
    respond = () => failure(code, 'Stack with id web does not exist');
    expect(await driver().describe(undefined)).toMatchObject({ kind: 'error', errorType });
    expect(await driver().describeById(PINNED)).toMatchObject({ kind: 'error', errorType });
    expect(await driver().cancel(PINNED)).toMatchObject({ kind: 'error', errorType });
  });

  test('that the status of the stack does not allow a cancellation is a conflict', async () => {
    respond = () => failure('ValidationError', 'CancelUpdateStack cannot be called from current stack status');
    expect(await driver().cancel(PINNED)).toMatchObject({ kind: 'error', errorType: 'conflict' });
    expect(await driver().describe(undefined)).toMatchObject({ kind: 'error', errorType: 'rejected' });
  });

  test('is a response that does not arrive in time', async () => {
    respond = () => ({ kind: 'hang' });
    expect(await driver({}, 50).describe(undefined)).toMatchObject({
      errorType: 'unreachable',
      errorName: 'InvalidResponseError',
    });
  });
});

test('a cancellation names the stack, and its empty response has no id', async () => {
  respond = () => responseTo('CancelUpdateStack');
  expect(await driver().cancel(PINNED)).toEqual({
    kind: 'found',
    phase: 'CANCELLING',
    deploymentStatus: 'UPDATE_IN_PROGRESS',
    attributes: {},
  });
  expect(calls).toEqual(['CancelUpdateStack {"StackName":"web"}']);
});

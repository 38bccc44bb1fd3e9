import { answerQuery } from '../../../../emulator/aws/cloudformation/query';
import type { StackDescription, StackStatus } from '../../../../emulator/aws/cloudformation/stack-description';
import type { LoggedEvent, StackRegistry } from '../../../../emulator/aws/cloudformation/stack-registry';
import { HttpServer, ServiceError } from '../../../../emulator/core/http-server';
import { awsContextOf } from '../../../../lambda/deployment/services/aws-context';
import { service } from '../../../../lambda/deployment/services/cloudformation';
import { requestToken } from '../../../../lambda/deployment/services/stack-requests';
import { onStop } from '../../../emulator/serve-service';
import { setUp } from '../run-to-end';

setUp();

const STACK_ID = 'arn:aws:cloudformation:us-east-1:123456789012:stack/web/0aa1';
const PINNED = '1c211b5a-4538-4dc9-bfed-e07734371e57';
const OTHER = 'd0f12313-7bdb-414d-a879-828a99b36f29';
const NOW = Date.UTC(2026, 9, 1);
const DELETE = { deleteOnCreate: true };
const CONTINUE = { onRollbackFailed: 'continue', resourcesToSkip: ['Queue'] };
const DELETE_TOKEN = requestToken('delete', STACK_ID, PINNED);

type Operations = StackDescription['lastOperations'];
type Event = readonly [status: StackStatus, id: string, secondsAgo?: number, token?: string];

const CREATION: Operations = [{ type: 'CREATE_STACK', id: PINNED }];
const UPDATE: Operations = [{ type: 'UPDATE_STACK', id: PINNED }];
const ROLLBACK: Operations = [{ type: 'ROLLBACK', id: 'r' }, ...UPDATE];

interface Reads {
  readonly status: StackStatus;
  readonly lastOperations: Operations;
  readonly stackId?: string;
  /** Newest first. */
  readonly events?: readonly Event[];
  /** The error of every request that changes something. */
  readonly error?: ServiceError;
}

/** A driver for stacks that read as they are given here, no matter what is requested; and what is requested. */
async function driverFor(options: object, { status, lastOperations, stackId = STACK_ID, events = [], error }: Reads) {
  const requests: string[] = [];
  const record = (request: string) => {
    requests.push(request);
    if (error) throw error;
  };
  const eventsOfStack = events.map(([eventStatus, operationId, secondsAgo = 60, clientRequestToken], index) => ({
    eventId: `${index}`,
    timestamp: NOW - secondsAgo * 1000,
    stackId,
    stackName: 'web',
    logicalId: 'web',
    physicalId: stackId,
    resourceType: 'AWS::CloudFormation::Stack',
    status: eventStatus,
    operationId,
    clientRequestToken,
  })) satisfies LoggedEvent[];
  const registry: StackRegistry = {
    seenBy: () => registry,
    describeStacks: () => [],
    describeStack: () => ({
      stackId,
      stackName: 'web',
      status,
      creationTime: NOW - 3_600_000,
      disableRollback: false,
      roleArn: 'arn:aws:iam::123456789012:role/cdk-cfn-exec-role',
      outputs: [],
      parameters: [],
      lastOperations,
    }),
    stackEvents: () => eventsOfStack,
    cancelUpdateStack: (name) => record(`CancelUpdateStack ${name}`),
    continueUpdateRollback: (name, { resourcesToSkip, token }) =>
      record(`ContinueUpdateRollback ${name} ${resourcesToSkip} ${token}`),
    requestDeletion: (name, token) => record(`DeleteStack ${name} ${token}`),
  };
  const server = await HttpServer.listen({ services: [], raw: (request) => answerQuery(registry, request) });
  onStop(() => server.close());
  const aws = {
    ...awsContextOf({ invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:f' }),
    now: () => NOW,
  };
  const settings = {
    timeoutSeconds: 60,
    failOn: [],
    onNotFound: 'fail',
    includeStatusMessage: false,
    endpoint: server.url,
  };
  const deployment = {
    kind: 'cloudformation-stack-update',
    identifiers: { stackName: 'web' },
    options: { ...options },
  };
  const driver = service.connect({ ...settings, onNotFound: 'fail' }, aws).driverFor(deployment);
  return { driver, requests };
}

const CREATING: Reads = {
  status: 'CREATE_IN_PROGRESS',
  lastOperations: CREATION,
  events: [['CREATE_IN_PROGRESS', PINNED]],
};
const ROLLBACK_FAILED: Reads = {
  status: 'UPDATE_ROLLBACK_FAILED',
  lastOperations: ROLLBACK,
  events: [
    ['UPDATE_ROLLBACK_FAILED', 'r'],
    ['UPDATE_ROLLBACK_IN_PROGRESS', 'r'],
    ['UPDATE_IN_PROGRESS', PINNED],
  ],
};

describe('a request', () => {
  test.each<[string, object, Reads, string]>([
    ['deletes the pinned creation', DELETE, CREATING, `DeleteStack ${STACK_ID} ${DELETE_TOKEN}`],
    [
      'continues the rollback of the pinned update',
      CONTINUE,
      ROLLBACK_FAILED,
      `ContinueUpdateRollback ${STACK_ID} Queue ${requestToken('continue-rollback', STACK_ID, PINNED)}`,
    ],
    [
      'cancels the pinned update',
      { ...DELETE, ...CONTINUE },
      { status: 'UPDATE_IN_PROGRESS', lastOperations: UPDATE },
      `CancelUpdateStack ${STACK_ID}`,
    ],
  ])('%s', async (_what, options, reads, expected) => {
    const { driver, requests } = await driverFor(options, reads);
    expect(await driver.cancel(PINNED, STACK_ID)).toEqual({
      kind: 'found',
      phase: 'CANCELLING',
      deploymentStatus: reads.status,
      attributes: {},
    });
    expect(requests).toEqual([expected]);
  });

  test.each<[string, object, Reads]>([
    ['the creation has completed', DELETE, { status: 'CREATE_COMPLETE', lastOperations: CREATION }],
    ['the creation has failed', DELETE, { status: 'ROLLBACK_IN_PROGRESS', lastOperations: CREATION }],
    [
      'the creation has completed, which only the events show',
      DELETE,
      {
        ...CREATING,
        events: [
          ['CREATE_COMPLETE', PINNED],
          ['CREATE_IN_PROGRESS', PINNED],
        ],
      },
    ],
    ['the events do not show the creation', DELETE, { ...CREATING, events: [] }],
    ['it is another creation', DELETE, { ...CREATING, lastOperations: [{ type: 'CREATE_STACK', id: OTHER }] }],
    [
      'a second update has started meanwhile',
      { ...DELETE, ...CONTINUE },
      { status: 'UPDATE_IN_PROGRESS', lastOperations: [{ type: 'UPDATE_STACK', id: OTHER }] },
    ],
    [
      'the rollback of a second update has failed',
      CONTINUE,
      { ...ROLLBACK_FAILED, lastOperations: [{ type: 'UPDATE_STACK', id: OTHER }] },
    ],
    [
      'somebody has continued the rollback',
      CONTINUE,
      { ...ROLLBACK_FAILED, lastOperations: [{ type: 'CONTINUE_ROLLBACK', id: 'c' }, ...ROLLBACK] },
    ],
    [
      'somebody has continued the rollback, which only the events show',
      CONTINUE,
      { ...ROLLBACK_FAILED, events: [['UPDATE_ROLLBACK_IN_PROGRESS', 'c'], ...(ROLLBACK_FAILED.events ?? [])] },
    ],
    ['the update has rolled back', CONTINUE, { ...ROLLBACK_FAILED, status: 'UPDATE_ROLLBACK_COMPLETE' }],
  ])('is not sent where %s', async (_case, options, reads) => {
    const { driver, requests } = await driverFor(options, reads);
    expect(await driver.cancel(PINNED, STACK_ID)).toMatchObject({
      kind: 'error',
      errorType: 'conflict',
      errorName: 'StackChangedError',
    });
    expect(requests).toEqual([]);
  });

  test('is not sent to another stack of that name', async () => {
    const { driver, requests } = await driverFor(DELETE, { ...CREATING, stackId: `${STACK_ID}b` });
    expect(await driver.cancel(PINNED, STACK_ID)).toMatchObject({ kind: 'error', errorType: 'unreachable' });
    expect(requests).toEqual([]);
  });

  test.each([
    [undefined, STACK_ID],
    [PINNED, undefined],
  ])('is not sent without a pinned operation and a pinned stack: %s, %s', async (pinned, stackId) => {
    const { driver, requests } = await driverFor(DELETE, CREATING);
    expect(await driver.cancel(pinned, stackId)).toMatchObject({ kind: 'error', errorName: 'StackChangedError' });
    expect(requests).toEqual([]);
  });

  test('that CloudFormation has accepted before is followed by a read', async () => {
    const error = new ServiceError('TokenAlreadyExistsException', 'A client request token already exists');
    const { driver } = await driverFor(DELETE, { ...CREATING, error });
    expect(await driver.cancel(PINNED, STACK_ID)).toMatchObject({ errorType: 'conflict' });
  });
});

describe('a read of the pinned creation', () => {
  test.each<[string, Partial<Reads>, string]>([
    ['that has completed long ago', { events: [['CREATE_COMPLETE', PINNED, 16]] }, 'COMPLETED'],
    ['that has just completed', { events: [['CREATE_COMPLETE', PINNED, 14]] }, 'ENDING'],
    [
      'whose stack is being deleted, which only the events show',
      {
        events: [
          ['DELETE_IN_PROGRESS', 'd', 16, DELETE_TOKEN],
          ['CREATE_COMPLETE', PINNED, 20],
        ],
      },
      'ENDING',
    ],
    ['that the events do not show yet', { events: [['CREATE_IN_PROGRESS', PINNED, 16]] }, 'ENDING'],
  ])('%s', async (_case, reads, phase) => {
    const { driver } = await driverFor(DELETE, { ...CREATING, status: 'CREATE_COMPLETE', ...reads });
    expect(await driver.describe(PINNED, STACK_ID)).toMatchObject({ phase, deploymentId: PINNED });
    const other = await driverFor(CONTINUE, { ...CREATING, status: 'CREATE_COMPLETE', ...reads });
    expect(await other.driver.describe(PINNED, STACK_ID)).toMatchObject({ phase: 'COMPLETED', deploymentId: PINNED });
  });

  const deleted = (events: readonly Event[]): Reads => {
    return { status: 'DELETE_COMPLETE', lastOperations: [{ type: 'DELETE_STACK', id: 'd' }], events };
  };

  test.each<[string, readonly Event[], object]>([
    [
      'that the cancellation has deleted',
      [
        ['DELETE_COMPLETE', 'd', 60, DELETE_TOKEN],
        ['DELETE_IN_PROGRESS', 'd', 60, DELETE_TOKEN],
        ['CREATE_COMPLETE', PINNED],
        ['CREATE_IN_PROGRESS', PINNED],
      ],
      { phase: 'CANCELLED', deploymentStatus: 'DELETE_COMPLETE', deploymentId: PINNED },
    ],
    [
      'that somebody else has deleted after it completed',
      [
        ['DELETE_COMPLETE', 'd'],
        ['DELETE_IN_PROGRESS', 'd'],
        ['CREATE_COMPLETE', PINNED],
        ['CREATE_IN_PROGRESS', PINNED],
      ],
      { phase: 'COMPLETED', deploymentStatus: 'CREATE_COMPLETE', deploymentId: PINNED },
    ],
    [
      'whose deletion the events do not show yet, so that it decides nothing',
      [
        ['CREATE_COMPLETE', PINNED],
        ['CREATE_IN_PROGRESS', PINNED],
      ],
      { deploymentId: undefined },
    ],
  ])('%s', async (_case, events, expected) => {
    const { driver } = await driverFor(DELETE, deleted(events));
    expect(await driver.describe(PINNED, STACK_ID)).toMatchObject(expected);
  });
});

describe('a read of the pinned update whose rollback has failed', () => {
  const CONTINUED: Operations = [
    { type: 'CONTINUE_ROLLBACK', id: 'c' },
    { type: 'ROLLBACK', id: 'r' },
  ];

  test.each<[string, Reads, object]>([
    [
      'can be continued',
      ROLLBACK_FAILED,
      { phase: 'ROLLBACK_FAILED', deploymentId: PINNED, deploymentStatus: 'UPDATE_ROLLBACK_FAILED' },
    ],
    [
      'is over after it was continued and failed again',
      { ...ROLLBACK_FAILED, lastOperations: CONTINUED },
      { phase: 'FAILED', deploymentId: PINNED },
    ],
    [
      'decides nothing while it is continued, and the events are behind',
      { ...ROLLBACK_FAILED, status: 'UPDATE_ROLLBACK_IN_PROGRESS', lastOperations: CONTINUED },
      { deploymentId: undefined },
    ],
    [
      'decides nothing after a newer update has begun, and the events are behind',
      { ...ROLLBACK_FAILED, status: 'UPDATE_IN_PROGRESS', lastOperations: [{ type: 'UPDATE_STACK', id: OTHER }] },
      { deploymentId: undefined },
    ],
  ])('%s', async (_case, reads, expected) => {
    const { driver } = await driverFor(CONTINUE, reads);
    expect(await driver.describe(PINNED, STACK_ID)).toMatchObject(expected);
  });

  test('is over at the first read', async () => {
    const { driver } = await driverFor(CONTINUE, ROLLBACK_FAILED);
    expect(await driver.describe(undefined)).toMatchObject({ phase: 'FAILED', deploymentId: PINNED });
  });
});

import type { ResourceStatus, Stack, StackStatus } from '@aws-sdk/client-cloudformation';
import { StackStatus as STACK_STATUSES } from '@aws-sdk/client-cloudformation';
import {
  type Allowed,
  adviceFor,
  allowedRequest,
  creationPhase,
  hasOptionalRequests,
  type OptionalRequest,
  requestToken,
  resourcesToSkip,
} from '../../../../lambda/deployment/services/stack-requests';

const STACK_ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/web/0aa1';
const ROLE = 'arn:aws:iam::111122223333:role/cdk-cfn-exec-role';
const PINNED = '1c211b5a-4538-4dc9-bfed-e07734371e57';
const OTHER = 'd0f12313-7bdb-414d-a879-828a99b36f29';
const TIME = '2026-10-01T12:00:00.000Z';

const CONTINUE = { onRollbackFailed: 'continue', resourcesToSkip: [], deleteOnCreate: false };
const DELETE = { onRollbackFailed: 'fail', resourcesToSkip: [], deleteOnCreate: true };
const BOTH = { ...CONTINUE, deleteOnCreate: true };
const NEITHER = { ...CONTINUE, onRollbackFailed: 'fail' };

type Operation = readonly [type: 'UPDATE_STACK' | 'ROLLBACK' | 'CONTINUE_ROLLBACK' | 'CREATE_STACK', id: string];

function stack(status: StackStatus, change: Partial<Stack> = {}, operations: readonly Operation[] = []): Stack {
  return {
    StackName: 'web',
    StackId: STACK_ID,
    StackStatus: status,
    CreationTime: new Date(TIME),
    RoleARN: ROLE,
    LastOperations: operations.map(([OperationType, OperationId]) => ({ OperationType, OperationId })),
    ...change,
  };
}

const FAILED: readonly Operation[] = [
  ['ROLLBACK', 'r'],
  ['UPDATE_STACK', PINNED],
];

describe('the request that the options allow', () => {
  test.each(Object.values(STACK_STATUSES))('at %s is the deletion only of a creation in progress', (status) => {
    const requests = [NEITHER, CONTINUE, DELETE, BOTH, undefined].map(
      (options) => allowedRequest(stack(status, {}, FAILED), PINNED, options).request,
    );
    const expected: Partial<Record<StackStatus, (OptionalRequest | undefined)[]>> = {
      CREATE_IN_PROGRESS: [undefined, undefined, 'delete', 'delete', undefined],
      UPDATE_ROLLBACK_FAILED: [undefined, 'continue-rollback', undefined, 'continue-rollback', undefined],
    };
    expect(requests).toEqual(expected[status] ?? [undefined, undefined, undefined, undefined, undefined]);
  });

  test.each<[string, Stack, string | undefined, Allowed]>([
    [
      'the pinned update has failed to roll back',
      stack('UPDATE_ROLLBACK_FAILED', {}, FAILED),
      PINNED,
      { request: 'continue-rollback' },
    ],
    [
      'cloudformation names only the update',
      stack('UPDATE_ROLLBACK_FAILED', {}, [['UPDATE_STACK', PINNED]]),
      PINNED,
      { request: 'continue-rollback' },
    ],
    ['it is the first read, which finds what is over', stack('UPDATE_ROLLBACK_FAILED', {}, FAILED), undefined, {}],
    [
      'its rollback was continued before, by anybody',
      stack('UPDATE_ROLLBACK_FAILED', {}, [['CONTINUE_ROLLBACK', 'c'], ...FAILED]),
      PINNED,
      { obstacle: 'its rollback was continued before' },
    ],
    [
      'its rollback was continued before, and the update is not named any more',
      stack('UPDATE_ROLLBACK_FAILED', {}, [
        ['CONTINUE_ROLLBACK', 'c'],
        ['ROLLBACK', 'r'],
      ]),
      PINNED,
      { obstacle: 'its rollback was continued before' },
    ],
    [
      'the rollback of an older update was continued',
      stack('UPDATE_ROLLBACK_FAILED', {}, [...FAILED, ['CONTINUE_ROLLBACK', 'c'], ['UPDATE_STACK', OTHER]]),
      PINNED,
      { request: 'continue-rollback' },
    ],
    [
      'another update has failed to roll back',
      stack('UPDATE_ROLLBACK_FAILED', {}, [['UPDATE_STACK', OTHER]]),
      PINNED,
      { obstacle: 'its rollback was not continued: cloudformation does not name its operation' },
    ],
    [
      'it is pinned by its time, which a rollback may change',
      stack('UPDATE_ROLLBACK_FAILED'),
      TIME,
      { obstacle: 'its rollback was not continued: cloudformation does not name its operation' },
    ],
    [
      'the stack is nested',
      stack('UPDATE_ROLLBACK_FAILED', { ParentId: 'p', RootId: 'root' }, FAILED),
      PINNED,
      { obstacle: 'its rollback was not continued: it is nested in root' },
    ],
    [
      'cloudformation would use the role of the cancellation',
      stack('UPDATE_ROLLBACK_FAILED', { RoleARN: undefined }, FAILED),
      PINNED,
      { obstacle: 'its rollback was not continued: the stack has no service role' },
    ],
    ['the creation is read first', stack('CREATE_IN_PROGRESS'), undefined, { request: 'delete' }],
    [
      'the creation is pinned',
      stack('CREATE_IN_PROGRESS', {}, [['CREATE_STACK', PINNED]]),
      PINNED,
      { request: 'delete' },
    ],
    [
      'the creation is that of a nested stack',
      stack('CREATE_IN_PROGRESS', { ParentId: 'p', RootId: 'root' }),
      PINNED,
      { obstacle: 'the creation of a nested stack can be cancelled only with that of root' },
    ],
    [
      'cloudformation would delete with the role of the cancellation',
      stack('CREATE_IN_PROGRESS', { RoleARN: undefined }),
      PINNED,
      { obstacle: 'the creation of a stack without a service role cannot be cancelled' },
    ],
  ])('where %s', (_case, found, pinned, expected) => {
    expect(allowedRequest(found, pinned, BOTH)).toEqual(expected);
  });

  test('takes another read only where an option may allow one', () => {
    expect([NEITHER, undefined, CONTINUE, DELETE].map(hasOptionalRequests)).toEqual([false, false, true, true]);
  });
});

test('the token is the same for the same request for the same operation of the same stack, and no other', () => {
  const tokens = [
    requestToken('delete', STACK_ID, PINNED),
    requestToken('continue-rollback', STACK_ID, PINNED),
    requestToken('delete', `${STACK_ID}b`, PINNED),
    requestToken('delete', STACK_ID, OTHER),
    requestToken('delete', STACK_ID, TIME),
  ];
  expect(new Set(tokens).size).toBe(tokens.length);
  for (const token of tokens) expect(token).toMatch(/^[a-zA-Z0-9][-a-zA-Z0-9]{0,127}$/);
  expect(requestToken('delete', STACK_ID, PINNED)).toBe(tokens[0]);
});

test('no resources are skipped but those that are named', () => {
  expect(resourcesToSkip(CONTINUE)).toBeUndefined();
  expect(resourcesToSkip(undefined)).toBeUndefined();
  expect(resourcesToSkip({ ...CONTINUE, resourcesToSkip: ['Queue', 'Nested.Topic'] })).toEqual([
    'Queue',
    'Nested.Topic',
  ]);
});

describe('the advice', () => {
  const COMMAND = 'to continue its rollback: aws cloudformation continue-update-rollback --stack-name web';

  test('names the command after a failed rollback, and why it was not run', () => {
    expect(adviceFor('UPDATE_ROLLBACK_FAILED', 'web')).toBe(COMMAND);
    expect(adviceFor('UPDATE_ROLLBACK_FAILED', 'web', { obstacle: 'why' })).toBe(`why; ${COMMAND}`);
  });

  test.each(Object.values(STACK_STATUSES).filter((status) => status !== 'UPDATE_ROLLBACK_FAILED'))(
    'says nothing at %s',
    (status) => expect(adviceFor(status, 'web', { obstacle: 'why' })).toBeUndefined(),
  );
});

describe('the deletion of a stack whose creation is pinned', () => {
  const OURS = requestToken('delete', STACK_ID, PINNED);
  const event = (ResourceStatus: ResourceStatus, ClientRequestToken?: string) => {
    return {
      StackId: STACK_ID,
      EventId: 'e',
      StackName: 'web',
      Timestamp: new Date(TIME),
      ResourceStatus,
      ClientRequestToken,
    };
  };

  test.each([
    ['the creation was in progress', 'CREATE_IN_PROGRESS', undefined],
    ['it is the one that was requested', 'CREATE_IN_PROGRESS', OURS],
    ['it is the one that was requested, and the creation had just completed', 'CREATE_COMPLETE', OURS],
    ['it is the one that was requested, and the creation had just failed', 'ROLLBACK_IN_PROGRESS', OURS],
  ])('cancels it where %s', (_case, creation, token) => {
    const phases = (['DELETE_IN_PROGRESS', 'DELETE_COMPLETE', 'DELETE_FAILED'] as const).map((status) =>
      creationPhase(status, creation, event(status, token), OURS),
    );
    expect(phases).toEqual(['CANCELLING', 'CANCELLED', 'FAILED']);
  });

  test.each([
    ['had completed', 'CREATE_COMPLETE'],
    ['had failed', 'ROLLBACK_IN_PROGRESS'],
    ['is not in the events', undefined],
  ])('of somebody else replaces it where it %s', (_case, creation) => {
    expect(creationPhase('DELETE_COMPLETE', creation, event('DELETE_COMPLETE', 'theirs'), OURS)).toBeUndefined();
    expect(creationPhase('DELETE_COMPLETE', creation, event('DELETE_COMPLETE'), OURS)).toBeUndefined();
  });

  test.each([
    ['are behind', event('CREATE_COMPLETE')],
    ['are not there', undefined],
  ])('decides nothing while the events %s', (_case, newest) => {
    expect(creationPhase('DELETE_COMPLETE', 'CREATE_COMPLETE', newest, OURS)).toBe('UNKNOWN');
  });
});

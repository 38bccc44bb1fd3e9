import { handleResult } from '../../../lambda/cloudformation/execution-result';
import { handleRequest } from '../../../lambda/cloudformation/handle';
import { executionName, resourceKey, toRequest } from '../../../lambda/cloudformation/request-identity';
import type { GuardRequest, RespondEvent, Result } from '../../../lib/contract/cancellation';
import {
  captureConsole,
  createEvent,
  deleteEvent,
  FakeDependencies,
  failure,
  GUARD_STATE_OPERATIONS,
  OPERATIONS,
  PROPERTIES,
  RESPONSE_URL,
  SECRET,
  updateEvent,
} from './fakes';

const ResourceType = 'Custom::CancelOnRollback';
const properties = { ...PROPERTIES, trigger: 'v1', cancelPreexisting: 'false', cancelOnStackDeletion: 'false' };
const create = createEvent({ ResourceType, ResourceProperties: properties });
const remove = deleteEvent({ ResourceType, ResourceProperties: properties });
const KEY = resourceKey(create);
const ARMED_AT = '2026-10-01T11:59:00.000Z';
const STATE = { deployment: PROPERTIES.deployment, trigger: 'v1', deploymentId: 'before', armedAt: ARMED_AT };

let deps: FakeDependencies;
let logged: () => string;
beforeEach(() => {
  deps = new FakeDependencies();
  logged = captureConsole();
});
afterEach(() => {
  const output = logged();
  jest.restoreAllMocks();
  expect(output).not.toContain(SECRET);
});

/** An Update of the guard from one trigger to another. */
function updateOf(from: string, to: string, overrides: Parameters<typeof updateEvent>[0] = {}) {
  return updateEvent({
    ResourceType,
    ResourceProperties: { ...properties, trigger: to },
    OldResourceProperties: { ...properties, trigger: from },
    ...overrides,
  });
}

/** How often the log reports that the guard failed, which a metric counts. */
function failures(): number {
  return logged().split("event: 'guard-failed'").length - 1;
}

function started() {
  return [...deps.started.values()];
}

function result(guard: GuardRequest, outcome: Result['outcome'], more: Partial<Result> = {}): RespondEvent {
  const event = guard.action === 'ARM' ? create : remove;
  const name = executionName(event);
  deps.storeTarget(name, event);
  return {
    request: {
      contractVersion: '1',
      deployment: PROPERTIES.deployment as RespondEvent['request']['deployment'],
      settings: { timeoutSeconds: 60, failOn: [], onNotFound: 'succeed', includeStatusMessage: false },
      cloudFormation: { ...toRequest(event), guard },
    },
    executionArn: `arn:aws:states:us-east-1:111122223333:execution:Workflow:${name}`,
    result: { outcome, failed: false, reason: 'because', attributes: { outcome }, ...more },
  };
}
const ARM: GuardRequest = { action: 'ARM', nextTrigger: 'v1' };
const CANCEL: GuardRequest = { action: 'CANCEL' };

describe('a guard that is armed', () => {
  test('starts an execution that only reads', async () => {
    await handleRequest(create, deps);
    expect(started()).toMatchObject([{ observeOnly: true }]);
    expect(deps.responses).toEqual([]);
  });

  test.each(['', 'some-id'])('stores %p as the ID of the latest deployment', async (deploymentId) => {
    const attributes = { outcome: 'ARMED', deploymentId };
    await handleResult(result(ARM, 'ARMED', { attributes, readAt: ARMED_AT }), deps);
    expect(JSON.parse(deps.guardStore.entries.get(KEY) ?? '')).toEqual({ ...STATE, deploymentId });
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
    expect(deps.response).not.toHaveProperty('guard');
    expect(failures()).toBe(0);
  });

  test.each<[string, Result['outcome'], Partial<Result>]>([
    ['the service returns no ID', 'ARMED', { attributes: {} }],
    ['the service does not answer', 'UNAVAILABLE', { failed: true }],
    ['the service denies access', 'ACCESS_DENIED', { failed: true }],
    ['the deployment function fails', 'ERROR', { failed: true }],
  ])('responds SUCCESS, logs its failure, and stores no state when %s', async (_why, outcome, more) => {
    await handleResult(result(ARM, outcome, more), deps);
    expect(deps.guardStore.entries.size).toBe(0);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
    expect(failures()).toBe(1);
  });

  test('responds SUCCESS and logs its failure when its state cannot be stored', async () => {
    deps.guardStore.entries.set(KEY, JSON.stringify(STATE));
    deps.failing.set('put-guard-state', failure('ThrottlingException'));
    await handleResult(result(ARM, 'ARMED', { attributes: { deploymentId: 'x' } }), deps);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
    expect(deps.guardStore.entries.size).toBe(0);
    expect(failures()).toBe(1);
  });

  test('deletes its earlier state when its execution cannot be started', async () => {
    deps.guardStore.entries.set(KEY, JSON.stringify(STATE));
    deps.failing.set('start', failure('AccessDeniedException'));
    await handleRequest(create, deps);
    expect(deps.guardStore.entries.size).toBe(0);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
    expect(failures()).toBe(1);
  });

  test('stays armed when its request is delivered again', async () => {
    await handleRequest(create, deps);
    const name = executionName(create);
    deps.runningExecutions.delete(name);
    deps.guardStore.entries.set(KEY, JSON.stringify(STATE));
    await handleRequest(create, deps);
    expect(deps.guardStore.entries.get(KEY)).toBe(JSON.stringify(STATE));
    expect(failures()).toBe(0);
  });
});

describe('a guard that cancels', () => {
  beforeEach(() => {
    deps.stackStatus = 'ROLLBACK_IN_PROGRESS';
    deps.guardStore.entries.set(KEY, JSON.stringify(STATE));
  });

  test('ignores the deployment that was the latest when it was armed', async () => {
    await handleRequest(remove, deps);
    expect(started()).toMatchObject([
      { deployment: PROPERTIES.deployment, ignoreDeploymentId: 'before', ignoreStartedBefore: ARMED_AT },
    ]);
    expect(started()[0]).not.toHaveProperty('observeOnly');
  });

  test('first stops its running executions, but not the one of the same request', async () => {
    deps.stackStatus = 'CREATE_IN_PROGRESS';
    await handleRequest(create, deps);
    expect([...deps.runningExecutions.keys()]).toEqual([executionName(create)]);
    deps.stackStatus = 'ROLLBACK_IN_PROGRESS';
    deps.guardStore.entries.set(KEY, JSON.stringify(STATE));
    await handleRequest(remove, deps);
    await handleRequest(remove, deps);
    expect([...deps.runningExecutions.keys()]).toEqual([executionName(remove)]);
  });

  test.each<[string, string | undefined]>([
    ['no state is stored', undefined],
    ['the state is for another trigger', JSON.stringify({ ...STATE, trigger: 'v0' })],
    [
      'the state is for another deployment',
      JSON.stringify({
        ...STATE,
        deployment: {
          kind: 'proton-service-instance',
          identifiers: { serviceName: 'web', serviceInstanceName: 'other' },
        },
      }),
    ],
    ['the state is not valid', '{"trigger":'],
    ['the state has no deployment ID', JSON.stringify({ ...STATE, deploymentId: undefined })],
  ])('cancels nothing, responds SUCCESS and logs its failure when %s', async (_why, state) => {
    if (state === undefined) deps.guardStore.entries.clear();
    else deps.guardStore.entries.set(KEY, state);
    await handleRequest(remove, deps);
    expect(started()).toEqual([]);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
    expect(failures()).toBe(1);
  });

  test('needs no state with cancelPreexisting', async () => {
    deps.guardStore.entries.clear();
    const ResourceProperties = { ...properties, cancelPreexisting: 'true' };
    await handleRequest(deleteEvent({ ResourceType, ResourceProperties }), deps);
    expect(started()).toHaveLength(1);
    expect(started()[0]).not.toHaveProperty('ignoreDeploymentId');
  });

  test.each<[Result['outcome'], boolean]>([
    ['CANCELLED', false],
    ['COMPLETED_FIRST', false],
    ['SKIPPED', false],
    ['TIMED_OUT', true],
    ['UNAVAILABLE', true],
    ['ACCESS_DENIED', true],
    ['ERROR', true],
  ])('responds SUCCESS after %s, and deletes its state', async (outcome, failed) => {
    await handleResult(result(CANCEL, outcome, { failed }), deps);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
    expect(deps.guardStore.entries.size).toBe(0);
    expect(failures()).toBe(failed ? 1 : 0);
  });

  test('stays armed after an Update, from the cancelled deployment on', async () => {
    const attributes = { outcome: 'CANCELLED', deploymentId: 'cancelled' };
    await handleResult(result({ action: 'CANCEL', nextTrigger: 'v0' }, 'CANCELLED', { attributes }), deps);
    expect(JSON.parse(deps.guardStore.entries.get(KEY) ?? '')).toEqual({
      ...STATE,
      trigger: 'v0',
      deploymentId: 'cancelled',
      armedAt: '2026-10-01T12:00:01.000Z',
    });
  });

  test('does nothing when its request is delivered again', async () => {
    await handleRequest(remove, deps);
    deps.runningExecutions.clear();
    deps.guardStore.entries.clear();
    await handleRequest(remove, deps);
    expect(deps.responses).toEqual([]);
    expect(failures()).toBe(0);
  });

  test('does nothing for the forward Update when that is delivered again during the rollback', async () => {
    const update = updateOf('v0', 'v1');
    deps.stackStatus = 'UPDATE_IN_PROGRESS';
    await handleRequest(update, deps);
    deps.runningExecutions.clear();
    deps.guardStore.entries.set(KEY, JSON.stringify({ ...STATE, previousTrigger: 'v0' }));
    deps.stackStatus = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const reverse = updateOf('v1', 'v0', { RequestId: 'request-2', ResponseURL: `${RESPONSE_URL}2` });
    await handleRequest(reverse, deps);
    await handleRequest(update, deps);
    expect([...deps.runningExecutions.keys()]).toEqual([executionName(reverse)]);
    expect(deps.responses).toEqual([]);
  });

  test('keeps the response and its URL for the next attempt when the response cannot be sent', async () => {
    deps.failing.set('send', failure('TypeError'));
    const event = result(CANCEL, 'CANCELLED');
    await expect(handleResult(event, deps)).rejects.toThrow('could not be sent');
    expect([...deps.targetStore.entries.values()]).toEqual([
      expect.stringContaining(RESPONSE_URL),
      expect.stringContaining('"Status":"SUCCESS"'),
    ]);
    deps.failing.clear();
    await handleResult(event, deps);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
    expect(deps.targetStore.entries.size).toBe(0);
  });
});

describe('a guard in a nested stack that is deleted', () => {
  const NESTED = remove.StackId;
  beforeEach(() => {
    deps.guardStore.entries.set(KEY, JSON.stringify(STATE));
    deps.stackStatuses.set(NESTED, 'DELETE_IN_PROGRESS');
    deps.parents.set(NESTED, 'parent');
  });

  test.each<[string, Record<string, string>, boolean]>([
    ['its parent rolls back its creation', { parent: 'ROLLBACK_IN_PROGRESS' }, true],
    ['its parent cleans up a failed update', { parent: 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS' }, true],
    ['its parent cleans up an update', { parent: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' }, false],
    ['its parent is deleted', { parent: 'DELETE_IN_PROGRESS' }, false],
    ['its grandparent rolls back its creation', { parent: 'DELETE_IN_PROGRESS', root: 'ROLLBACK_IN_PROGRESS' }, true],
    ['its grandparent is deleted', { parent: 'DELETE_IN_PROGRESS', root: 'DELETE_IN_PROGRESS' }, false],
  ])('cancels only if a creation or an update is rolled back: %s', async (_why, statuses, cancels) => {
    for (const [stack, status] of Object.entries(statuses)) deps.stackStatuses.set(stack, status);
    if ('root' in statuses) deps.parents.set('parent', 'root');
    await handleRequest(remove, deps);
    expect(started()).toHaveLength(cancels ? 1 : 0);
    expect(deps.responses).toHaveLength(cancels ? 0 : 1);
    expect(failures()).toBe(0);
  });
});

test('a guard that an update removes deletes its state and cancels nothing', async () => {
  deps.stackStatus = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
  deps.guardStore.entries.set(KEY, JSON.stringify(STATE));
  await handleRequest(remove, deps);
  expect(deps.guardStore.entries.size).toBe(0);
  expect(started()).toEqual([]);
  expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
  expect(failures()).toBe(0);
});

test.each([
  ['Update', updateEvent({ ResourceType, ResourceProperties: properties, OldResourceProperties: properties })],
  ['Delete', remove],
])('a guard whose stack status cannot be read on %s cancels nothing and logs its failure', async (_request, event) => {
  deps.failing.set('status', failure('AccessDenied'));
  deps.guardStore.entries.set(KEY, JSON.stringify(STATE));
  await handleRequest(event, deps);
  expect(started()).toEqual([]);
  expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
  expect(failures()).toBe(1);
});

describe('a guard never responds FAILED, whichever operation fails', () => {
  const events = {
    Create: create,
    Update: updateEvent({ ResourceType, ResourceProperties: properties, OldResourceProperties: properties }),
    Delete: remove,
    'invalid Create': createEvent({ ResourceType, ResourceProperties: { ServiceToken: 'x' } }),
    'invalid Delete': deleteEvent({ ResourceType, ResourceProperties: { ServiceToken: 'x' } }),
  };
  const statuses = ['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'DELETE_IN_PROGRESS'];
  const operations = [...OPERATIONS, ...GUARD_STATE_OPERATIONS].filter((operation) => operation !== 'send');
  test.each(Object.keys(events))('%s', async (name) => {
    for (const status of statuses) {
      for (const operation of operations) {
        deps = new FakeDependencies();
        deps.stackStatus = status;
        deps.guardStore.entries.set(KEY, JSON.stringify(STATE));
        deps.failing.set(operation, failure('SomeException'));
        await handleRequest(events[name as keyof typeof events], deps);
        expect(deps.responses.map(({ body }) => body.Status)).not.toContain('FAILED');
        expect(deps.responses.length + deps.runningExecutions.size).toBe(1);
      }
    }
  });
});

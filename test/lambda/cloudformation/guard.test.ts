import { handleRequest, handleResult } from '../../../lambda/cloudformation/handle';
import { executionName, resourceKey, toRequest } from '../../../lambda/cloudformation/request-identity';
import type { GuardRequest, RespondEvent, Result } from '../../../lib/contract/cancellation';
import {
  captureConsole,
  createEvent,
  deleteEvent,
  failure,
  GUARD_STATE_OPERATIONS,
  OPERATIONS,
  Outside,
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
const WATCH = { deployment: PROPERTIES.deployment, trigger: 'v1', deploymentId: 'before' };

let outside: Outside;
let consoled: () => string;
beforeEach(() => {
  outside = new Outside();
  consoled = captureConsole();
});
afterEach(() => {
  const said = consoled();
  jest.restoreAllMocks();
  expect(said).not.toContain(SECRET);
});

/** How often the guard has said in the log that it failed, of which a metric is made. */
function failures(): number {
  return consoled().split("event: 'guard-failed'").length - 1;
}

function started() {
  return [...outside.started.values()];
}

function result(guard: GuardRequest, outcome: Result['outcome'], more: Partial<Result> = {}): RespondEvent {
  const event = guard.action === 'ARM' ? create : remove;
  const name = executionName(event);
  outside.places.set(name, RESPONSE_URL);
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

describe('arming', () => {
  test('starts an execution that only looks', async () => {
    await handleRequest(create, outside);
    expect(started()).toMatchObject([{ observeOnly: true }]);
    expect(outside.answers).toEqual([]);
  });

  test.each(['', 'some-id'])('keeps the id %p of what was last', async (deploymentId) => {
    await handleResult(result(ARM, 'ARMED', { attributes: { outcome: 'ARMED', deploymentId } }), outside);
    expect(JSON.parse(outside.watched.get(KEY) ?? '')).toEqual({ ...WATCH, deploymentId });
    expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
    expect(outside.answer).not.toHaveProperty('guard');
    expect(failures()).toBe(0);
  });

  test.each<[string, Result['outcome'], Partial<Result>]>([
    ['the service gives no id', 'ARMED', { attributes: {} }],
    ['the service does not answer', 'UNAVAILABLE', { failed: true }],
    ['it is not allowed to look', 'ACCESS_DENIED', { failed: true }],
    ['the function has failed', 'ERROR', { failed: true }],
  ])('answers SUCCESS, says so, and knows nothing when %s', async (_why, outcome, more) => {
    await handleResult(result(ARM, outcome, more), outside);
    expect(outside.watched.size).toBe(0);
    expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
    expect(failures()).toBe(1);
  });

  test('answers SUCCESS and says so when what it has seen cannot be kept', async () => {
    outside.watched.set(KEY, JSON.stringify(WATCH));
    outside.failing.set('put-guard-state', failure('ThrottlingException'));
    await handleResult(result(ARM, 'ARMED', { attributes: { deploymentId: 'x' } }), outside);
    expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
    expect(outside.watched.size).toBe(0);
    expect(failures()).toBe(1);
  });

  test('forgets what was noted before when it cannot be started', async () => {
    outside.watched.set(KEY, JSON.stringify(WATCH));
    outside.failing.set('start', failure('AccessDeniedException'));
    await handleRequest(create, outside);
    expect(outside.watched.size).toBe(0);
    expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
    expect(failures()).toBe(1);
  });

  test('delivered again when it is armed, does not disarm it', async () => {
    await handleRequest(create, outside);
    const name = executionName(create);
    outside.runningExecutions.delete(name);
    outside.watched.set(KEY, JSON.stringify(WATCH));
    await handleRequest(create, outside);
    expect(outside.watched.get(KEY)).toBe(JSON.stringify(WATCH));
    expect(failures()).toBe(0);
  });
});

describe('firing', () => {
  beforeEach(() => {
    outside.stackStatus = 'ROLLBACK_IN_PROGRESS';
    outside.watched.set(KEY, JSON.stringify(WATCH));
  });

  test('cancels, but not what was last when the guard was armed', async () => {
    await handleRequest(remove, outside);
    expect(started()).toMatchObject([{ deployment: PROPERTIES.deployment, ignoreDeploymentId: 'before' }]);
    expect(started()[0]).not.toHaveProperty('observeOnly');
  });

  test('first ends what the guard has running, but not the execution of the same request', async () => {
    await handleRequest(create, outside);
    outside.watched.set(KEY, JSON.stringify(WATCH));
    await handleRequest(remove, outside);
    await handleRequest(remove, outside);
    expect([...outside.runningExecutions.keys()]).toEqual([executionName(remove)]);
  });

  test.each<[string, string | undefined]>([
    ['nothing was noted', undefined],
    ['what was noted is about another trigger', JSON.stringify({ ...WATCH, trigger: 'v0' })],
    [
      'what was noted is about another deployment',
      JSON.stringify({
        ...WATCH,
        deployment: {
          kind: 'proton-service-instance',
          identifiers: { serviceName: 'web', serviceInstanceName: 'other' },
        },
      }),
    ],
    ['what was noted cannot be read', '{"trigger":'],
    ['what was noted has no id', JSON.stringify({ ...WATCH, deploymentId: undefined })],
  ])('cancels nothing, answers SUCCESS and says so when %s', async (_why, watch) => {
    if (watch === undefined) outside.watched.clear();
    else outside.watched.set(KEY, watch);
    await handleRequest(remove, outside);
    expect(started()).toEqual([]);
    expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
    expect(failures()).toBe(1);
  });

  test('needs no watch when it was told to cancel what came earlier as well', async () => {
    outside.watched.clear();
    const ResourceProperties = { ...properties, cancelPreexisting: 'true' };
    await handleRequest(deleteEvent({ ResourceType, ResourceProperties }), outside);
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
  ])('answers SUCCESS after %s, and forgets what it noted', async (outcome, failed) => {
    await handleResult(result(CANCEL, outcome, { failed }), outside);
    expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
    expect(outside.watched.size).toBe(0);
    expect(failures()).toBe(failed ? 1 : 0);
  });

  test('after an update goes on watching, from the deployment that it has cancelled on', async () => {
    const attributes = { outcome: 'CANCELLED', deploymentId: 'cancelled' };
    await handleResult(result({ action: 'CANCEL', nextTrigger: 'v0' }, 'CANCELLED', { attributes }), outside);
    expect(JSON.parse(outside.watched.get(KEY) ?? '')).toEqual({ ...WATCH, trigger: 'v0', deploymentId: 'cancelled' });
  });

  test('delivered again, whatever has come of it, does nothing more', async () => {
    await handleRequest(remove, outside);
    outside.runningExecutions.clear();
    outside.watched.clear();
    await handleRequest(remove, outside);
    expect(outside.answers).toEqual([]);
    expect(failures()).toBe(0);
  });

  test('is not mistaken for by an update that is delivered again in the meantime', async () => {
    const update = updateEvent({ ResourceType, ResourceProperties: properties, OldResourceProperties: properties });
    outside.stackStatus = 'UPDATE_IN_PROGRESS';
    await handleRequest(update, outside);
    outside.runningExecutions.clear();
    outside.stackStatus = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const reverse = { ...update, RequestId: 'request-2', ResponseURL: `${RESPONSE_URL}2` };
    await handleRequest(reverse, outside);
    await handleRequest(update, outside);
    expect([...outside.runningExecutions.keys()]).toEqual([executionName(reverse)]);
    expect(outside.answers).toEqual([]);
  });

  test('keeps where and what to answer for the next try when the answer cannot be put', async () => {
    outside.failing.set('send', failure('TypeError'));
    const event = result(CANCEL, 'CANCELLED');
    await expect(handleResult(event, outside)).rejects.toThrow('could not be put');
    expect([...outside.places.values()]).toEqual([RESPONSE_URL, expect.stringContaining('"Status":"SUCCESS"')]);
    outside.failing.clear();
    await handleResult(event, outside);
    expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
    expect(outside.places.size).toBe(0);
  });
});

describe('a nested stack that is deleted', () => {
  const NESTED = remove.StackId;
  beforeEach(() => {
    outside.watched.set(KEY, JSON.stringify(WATCH));
    outside.stackStatuses.set(NESTED, 'DELETE_IN_PROGRESS');
    outside.parents.set(NESTED, 'parent');
  });

  test.each<[string, Record<string, string>, boolean]>([
    ['its parent rolls back its creation', { parent: 'ROLLBACK_IN_PROGRESS' }, true],
    ['its parent cleans up a failed update', { parent: 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS' }, true],
    ['its parent cleans up an update', { parent: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' }, false],
    ['its parent is deleted', { parent: 'DELETE_IN_PROGRESS' }, false],
    ['its grandparent rolls back its creation', { parent: 'DELETE_IN_PROGRESS', root: 'ROLLBACK_IN_PROGRESS' }, true],
    ['its grandparent is deleted', { parent: 'DELETE_IN_PROGRESS', root: 'DELETE_IN_PROGRESS' }, false],
  ])('when %s', async (_why, statuses, fires) => {
    for (const [stack, status] of Object.entries(statuses)) outside.stackStatuses.set(stack, status);
    if ('root' in statuses) outside.parents.set('parent', 'root');
    await handleRequest(remove, outside);
    expect(started()).toHaveLength(fires ? 1 : 0);
    expect(outside.answers).toHaveLength(fires ? 0 : 1);
    expect(failures()).toBe(0);
  });
});

test('removed by an update or with its stack, it forgets what it noted, and cancels nothing', async () => {
  outside.stackStatus = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
  outside.watched.set(KEY, JSON.stringify(WATCH));
  await handleRequest(remove, outside);
  expect(outside.watched.size).toBe(0);
  expect(started()).toEqual([]);
  expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
  expect(failures()).toBe(0);
});

test.each([
  ['Update', updateEvent({ ResourceType, ResourceProperties: properties, OldResourceProperties: properties })],
  ['Delete', remove],
])('an %s in a status that cannot be read cancels nothing, and says so', async (_request, event) => {
  outside.failing.set('status', failure('AccessDenied'));
  outside.watched.set(KEY, JSON.stringify(WATCH));
  await handleRequest(event, outside);
  expect(started()).toEqual([]);
  expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
  expect(failures()).toBe(1);
});

describe('whatever fails outside, no request of a guard is answered with FAILED', () => {
  const events = {
    Create: create,
    Update: updateEvent({ ResourceType, ResourceProperties: properties, OldResourceProperties: properties }),
    Delete: remove,
    'bad Create': createEvent({ ResourceType, ResourceProperties: { ServiceToken: 'x' } }),
    'bad Delete': deleteEvent({ ResourceType, ResourceProperties: { ServiceToken: 'x' } }),
  };
  const statuses = ['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'DELETE_IN_PROGRESS'];
  const operations = [...OPERATIONS, ...GUARD_STATE_OPERATIONS].filter((operation) => operation !== 'send');
  test.each(Object.keys(events))('%s', async (name) => {
    for (const status of statuses) {
      for (const operation of operations) {
        outside = new Outside();
        outside.stackStatus = status;
        outside.watched.set(KEY, JSON.stringify(WATCH));
        outside.failing.set(operation, failure('SomeException'));
        await handleRequest(events[name as keyof typeof events], outside);
        expect(outside.answers.map(({ body }) => body.Status)).not.toContain('FAILED');
        expect(outside.answers.length + outside.runningExecutions.size).toBe(1);
      }
    }
  });
});

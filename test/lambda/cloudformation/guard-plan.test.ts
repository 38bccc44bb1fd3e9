import { needsGuardState } from '../../../lambda/cloudformation/guard-plan';
import type { GuardState } from '../../../lib/contract/cancellation';
import {
  createEvent,
  deleteEvent,
  guardPlanOf,
  PROPERTIES,
  parseGuardEvent,
  STATE_MACHINE,
  updateEvent,
} from './fakes';

const STACK_STATUSES = [
  undefined,
  'CREATE_IN_PROGRESS',
  'CREATE_COMPLETE',
  'CREATE_FAILED',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
  'UPDATE_IN_PROGRESS',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_COMPLETE',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_ROLLBACK_FAILED',
  'DELETE_IN_PROGRESS',
  'DELETE_COMPLETE',
  'DELETE_FAILED',
  'REVIEW_IN_PROGRESS',
  'IMPORT_IN_PROGRESS',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_IN_PROGRESS',
  'IMPORT_ROLLBACK_FAILED',
  'IMPORT_ROLLBACK_COMPLETE',
  'A_STATUS_OF_TOMORROW',
];

const properties = { ...PROPERTIES, trigger: 'new', cancelPreexisting: 'false', cancelOnStackDeletion: 'false' };
const oldProperties = {
  ...properties,
  trigger: 'old',
  deployment: { kind: 'proton-service-instance', identifiers: { serviceName: 'old', serviceInstanceName: 'old-prod' } },
};
const OLD_DEPLOYMENT = oldProperties.deployment;
const DEPLOYMENT = properties.deployment;

/** A guard that was armed for these triggers. */
const armed = (trigger: string, more: Partial<GuardState> = {}): { guardState: GuardState } => ({
  guardState: { deployment: DEPLOYMENT, trigger, deploymentId: 'before', armedAt: '2026-10-01T11:59:00.000Z', ...more },
});
/** A guard that the failed update has armed, before whose rollback it had the trigger `new`. */
const armedByUpdate = armed('old', { deployment: OLD_DEPLOYMENT, previousTrigger: 'new' });
const deploymentOf = (identifiers: object) => ({ kind: 'proton-service-instance', identifiers });

describe('the action of a guard, by request and stack status', () => {
  const table = STACK_STATUSES.flatMap((status) => [
    {
      request: 'Create',
      status,
      action: { CREATE_IN_PROGRESS: 'arm', UPDATE_IN_PROGRESS: 'arm' }[status ?? ''] ?? 'skip',
    },
    {
      request: 'Update',
      status,
      action: { UPDATE_IN_PROGRESS: 'arm', UPDATE_ROLLBACK_IN_PROGRESS: 'cancel' }[status ?? ''] ?? 'skip',
    },
    {
      request: 'Delete',
      status,
      action:
        { ROLLBACK_IN_PROGRESS: 'cancel', UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'cancel' }[status ?? ''] ??
        'skip',
    },
  ]);

  test.each(table)('$request in $status: $action', ({ request, status, action }) => {
    const events = {
      Create: createEvent({ ResourceProperties: properties }),
      Update: updateEvent({ ResourceProperties: properties, OldResourceProperties: oldProperties }),
      Delete: deleteEvent({ ResourceProperties: properties }),
    };
    const situation = request === 'Update' ? armedByUpdate : armed('new');
    const plan = guardPlanOf(events[request as keyof typeof events], status, situation);
    switch (action) {
      case 'arm':
        expect(plan).toMatchObject({ do: 'cancel', stopsOthers: false, input: { observeOnly: true } });
        break;
      case 'cancel':
        expect(plan).toMatchObject({ do: 'cancel', stopsOthers: true });
        expect(plan).not.toHaveProperty('input.observeOnly');
        break;
      default:
        expect(plan).toEqual({
          do: 'succeed',
          attributes: { outcome: 'NOT_ATTEMPTED' },
          isGuardUnsure: status === undefined,
        });
    }
  });
});

test('a guard cancels on the deletion of the stack only with cancelOnStackDeletion, which changes nothing else', () => {
  const deletion = deleteEvent({ ResourceProperties: { ...properties, cancelOnStackDeletion: 'true' } });
  const cancelling = STACK_STATUSES.filter((status) => guardPlanOf(deletion, status, armed('new')).do === 'cancel');
  expect(cancelling).toEqual([
    'ROLLBACK_IN_PROGRESS',
    'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
    'DELETE_IN_PROGRESS',
  ]);
});

test('arming only reads, has the properties and trigger of the request, and leaves time for permissions to become effective', () => {
  expect(guardPlanOf(createEvent({ ResourceProperties: properties }), 'CREATE_IN_PROGRESS')).toMatchObject({
    stateMachineArn: STATE_MACHINE,
    input: {
      deployment: PROPERTIES.deployment,
      settings: { timeoutSeconds: 200 },
      requestedAt: '2026-10-01T12:00:00.000Z',
      cloudFormation: { guard: { action: 'ARM', nextTrigger: 'new', previousTrigger: undefined } },
    },
  });
});

test('arming takes no longer than the timeout of the guard', () => {
  const ResourceProperties = { ...properties, settings: { ...PROPERTIES.settings, timeoutSeconds: '30' } };
  expect(guardPlanOf(createEvent({ ResourceProperties }), 'CREATE_IN_PROGRESS')).toMatchObject({
    input: { settings: { timeoutSeconds: 30 } },
  });
});

test('an Update that arms a guard keeps the trigger before it', () => {
  const event = updateEvent({ ResourceProperties: properties, OldResourceProperties: oldProperties });
  expect(guardPlanOf(event, 'UPDATE_IN_PROGRESS')).toMatchObject({
    input: { cloudFormation: { guard: { action: 'ARM', nextTrigger: 'new', previousTrigger: 'old' } } },
  });
});

test('an Update of a rollback cancels the deployment of the old properties, with which the failed update armed the guard', () => {
  const event = updateEvent({ ResourceProperties: properties, OldResourceProperties: oldProperties });
  expect(guardPlanOf(event, 'UPDATE_ROLLBACK_IN_PROGRESS', armedByUpdate)).toMatchObject({
    do: 'cancel',
    input: {
      ignoreDeploymentId: 'before',
      ignoreStartedBefore: '2026-10-01T11:59:00.000Z',
      requestedAt: '2026-10-01T12:00:00.000Z',
      deployment: deploymentOf({ serviceName: 'old', serviceInstanceName: 'old-prod' }),
      settings: { timeoutSeconds: 1800 },
      cloudFormation: { guard: { action: 'CANCEL', nextTrigger: undefined } },
    },
  });
});

test('an Update of a rollback uses the endpoint and cancelPreexisting of the failed update', () => {
  const settings = { ...PROPERTIES.settings, endpoint: 'http://new', timeoutSeconds: '60' };
  const failed = { ...properties, trigger: 'failed', settings, cancelPreexisting: 'false' };
  const restored = { ...properties, cancelPreexisting: 'true' };
  const event = updateEvent({ ResourceProperties: restored, OldResourceProperties: failed });
  const state = armed('failed', { previousTrigger: 'new', endpoint: 'http://new' });
  expect(guardPlanOf(event, 'UPDATE_ROLLBACK_IN_PROGRESS', state)).toMatchObject({
    do: 'cancel',
    // CloudFormation waits as long as the restored properties say.
    input: { ignoreDeploymentId: 'before', settings: { endpoint: 'http://new', timeoutSeconds: 1800 } },
  });
});

test('an Update of a rollback with the same deployment keeps the guard armed, with the restored trigger', () => {
  const OldResourceProperties = { ...properties, trigger: 'failed' };
  const event = updateEvent({ ResourceProperties: properties, OldResourceProperties });
  const state = armed('failed', { previousTrigger: 'new' });
  expect(guardPlanOf(event, 'UPDATE_ROLLBACK_IN_PROGRESS', state)).toMatchObject({
    do: 'cancel',
    input: { cloudFormation: { guard: { action: 'CANCEL', nextTrigger: 'new' } } },
  });
});

test('a Delete cancels the deployment of its properties, and leaves the guard disarmed', () => {
  const event = deleteEvent({ ResourceProperties: properties });
  expect(guardPlanOf(event, 'ROLLBACK_IN_PROGRESS', armed('new'))).toMatchObject({
    do: 'cancel',
    input: {
      ignoreDeploymentId: 'before',
      deployment: PROPERTIES.deployment,
      cloudFormation: { guard: { action: 'CANCEL', nextTrigger: undefined } },
    },
  });
});

test('a guard with cancelPreexisting cancels without a stored state', () => {
  const event = deleteEvent({ ResourceProperties: { ...properties, cancelPreexisting: 'true' } });
  for (const situation of [{}, armed('new'), armed('other')]) {
    const plan = guardPlanOf(event, 'ROLLBACK_IN_PROGRESS', situation);
    expect(plan).toMatchObject({ do: 'cancel' });
    expect(plan).not.toHaveProperty('input.ignoreDeploymentId');
    expect(plan).not.toHaveProperty('input.ignoreStartedBefore');
  }
});

test.each([
  ['a flag that is not a boolean', { ...properties, cancelPreexisting: 'perhaps' }],
  ['an empty name', { ...properties, deployment: deploymentOf({ serviceName: '', serviceInstanceName: 'x' }) }],
  ['another contract version', { ...properties, contractVersion: '0' }],
  ['no properties', {}],
])('a guard with %s fails, and cancels nothing', (_what, ResourceProperties) => {
  const event = deleteEvent({ ResourceProperties: { ServiceToken: PROPERTIES.ServiceToken, ...ResourceProperties } });
  expect(guardPlanOf(event, 'ROLLBACK_IN_PROGRESS')).toEqual({
    do: 'fail',
    reason: expect.stringMatching(/^nothing was cancelled: /),
  });
});

test('a guard with invalid properties fails only where a valid one would arm or cancel', () => {
  const invalid = { ServiceToken: PROPERTIES.ServiceToken };
  for (const status of STACK_STATUSES) {
    for (const makeEvent of [createEvent, updateEvent, deleteEvent]) {
      const valid = { ...properties, cancelOnStackDeletion: 'true' };
      const state = armed('new', { previousTrigger: 'new' });
      const plan = guardPlanOf(
        makeEvent({ ResourceProperties: valid, OldResourceProperties: valid }),
        status,
        state,
      ).do;
      expect(guardPlanOf(makeEvent({ ResourceProperties: invalid, OldResourceProperties: valid }), status).do).toBe(
        plan === 'succeed' ? 'succeed' : 'fail',
      );
    }
  }
});

test('an Update of a rollback whose old properties are invalid fails, and cancels nothing', () => {
  const OldResourceProperties = { ServiceToken: PROPERTIES.ServiceToken };
  const event = updateEvent({ ResourceProperties: properties, OldResourceProperties });
  expect(guardPlanOf(event, 'UPDATE_ROLLBACK_IN_PROGRESS')).toMatchObject({ do: 'fail' });
  expect(guardPlanOf(event, 'UPDATE_IN_PROGRESS')).toMatchObject({ do: 'cancel', input: { observeOnly: true } });
});

test('properties without flags, of an older version, cancel no earlier deployment and nothing on deletion', () => {
  const event = deleteEvent({ ResourceProperties: { ...PROPERTIES, trigger: 'new' } });
  expect(guardPlanOf(event, 'DELETE_IN_PROGRESS')).toMatchObject({ do: 'succeed' });
  expect(guardPlanOf(event, 'ROLLBACK_IN_PROGRESS', armed('new'))).toMatchObject({ do: 'cancel' });
  expect(guardPlanOf(event, 'ROLLBACK_IN_PROGRESS', armed('old'))).toMatchObject({ do: 'succeed' });
});

describe('an Update during a rollback', () => {
  const UNSURE = { do: 'succeed', attributes: { outcome: 'NOT_ATTEMPTED' }, isGuardUnsure: true };
  const IGNORED = { do: 'ignore', attributes: { outcome: 'NOT_ATTEMPTED' } };
  const FIRES = { do: 'cancel', stopsOthers: true };
  const state = (trigger: string, previousTrigger?: string) => armed(trigger, { previousTrigger });
  // The Update has the trigger `new`, and the old trigger `old`.
  test.each<[string, { guardState?: GuardState }, object, object]>([
    ['the reverse one fires', state('old', 'new'), FIRES, FIRES],
    ['a late forward one is ignored, whether the guard was created', state('old'), IGNORED, IGNORED],
    ['or updated before', state('old', 'older'), IGNORED, IGNORED],
    ['one of a guard whose arming failed does not fire', {}, UNSURE, FIRES],
    ['one of a guard that was armed for another trigger does not fire', state('another', 'new'), UNSURE, FIRES],
    ['a reverse one of another deployment does not fire', armedByUpdate, UNSURE, FIRES],
    [
      'a reverse one of another endpoint does not fire',
      armed('old', { previousTrigger: 'new', endpoint: 'http://elsewhere' }),
      UNSURE,
      FIRES,
    ],
    [
      'a reverse one of another role does not fire',
      armed('old', { previousTrigger: 'new', roleArn: 'arn:aws:iam::210987654321:role/canceller' }),
      UNSURE,
      FIRES,
    ],
  ])('%s; with cancelPreexisting, only a forward one does not', (_what, situation, plan, planWithPreexisting) => {
    const old = { ...properties, trigger: 'old' };
    const event = updateEvent({ ResourceProperties: properties, OldResourceProperties: old });
    expect(guardPlanOf(event, 'UPDATE_ROLLBACK_IN_PROGRESS', situation)).toMatchObject(plan);
    const all = updateEvent({
      ResourceProperties: properties,
      OldResourceProperties: { ...old, cancelPreexisting: 'true' },
    });
    expect(guardPlanOf(all, 'UPDATE_ROLLBACK_IN_PROGRESS', situation)).toMatchObject(planWithPreexisting);
  });
});

test.each(['Create', 'Update', 'Delete'])('a late %s is ignored in every status', (request) => {
  const events = {
    Create: createEvent({ ResourceProperties: properties }),
    Update: updateEvent({ ResourceProperties: properties, OldResourceProperties: oldProperties }),
    Delete: deleteEvent({ ResourceProperties: { ...properties, cancelPreexisting: 'true' } }),
  };
  for (const status of STACK_STATUSES) {
    const situation = { isLate: true, ...armedByUpdate };
    expect(guardPlanOf(events[request as keyof typeof events], status, situation)).toEqual({
      do: 'ignore',
      attributes: { outcome: 'NOT_ATTEMPTED' },
    });
  }
});

test.each<[string, Partial<GuardState>]>([
  ['trigger', { trigger: 'old' }],
  ['deployment', { deployment: OLD_DEPLOYMENT }],
  ['endpoint', { endpoint: 'http://elsewhere' }],
  ['role', { roleArn: 'arn:aws:iam::210987654321:role/canceller' }],
])('a Delete of a guard with the state of another %s cancels nothing', (_what, difference) => {
  const event = deleteEvent({ ResourceProperties: properties });
  expect(guardPlanOf(event, 'ROLLBACK_IN_PROGRESS', armed('new', difference))).toEqual({
    do: 'succeed',
    attributes: { outcome: 'NOT_ATTEMPTED' },
    isGuardUnsure: true,
  });
});

test('an Update whose direction is unclear cancels with cancelPreexisting only if both directions are of the same deployment', () => {
  const event = updateEvent({
    ResourceProperties: { ...properties, cancelPreexisting: 'true' },
    OldResourceProperties: { ...oldProperties, cancelPreexisting: 'true' },
  });
  expect(guardPlanOf(event, 'UPDATE_ROLLBACK_IN_PROGRESS')).toMatchObject({ do: 'succeed', isGuardUnsure: true });
  expect(guardPlanOf(event, 'UPDATE_ROLLBACK_IN_PROGRESS', armedByUpdate)).toMatchObject({ do: 'cancel' });
  const { guardState } = armedByUpdate;
  const elsewhere = { guardState: { ...guardState, endpoint: 'http://elsewhere' } };
  // The direction is clear, although the guard was armed for another endpoint.
  expect(guardPlanOf(event, 'UPDATE_ROLLBACK_IN_PROGRESS', elsewhere)).toMatchObject({ do: 'cancel' });
});

test.each([
  ['is no ARN of a state machine', { stateMachineArn: 'elsewhere' }],
  ['has an invalid deployment', { deployment: deploymentOf({ serviceName: '', serviceInstanceName: 'x' }) }],
])('a guard whose request %s arms nothing, and fails', (_what, invalid) => {
  const event = createEvent({ ResourceProperties: { ...properties, ...invalid } });
  expect(guardPlanOf(event, 'CREATE_IN_PROGRESS')).toEqual({
    do: 'fail',
    reason: expect.stringMatching(/^nothing was cancelled: /),
  });
});

describe('the state of a guard is read only where the plan depends on it', () => {
  const chosen = { ...properties, cancelOnStackDeletion: 'true' };
  const invalid = { ServiceToken: PROPERTIES.ServiceToken };
  test.each([
    ['a Create that arms it', createEvent({ ResourceProperties: properties }), 'CREATE_IN_PROGRESS', false],
    ['an Update that arms it', updateEvent({ ResourceProperties: properties }), 'UPDATE_IN_PROGRESS', true],
    ['an Update of a rollback', updateEvent({ ResourceProperties: properties }), 'UPDATE_ROLLBACK_IN_PROGRESS', true],
    ['a Delete of a rollback', deleteEvent({ ResourceProperties: properties }), 'ROLLBACK_IN_PROGRESS', true],
    ['a deletion', deleteEvent({ ResourceProperties: properties }), 'DELETE_IN_PROGRESS', false],
    ['a deletion on which it cancels', deleteEvent({ ResourceProperties: chosen }), 'DELETE_IN_PROGRESS', true],
    ['a deletion with invalid properties', deleteEvent({ ResourceProperties: invalid }), 'DELETE_IN_PROGRESS', false],
    ['a request in another status', deleteEvent({ ResourceProperties: chosen }), 'UPDATE_IN_PROGRESS', false],
  ])('%s', (_what, event, status, expected) => {
    expect(needsGuardState(parseGuardEvent(event), status)).toBe(expected);
  });
});

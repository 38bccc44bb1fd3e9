import { createEvent, deleteEvent, guardPlanOf, PROPERTIES, STATE_MACHINE, updateEvent } from './fakes';

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
    const plan = guardPlanOf(events[request as keyof typeof events], status);
    switch (action) {
      case 'arm':
        expect(plan).toMatchObject({ do: 'cancel', input: { observeOnly: true } });
        break;
      case 'cancel':
        expect(plan).toMatchObject({ do: 'cancel-since-armed' });
        expect(plan).not.toHaveProperty('input.observeOnly');
        break;
      default:
        expect(plan).toEqual({
          do: 'succeed',
          attributes: { outcome: 'NOT_ATTEMPTED' },
          stackStatusUnknown: status === undefined,
        });
    }
  });
});

test('a guard cancels on the deletion of the stack only with cancelOnStackDeletion, which changes nothing else', () => {
  const deletion = deleteEvent({ ResourceProperties: { ...properties, cancelOnStackDeletion: 'true' } });
  const cancelling = STACK_STATUSES.filter((status) => guardPlanOf(deletion, status).do === 'cancel-since-armed');
  expect(cancelling).toEqual([
    'ROLLBACK_IN_PROGRESS',
    'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
    'DELETE_IN_PROGRESS',
  ]);
});

test('arming only reads, has the properties and trigger of the request, and takes at most a minute', () => {
  expect(guardPlanOf(createEvent({ ResourceProperties: properties }), 'CREATE_IN_PROGRESS')).toMatchObject({
    stateMachineArn: STATE_MACHINE,
    input: {
      deployment: PROPERTIES.deployment,
      settings: { timeoutSeconds: 60 },
      cloudFormation: { guard: { action: 'ARM', nextTrigger: 'new' } },
    },
  });
});

test('an Update of a rollback cancels the deployment of the old properties, with which the failed update armed the guard', () => {
  const event = updateEvent({ ResourceProperties: properties, OldResourceProperties: oldProperties });
  expect(guardPlanOf(event, 'UPDATE_ROLLBACK_IN_PROGRESS')).toMatchObject({
    do: 'cancel-since-armed',
    armedTrigger: 'old',
    input: {
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
  expect(guardPlanOf(event, 'UPDATE_ROLLBACK_IN_PROGRESS')).toMatchObject({
    armedTrigger: 'failed',
    // CloudFormation waits as long as the restored properties say.
    input: { settings: { endpoint: 'http://new', timeoutSeconds: 1800 } },
  });
});

test('an Update of a rollback with the same deployment keeps the guard armed, with the restored trigger', () => {
  const OldResourceProperties = { ...properties, trigger: 'failed' };
  const event = updateEvent({ ResourceProperties: properties, OldResourceProperties });
  expect(guardPlanOf(event, 'UPDATE_ROLLBACK_IN_PROGRESS')).toMatchObject({
    armedTrigger: 'failed',
    input: { cloudFormation: { guard: { action: 'CANCEL', nextTrigger: 'new' } } },
  });
});

test('a Delete cancels the deployment of its properties, and leaves the guard disarmed', () => {
  expect(guardPlanOf(deleteEvent({ ResourceProperties: properties }), 'ROLLBACK_IN_PROGRESS')).toMatchObject({
    do: 'cancel-since-armed',
    armedTrigger: 'new',
    input: {
      deployment: PROPERTIES.deployment,
      cloudFormation: { guard: { action: 'CANCEL', nextTrigger: undefined } },
    },
  });
});

test('a guard with cancelPreexisting cancels without a stored state', () => {
  const event = deleteEvent({ ResourceProperties: { ...properties, cancelPreexisting: 'true' } });
  expect(guardPlanOf(event, 'ROLLBACK_IN_PROGRESS')).toMatchObject({
    do: 'cancel-since-armed',
    armedTrigger: undefined,
  });
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
      const plan = guardPlanOf(makeEvent({ ResourceProperties: valid, OldResourceProperties: valid }), status).do;
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
  expect(guardPlanOf(event, 'ROLLBACK_IN_PROGRESS')).toMatchObject({ do: 'cancel-since-armed', armedTrigger: 'new' });
});

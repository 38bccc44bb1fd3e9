import { guardPlanFor } from '../../../lambda/cloudformation/guard-plan';
import { createEvent, deleteEvent, PROPERTIES, STATE_MACHINE, updateEvent } from './fakes';

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
const former = {
  ...properties,
  trigger: 'old',
  deployment: { kind: 'proton-service-instance', identifiers: { serviceName: 'old', serviceInstanceName: 'old-prod' } },
};
const deploymentOf = (identifiers: object) => ({ kind: 'proton-service-instance', identifiers });

describe('what a guard does, by request and status of the stack', () => {
  const table = STACK_STATUSES.flatMap((status) => [
    {
      request: 'Create',
      status,
      action: { CREATE_IN_PROGRESS: 'arm', UPDATE_IN_PROGRESS: 'arm' }[status ?? ''] ?? 'stand by',
    },
    {
      request: 'Update',
      status,
      action: { UPDATE_IN_PROGRESS: 'arm', UPDATE_ROLLBACK_IN_PROGRESS: 'cancel' }[status ?? ''] ?? 'stand by',
    },
    {
      request: 'Delete',
      status,
      action:
        { ROLLBACK_IN_PROGRESS: 'cancel', UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'cancel' }[status ?? ''] ??
        'stand by',
    },
  ]);

  test.each(table)('$request in $status: $action', ({ request, status, action }) => {
    const events = {
      Create: createEvent({ ResourceProperties: properties }),
      Update: updateEvent({ ResourceProperties: properties, OldResourceProperties: former }),
      Delete: deleteEvent({ ResourceProperties: properties }),
    };
    const plan = guardPlanFor(events[request as keyof typeof events], status);
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

test('it cancels on the deletion of the stack only if it was asked to, and then on nothing else more', () => {
  const asked = deleteEvent({ ResourceProperties: { ...properties, cancelOnStackDeletion: 'true' } });
  const fires = STACK_STATUSES.filter((status) => guardPlanFor(asked, status).do === 'cancel-since-armed');
  expect(fires).toEqual(['ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'DELETE_IN_PROGRESS']);
});

test('arming only looks, with the properties and trigger of the request, and for a minute at most', () => {
  expect(guardPlanFor(createEvent({ ResourceProperties: properties }), 'CREATE_IN_PROGRESS')).toMatchObject({
    stateMachineArn: STATE_MACHINE,
    input: {
      deployment: PROPERTIES.deployment,
      settings: { timeoutSeconds: 60 },
      cloudFormation: { guard: { action: 'ARM', nextTrigger: 'new' } },
    },
  });
});

test('a reverse update is about what the failed update was armed on: the old properties', () => {
  const event = updateEvent({ ResourceProperties: properties, OldResourceProperties: former });
  expect(guardPlanFor(event, 'UPDATE_ROLLBACK_IN_PROGRESS')).toMatchObject({
    do: 'cancel-since-armed',
    armedTrigger: 'old',
    input: {
      deployment: deploymentOf({ serviceName: 'old', serviceInstanceName: 'old-prod' }),
      settings: { timeoutSeconds: 1800 },
      cloudFormation: { guard: { action: 'CANCEL', nextTrigger: undefined } },
    },
  });
});

test('a reverse update cancels where, and only what, the failed update was to cancel', () => {
  const settings = { ...PROPERTIES.settings, endpoint: 'http://new', timeoutSeconds: '60' };
  const failed = { ...properties, trigger: 'failed', settings, cancelPreexisting: 'false' };
  const restored = { ...properties, cancelPreexisting: 'true' };
  const event = updateEvent({ ResourceProperties: restored, OldResourceProperties: failed });
  expect(guardPlanFor(event, 'UPDATE_ROLLBACK_IN_PROGRESS')).toMatchObject({
    armedTrigger: 'failed',
    // How long CloudFormation waits goes by what is restored.
    input: { settings: { endpoint: 'http://new', timeoutSeconds: 1800 } },
  });
});

test('a reverse update of the same deployment goes on watching under the restored trigger', () => {
  const OldResourceProperties = { ...properties, trigger: 'failed' };
  const event = updateEvent({ ResourceProperties: properties, OldResourceProperties });
  expect(guardPlanFor(event, 'UPDATE_ROLLBACK_IN_PROGRESS')).toMatchObject({
    armedTrigger: 'failed',
    input: { cloudFormation: { guard: { action: 'CANCEL', nextTrigger: 'new' } } },
  });
});

test('a deletion is about its own properties, and ends the watch', () => {
  expect(guardPlanFor(deleteEvent({ ResourceProperties: properties }), 'ROLLBACK_IN_PROGRESS')).toMatchObject({
    do: 'cancel-since-armed',
    armedTrigger: 'new',
    input: {
      deployment: PROPERTIES.deployment,
      cloudFormation: { guard: { action: 'CANCEL', nextTrigger: undefined } },
    },
  });
});

test('told to cancel what came earlier as well, it needs no watch', () => {
  const event = deleteEvent({ ResourceProperties: { ...properties, cancelPreexisting: 'true' } });
  expect(guardPlanFor(event, 'ROLLBACK_IN_PROGRESS')).toMatchObject({
    do: 'cancel-since-armed',
    armedTrigger: undefined,
  });
});

test.each([
  ['a flag that is none', { ...properties, cancelPreexisting: 'perhaps' }],
  ['a name that is none', { ...properties, deployment: deploymentOf({ serviceName: '', serviceInstanceName: 'x' }) }],
  ['another version', { ...properties, contractVersion: '0' }],
  ['nothing', {}],
])('%s is refused, and nothing is cancelled', (_what, ResourceProperties) => {
  const event = deleteEvent({ ResourceProperties: { ServiceToken: PROPERTIES.ServiceToken, ...ResourceProperties } });
  expect(guardPlanFor(event, 'ROLLBACK_IN_PROGRESS')).toEqual({
    do: 'fail',
    reason: expect.stringMatching(/^nothing was cancelled: /),
  });
});

test('the properties of an older version without any flag cancel nothing earlier, and not on deletion', () => {
  const event = deleteEvent({ ResourceProperties: { ...PROPERTIES, trigger: 'new' } });
  expect(guardPlanFor(event, 'DELETE_IN_PROGRESS')).toMatchObject({ do: 'succeed' });
  expect(guardPlanFor(event, 'ROLLBACK_IN_PROGRESS')).toMatchObject({ do: 'cancel-since-armed', armedTrigger: 'new' });
});

import { StackStatus } from '@aws-sdk/client-cloudformation';
import { createEvent, deleteEvent, PROPERTIES, planOf, STATE_MACHINE, updateEvent } from './fakes';

type Expected = 'cancel' | 'succeed' | 'ignore' | 'fail';

/** The plan for a Create or an Update in every status of a stack. The compiler reports a missing status. */
const PLANS: Record<StackStatus, Expected> = {
  UPDATE_IN_PROGRESS: 'cancel',
  UPDATE_ROLLBACK_IN_PROGRESS: 'succeed',
  CREATE_COMPLETE: 'fail',
  CREATE_FAILED: 'fail',
  CREATE_IN_PROGRESS: 'cancel',
  DELETE_COMPLETE: 'fail',
  DELETE_FAILED: 'fail',
  DELETE_IN_PROGRESS: 'fail',
  IMPORT_COMPLETE: 'fail',
  IMPORT_IN_PROGRESS: 'fail',
  IMPORT_ROLLBACK_COMPLETE: 'fail',
  IMPORT_ROLLBACK_FAILED: 'fail',
  IMPORT_ROLLBACK_IN_PROGRESS: 'fail',
  REVIEW_IN_PROGRESS: 'fail',
  ROLLBACK_COMPLETE: 'fail',
  ROLLBACK_FAILED: 'fail',
  ROLLBACK_IN_PROGRESS: 'fail',
  UPDATE_COMPLETE: 'fail',
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'fail',
  UPDATE_FAILED: 'fail',
  UPDATE_ROLLBACK_COMPLETE: 'ignore',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'ignore',
  UPDATE_ROLLBACK_FAILED: 'fail',
};

const STATUSES = [...Object.values(StackStatus), 'A_STATUS_OF_TOMORROW', undefined];
function expectedPlan(status: string | undefined, requestType: 'Create' | 'Update'): Expected {
  const plan = PLANS[status as StackStatus] ?? 'fail';
  // A rollback sends an Update of a resource that exists, not its Create.
  return plan === 'ignore' && requestType === 'Create' ? 'fail' : plan;
}

test('the table has every stack status of CloudFormation', () => {
  expect(Object.keys(PLANS).sort()).toEqual(Object.values(StackStatus).sort());
});

describe.each(STATUSES)('while the stack is %s', (status) => {
  test(`the plan for a Create is ${expectedPlan(status, 'Create')}`, () => {
    expect(planOf(createEvent(), status).do).toBe(expectedPlan(status, 'Create'));
  });

  test(`the plan for an Update is ${expectedPlan(status, 'Update')}`, () => {
    expect(planOf(updateEvent(), status).do).toBe(expectedPlan(status, 'Update'));
  });

  test('a Delete succeeds and cancels nothing', () => {
    expect(planOf(deleteEvent(), status)).toEqual({ do: 'succeed', attributes: {} });
  });

  test('an invalid request fails only where a valid one would cancel', () => {
    const invalid = { ResourceProperties: { ...PROPERTIES, deployment: {} } };
    const invalidPlan = (plan: Expected) => (plan === 'cancel' ? 'fail' : plan);
    expect(planOf(createEvent(invalid), status).do).toBe(invalidPlan(expectedPlan(status, 'Create')));
    expect(planOf(updateEvent(invalid), status).do).toBe(invalidPlan(expectedPlan(status, 'Update')));
    expect(planOf(deleteEvent(invalid), status).do).toBe('succeed');
  });
});

test('a cancel plan names the state machine of the properties, and its input has parsed numbers and the request to respond to', () => {
  const expected = {
    do: 'cancel',
    stateMachineArn: STATE_MACHINE,
    stopsOthers: false,
    input: {
      requestedAt: '2026-10-01T12:00:00.000Z',
      contractVersion: '1',
      deployment: PROPERTIES.deployment,
      settings: {
        timeoutSeconds: 1800,
        failOn: [],
        onNotFound: 'fail',
        includeStatusMessage: false,
        endpoint: undefined,
      },
      cloudFormation: {
        StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Stack/0aa1',
        RequestId: 'request-1',
        LogicalResourceId: 'Cancel',
        PhysicalResourceId: 'Cancel-1234',
      },
    },
  };
  expect(planOf(updateEvent(), 'UPDATE_IN_PROGRESS')).toEqual(expected);
});

describe.each(STATUSES)('a late request while the stack is %s', (status) => {
  test.each([createEvent(), updateEvent()])('cancels nothing and stops nothing ($RequestType)', (event) => {
    expect(planOf(event, status, { isLate: true })).toEqual(
      // What a repeated Update of a rollback was answered before.
      event.RequestType === 'Update' || status === 'UPDATE_ROLLBACK_IN_PROGRESS'
        ? { do: 'ignore', attributes: { outcome: 'NOT_ATTEMPTED', deploymentStatus: 'UNKNOWN' } }
        : {
            do: 'fail',
            reason:
              'nothing was cancelled: the request is from an earlier operation of the stack, so nobody waits for it',
          },
    );
  });
});

test('the attributes of an Update that is rolled back are NOT_ATTEMPTED and a deploymentStatus that is not empty', () => {
  expect(planOf(updateEvent(), 'UPDATE_ROLLBACK_IN_PROGRESS')).toEqual({
    do: 'succeed',
    attributes: { outcome: 'NOT_ATTEMPTED', deploymentStatus: 'UNKNOWN' },
  });
});

describe('the reason of a failure says in one line what is wrong and what to do', () => {
  test('for a stack status in which a rollback cannot be told from an update', () => {
    expect(planOf(updateEvent(), 'ROLLBACK_COMPLETE')).toEqual({
      do: 'fail',
      reason:
        'nothing was cancelled: the stack is ROLLBACK_COMPLETE, so this request may be late or a rollback; deploy again, or continue the rollback and skip this resource',
    });
  });

  test('for a stack status that could not be read', () => {
    expect(planOf(updateEvent(), undefined)).toEqual({
      do: 'fail',
      reason:
        'nothing was cancelled: the stack is in a status that could not be read, so this request may be late or a rollback; allow cloudformation:DescribeStacks on the stack and deploy again, or continue the rollback and skip this resource',
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['nothing in them', {}, 'stateMachineArn must be the arn of a state machine, not missing'],
    ['no contract version', { ...PROPERTIES, contractVersion: undefined }, "contractVersion must be '1', not missing"],
    ['another contract version', { ...PROPERTIES, contractVersion: '2' }, `contractVersion must be '1', not "2"`],
    [
      'no state machine',
      { ...PROPERTIES, stateMachineArn: undefined },
      'stateMachineArn must be the arn of a state machine',
    ],
    ['an unknown kind', { ...PROPERTIES, deployment: { kind: 'constructor' } }, 'deployment.kind must be one of'],
    ['no settings', { ...PROPERTIES, settings: null }, 'settings must be an object, not null'],
  ])('for properties with %s', (_what, properties, problem) => {
    const ResourceProperties = { ServiceToken: PROPERTIES.ServiceToken, ...properties };
    for (const plan of [
      planOf(createEvent({ ResourceProperties }), 'CREATE_IN_PROGRESS'),
      planOf(updateEvent({ ResourceProperties }), 'UPDATE_IN_PROGRESS'),
    ]) {
      if (plan.do !== 'fail') throw new Error(`the plan is ${plan.do}, not fail`);
      expect(plan.reason).toMatch(/^nothing was cancelled: [^\n]+$/);
      expect(plan.reason).toContain(problem);
    }
  });
});

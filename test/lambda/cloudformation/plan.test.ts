import { StackStatus } from '@aws-sdk/client-cloudformation';
import { planFor } from '../../../lambda/cloudformation/plan';
import { createEvent, deleteEvent, PROPERTIES, STATE_MACHINE, updateEvent } from './fakes';

/** What an Update leads to in each status that a stack can have. The compiler knows when one is missing. */
const PLANS: Record<StackStatus, 'cancel' | 'succeed' | 'fail'> = {
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
  UPDATE_ROLLBACK_COMPLETE: 'fail',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'fail',
  UPDATE_ROLLBACK_FAILED: 'fail',
};

const STATUSES = [...Object.values(StackStatus), 'A_STATUS_OF_TOMORROW', undefined];
/** A Create and an Update are the same to it: late, or part of a rollback, in any other status. */
const rollForward = (status: string | undefined) => PLANS[status as StackStatus] ?? 'fail';

test('the table has every status that CloudFormation has', () => {
  expect(Object.keys(PLANS).sort()).toEqual(Object.values(StackStatus).sort());
});

describe.each(STATUSES)('while the stack is %s', (status) => {
  test(`a Create leads to ${rollForward(status)}`, () => {
    expect(planFor(createEvent(), status).do).toBe(rollForward(status));
  });

  test(`an Update leads to ${rollForward(status)}`, () => {
    expect(planFor(updateEvent(), status).do).toBe(rollForward(status));
  });

  test('a Delete lets go, and cancels nothing', () => {
    expect(planFor(deleteEvent(), status)).toEqual({ do: 'succeed', attributes: {} });
  });

  test('a request that is not valid is refused where it would cancel, and changes nothing where it would not', () => {
    const invalid = { ResourceProperties: { ...PROPERTIES, deployment: {} } };
    const plan = rollForward(status) === 'cancel' ? 'fail' : rollForward(status);
    expect(planFor(createEvent(invalid), status).do).toBe(plan);
    expect(planFor(updateEvent(invalid), status).do).toBe(plan);
    expect(planFor(deleteEvent(invalid), status).do).toBe('succeed');
  });
});

test('to cancel is to start the machine that the properties name, with numbers as numbers and whom to answer', () => {
  const expected = {
    do: 'cancel',
    stateMachineArn: STATE_MACHINE,
    input: {
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
  expect(planFor(updateEvent(), 'UPDATE_IN_PROGRESS')).toEqual(expected);
});

test('an Update that is rolled back says that nothing was attempted, with a status that can be exported', () => {
  expect(planFor(updateEvent(), 'UPDATE_ROLLBACK_IN_PROGRESS')).toEqual({
    do: 'succeed',
    attributes: { outcome: 'NOT_ATTEMPTED', deploymentStatus: 'UNKNOWN' },
  });
});

describe('a refusal says in one line what is wrong and what to do', () => {
  test('about a status in which there is no telling forward from back', () => {
    expect(planFor(updateEvent(), 'ROLLBACK_COMPLETE')).toEqual({
      do: 'fail',
      reason:
        'nothing was cancelled: the stack is ROLLBACK_COMPLETE, so this request may be late or a rollback; deploy again, or continue the rollback and skip this resource',
    });
  });

  test('about a status that could not be read', () => {
    expect(planFor(updateEvent(), undefined)).toEqual({
      do: 'fail',
      reason:
        'nothing was cancelled: the stack is in a status that could not be read, so this request may be late or a rollback; allow cloudformation:DescribeStacks on the stack and deploy again, or continue the rollback and skip this resource',
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['no properties', {}, 'stateMachineArn must be the arn of a state machine, not missing'],
    ['no version', { ...PROPERTIES, contractVersion: undefined }, "contractVersion must be '1', not missing"],
    ['another version', { ...PROPERTIES, contractVersion: '2' }, `contractVersion must be '1', not "2"`],
    ['no machine', { ...PROPERTIES, stateMachineArn: undefined }, 'stateMachineArn must be the arn of a state machine'],
    ['another kind', { ...PROPERTIES, deployment: { kind: 'constructor' } }, 'deployment.kind must be one of'],
    ['no settings', { ...PROPERTIES, settings: null }, 'settings must be an object, not null'],
  ])('about %s', (_what, properties, problem) => {
    const ResourceProperties = { ServiceToken: PROPERTIES.ServiceToken, ...properties };
    for (const plan of [
      planFor(createEvent({ ResourceProperties }), 'CREATE_IN_PROGRESS'),
      planFor(updateEvent({ ResourceProperties }), 'UPDATE_IN_PROGRESS'),
    ]) {
      if (plan.do !== 'fail') throw new Error(`${plan.do} where a refusal was expected`);
      expect(plan.reason).toMatch(/^nothing was cancelled: [^\n]+$/);
      expect(plan.reason).toContain(problem);
    }
  });
});

import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { handleRequest } from '../../../lambda/cloudformation/handle';
import {
  captureConsole,
  createEvent,
  deleteEvent,
  FakeDependencies,
  failure,
  GUARD_STATE_OPERATIONS,
  lost,
  OPERATIONS,
  type Operation,
  PROPERTIES,
  updateEvent,
} from './fakes';

/** The time after which Lambda ends an invocation, in milliseconds, without the time that a response takes. */
const TIMEOUT = 300_000 - 5_000;

const properties = { ...PROPERTIES, trigger: 'new', cancelPreexisting: 'true', cancelOnStackDeletion: 'true' };
const guard = { ResourceType: 'Custom::CancelOnRollback', ResourceProperties: properties };
const EVENTS: Record<string, CloudFormationCustomResourceEvent> = {
  'a Create': createEvent(),
  'an Update': updateEvent(),
  'a Delete': deleteEvent(),
  'a Create of a guard': createEvent(guard),
  'an Update of a guard': updateEvent({ ...guard, OldResourceProperties: { ...properties, trigger: 'old' } }),
  'a Delete of a guard': deleteEvent(guard),
};
const OTHER_OPERATIONS = OPERATIONS.filter((operation) => operation !== 'send');
const ALL: readonly Operation[] = ['exists', ...OTHER_OPERATIONS, ...GUARD_STATE_OPERATIONS];

beforeEach(() => captureConsole());
afterEach(() => jest.restoreAllMocks());

describe.each(Object.keys(EVENTS))('%s is answered within one invocation', (name) => {
  test.each<[string, readonly Operation[], Error]>([
    ['no call is responded to', ALL, lost()],
    ['every call is denied', ALL, failure('AccessDeniedException')],
    ['every call is throttled', ALL, failure('ThrottlingException')],
    ...ALL.map((operation): [string, Operation[], Error] => [`no call of ${operation}`, [operation], lost()]),
    ...ALL.map((operation): [string, Operation[], Error] => [
      `every call but ${operation} fails`,
      ALL.filter((other) => other !== operation),
      lost(),
    ]),
  ])('when %s', async (_what, operations, error) => {
    for (const stackStatus of ['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS']) {
      const deps = new FakeDependencies();
      deps.stackStatus = stackStatus;
      deps.failureDuration = 5_000;
      const start = deps.clock.now();
      deps.invocationStart = start;
      for (const operation of operations) deps.failing.set(operation, error);
      const event = EVENTS[name] as CloudFormationCustomResourceEvent;
      await handleRequest(event, deps);
      expect(deps.responses.length + deps.runningExecutions.size).toBe(1);
      expect(deps.clock.now() - start).toBeLessThan(TIMEOUT);
    }
  });
});

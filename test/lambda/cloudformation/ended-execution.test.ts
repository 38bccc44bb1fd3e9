import { handleExecutionEnded } from '../../../lambda/cloudformation/ended-execution';
import { handleResult } from '../../../lambda/cloudformation/execution-result';
import { handleRequest } from '../../../lambda/cloudformation/handle';
import { executionName, resourceKey } from '../../../lambda/cloudformation/request-identity';
import type { ExecutionEndedEvent } from '../../../lib/contract/cancellation';
import {
  captureConsole,
  createEvent,
  deleteEvent,
  FakeDependencies,
  failure,
  lost,
  PROPERTIES,
  RESPONSE_URL,
  resultEvent,
  SECRET,
} from './fakes';

const REQUEST = createEvent();
const NAME = executionName(REQUEST);
const GUARD_REQUEST = createEvent({ ResourceType: 'Custom::CancelOnRollback' });
const GUARD_DELETE = executionName(deleteEvent({ ResourceType: 'Custom::CancelOnRollback' }));
const STATUSES = ['ABORTED', 'FAILED', 'TIMED_OUT'];
const SECONDS = 1_000;

let deps: FakeDependencies;
let logged: () => string;
let endedAt: number;
beforeEach(() => {
  deps = new FakeDependencies();
  deps.storeTarget(NAME);
  endedAt = deps.clock.now();
  logged = captureConsole();
});
afterEach(() => {
  expect(logged()).not.toContain(SECRET);
  jest.restoreAllMocks();
});

const arnOf = (name: string) => `arn:aws:states:us-east-1:111122223333:execution:Workflow:${name}`;

function ended(status = 'ABORTED', name = NAME): ExecutionEndedEvent {
  const time = new Date(endedAt).toISOString();
  return { source: 'aws.states', time, detail: { executionArn: arnOf(name), name, status } };
}

test.each(STATUSES)('an execution that ended as %s gets a FAILED response', async (status) => {
  await handleExecutionEnded(ended(status), deps);
  expect(deps.response).toMatchObject({
    Status: 'FAILED',
    RequestId: 'request-1',
    LogicalResourceId: 'Cancel',
    PhysicalResourceId: expect.stringMatching(/^Cancel-/),
    Reason: expect.stringContaining(`the execution of the cancellation ended as ${status} before it could say`),
  });
  expect(deps.response.Reason).toContain(arnOf(NAME));
  expect(deps.targetStore.entries.size).toBe(0);
});

test('the response needs neither the input of the event nor that of the execution', async () => {
  await handleExecutionEnded(ended(), deps);
  expect(new Set(deps.operations)).toEqual(new Set(['get', 'send', 'put', 'delete']));
  expect(deps.response).toMatchObject({ StackId: REQUEST.StackId, RequestId: REQUEST.RequestId });
});

test('a guard gets a SUCCESS response, and its failure is logged', async () => {
  deps.storeTarget(NAME, GUARD_REQUEST);
  deps.guardStore.entries.set(resourceKey(GUARD_REQUEST), 'state');
  await handleExecutionEnded(ended(), deps);
  expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
  expect(logged()).toContain("event: 'guard-failed'");
  expect(deps.guardStore.entries.size).toBe(0);
});

describe('an execution that gets no response:', () => {
  test.each(['answered', 'withdrawn'])('its request is %s; the mark is deleted', async (mark) => {
    deps.targetStore.entries.set(NAME, JSON.stringify({ mark }));
    await handleExecutionEnded(ended(), deps);
    expect(deps.responses).toEqual([]);
    expect(deps.targetStore.entries.size).toBe(0);
  });

  test('its request was answered a moment ago, and the mark is not visible yet', async () => {
    deps.targetStore.lag = 25 * SECONDS;
    await deps.targetStore.put(NAME, JSON.stringify({ mark: 'answered' }));
    await handleExecutionEnded(ended(), deps);
    expect(deps.responses).toEqual([]);
    expect(deps.targetStore.entries.size).toBe(0);
  });

  test('it has succeeded, so that its last step has responded; what is stored is deleted', async () => {
    await handleExecutionEnded(ended('SUCCEEDED'), deps);
    expect(deps.calls).toEqual([`delete ${NAME}`]);
    expect(deps.targetStore.entries.size).toBe(0);
  });

  test.each([...STATUSES, 'SUCCEEDED'])('somebody has started it without a request (%s)', async (status) => {
    await handleExecutionEnded(ended(status, 'started-by-a-person'), deps);
    expect(deps.calls).toEqual([]);
  });
});

describe('an execution about which nothing is stored', () => {
  beforeEach(() => deps.targetStore.entries.clear());

  test('is looked for until its target becomes visible', async () => {
    deps.targetStore.lag = 50 * SECONDS;
    await deps.targetStore.create(NAME, JSON.stringify({ mark: 'withdrawn' }));
    await handleExecutionEnded(ended(), deps);
    expect(deps.responses).toEqual([]);
    expect(deps.operations.filter((operation) => operation === 'get').length).toBeGreaterThan(5);
  });

  test('gets no response when nothing is found for a minute: an earlier delivery of the event has deleted it', async () => {
    await handleExecutionEnded(ended('FAILED'), deps);
    expect(deps.clock.now() - endedAt).toBeGreaterThan(50 * SECONDS);
    expect(deps.responses).toEqual([]);
    expect(logged()).toContain('response-target-missing');
  });

  test('gets no response for the Delete of a guard, after which nothing is kept', async () => {
    await handleExecutionEnded(ended('FAILED', GUARD_DELETE), deps);
    expect(deps.responses).toEqual([]);
  });
});

test('a mark is deleted without waiting: no function is held after each of many failures', async () => {
  deps.targetStore.entries.set(NAME, JSON.stringify({ mark: 'answered' }));
  await handleExecutionEnded(ended('FAILED'), deps);
  expect(deps.clock.now()).toBe(endedAt);
  expect(deps.targetStore.entries.size).toBe(0);
});

test('an event that is delivered again responds once, whether the deletion is visible or not', async () => {
  deps.targetStore.lag = 20 * SECONDS;
  await handleExecutionEnded(ended(), deps);
  await handleExecutionEnded(ended(), deps);
  await deps.clock.sleep(60 * SECONDS);
  await handleExecutionEnded(ended(), deps);
  expect(deps.response).toMatchObject({ Status: 'FAILED' });
});

describe('a response that cannot be sent', () => {
  beforeEach(() => deps.failing.set('send', failure('TypeError')));

  test('is an error, so that Lambda tries again, and the response URL stays stored', async () => {
    await expect(handleExecutionEnded(ended(), deps)).rejects.toThrow('could not be sent');
    expect(deps.storedTarget(NAME)).toMatchObject({ url: RESPONSE_URL });
  });

  test('is sent again with the same body', async () => {
    await expect(handleExecutionEnded(ended('ABORTED'), deps)).rejects.toThrow('could not be sent');
    deps.failing.clear();
    await handleExecutionEnded(ended('TIMED_OUT'), deps);
    expect(deps.response.Reason).toContain('ended as ABORTED');
    expect(deps.targetStore.entries.size).toBe(0);
  });

  test('is given up with the last attempt of Lambda: the URL, which may be used up, does not stay stored', async () => {
    await deps.clock.sleep(7 * 60 * SECONDS);
    await expect(handleExecutionEnded(ended(), deps)).rejects.toThrow('could not be sent');
    expect(deps.targetStore.entries.has(NAME)).toBe(false);
    expect([...deps.targetStore.entries.values()].join()).not.toContain(SECRET);
  });
});

describe('a response that the execution could not deliver', () => {
  beforeEach(async () => {
    deps = new FakeDependencies();
    await handleRequest(REQUEST, deps);
    deps.failingAfterEffect.set('send', lost());
    await expect(handleResult(resultEvent(deps, REQUEST), deps)).rejects.toThrow('could not be sent');
    deps.failingAfterEffect.clear();
    endedAt = deps.clock.now();
  });

  test('is sent unchanged, and not contradicted', async () => {
    await handleExecutionEnded(ended('FAILED'), deps);
    const bodies = deps.responses.map(({ body }) => body);
    expect(bodies[0]).toMatchObject({ Status: 'SUCCESS', Data: { outcome: 'CANCELLED' } });
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(deps.targetStore.entries.size).toBe(0);
  });
});

test('a target of unknown properties is answered as well', async () => {
  const event = createEvent({ ResourceProperties: { ...PROPERTIES, deployment: {} } });
  deps.storeTarget(NAME, event);
  await handleExecutionEnded(ended(), deps);
  expect(deps.response).toMatchObject({ Status: 'FAILED', Data: { outcome: '' } });
});

import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { handleRequest, RefusedResponseUrlError } from '../../../lambda/cloudformation/handle';
import { parseEvent, targetOf } from '../../../lambda/cloudformation/parsed-request';
import { resourceKey } from '../../../lambda/cloudformation/request-identity';
import { keepUndeliveredBody } from '../../../lambda/cloudformation/response-target';
import {
  captureConsole,
  createEvent,
  deleteEvent,
  FakeDependencies,
  failure,
  lost,
  PROPERTIES,
  REQUESTED_AT,
  RESPONSE_URL,
  SECRET,
  updateEvent,
} from './fakes';

const GUARD = 'Custom::CancelOnRollback';
const guardProperties = { ...PROPERTIES, trigger: 'v1' };
const guardUpdate = updateEvent({
  ResourceType: GUARD,
  ResourceProperties: guardProperties,
  OldResourceProperties: guardProperties,
});
const HOUR = 3_600_000;

let deps: FakeDependencies;
let logged: () => string;
beforeEach(() => {
  deps = new FakeDependencies();
  logged = captureConsole();
});
afterEach(() => {
  expect(logged()).not.toContain(SECRET);
  jest.restoreAllMocks();
});

/** Delivers an event at a time after its request was made, in milliseconds. */
async function deliverAt(age: number, event: CloudFormationCustomResourceEvent): Promise<void> {
  await deps.clock.sleep(REQUESTED_AT + age - deps.clock.now());
  await handleRequest(event, deps);
}

test('a request with the URL of another host is refused before anything is called or sent', async () => {
  const event = createEvent({ ResponseURL: `https://example.com/response?${SECRET}` });
  const refusal = handleRequest(event, deps);
  await expect(refusal).rejects.toThrow(RefusedResponseUrlError);
  await expect(refusal).rejects.toThrow(
    /^the ResponseURL must be a pre-signed URL of the bucket to which cloudformation/,
  );
  expect(deps.calls).toEqual([]);
});

describe('a request whose URL is valid for two hours', () => {
  test.each([createEvent(), updateEvent(), deleteEvent()])('is only logged after that: $RequestType', async (event) => {
    await deliverAt(2 * HOUR + 1, event);
    expect(deps.calls).toEqual([]);
    expect(logged()).toContain("event: 'request-expired'");
    expect(logged()).toContain("requestId: 'request-1'");
  });

  test('is answered until then', async () => {
    await deliverAt(2 * HOUR, deleteEvent());
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
  });
});

test('a request whose URL has no times does not expire', async () => {
  await deliverAt(24 * HOUR, deleteEvent({ ResponseURL: RESPONSE_URL.replace('X-Amz-Date', 'Date') }));
  expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
});

describe('a request whose response could not be delivered', () => {
  const BODY = { Status: 'FAILED', Reason: 'as it was' };
  const keep = (event: CloudFormationCustomResourceEvent) =>
    keepUndeliveredBody(targetOf(parseEvent(event)), JSON.stringify(BODY), deps);

  test.each<[string, CloudFormationCustomResourceEvent]>([
    ['', createEvent()],
    [', also with a URL without times', createEvent({ ResponseURL: RESPONSE_URL.replace('X-Amz-Date', 'Date') })],
  ])('gets the same response when Lambda delivers it again, and nothing is started%s', async (_what, event) => {
    await keep(event);
    await deliverAt(50_000, event);
    expect(deps.response).toEqual(BODY);
    expect(deps.started.size).toBe(0);
    expect(deps.targetStore.entries.size).toBe(0);
  });

  test('leaves no URL of a start that failed', async () => {
    await keep(createEvent());
    const { executionName } = parseEvent(createEvent());
    deps.storeTarget(executionName);
    await deliverAt(50_000, createEvent());
    expect(deps.response).toEqual(BODY);
    expect(deps.targetStore.entries.size).toBe(0);
  });

  test('is handled as a new one if the response cannot be read', async () => {
    await keep(createEvent());
    deps.failing.set('get', lost());
    await deliverAt(50_000, createEvent());
    expect(deps.started.size).toBe(1);
    expect(logged()).toContain("event: 'undelivered-response-not-read'");
  });
});

test('a request that Lambda cannot have delivered before reads nothing that is stored', async () => {
  await deliverAt(49_999, createEvent());
  expect(deps.operations).not.toContain('get');
  expect(deps.started.size).toBe(1);
});

test('each request is logged with its plan and the status of the stack', async () => {
  await handleRequest(createEvent(), deps);
  const [line] = logged().match(/\{\s+event: 'request',[^}]*\}/) ?? [];
  expect(line).toContain("plan: 'cancel'");
  expect(line).toContain("requestId: 'request-1'");
  expect(line).toContain("stackStatus: 'UPDATE_IN_PROGRESS'");
  expect(line).toContain("requestedAt: '2026-10-01T12:00:00.000Z'");
});

describe('a guard', () => {
  test.each([
    ['does nothing', undefined],
    ['cannot be started', failure('AccessDeniedException')],
  ])('whose Update %s keeps its state only if it is still right', async (_what, error) => {
    deps.guardStore.entries.set(resourceKey(guardUpdate), '{}');
    if (error) deps.failing.set('start', error);
    else deps.stackStatus = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
    await handleRequest(guardUpdate, deps);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
    expect(deps.guardStore.entries.size).toBe(error ? 0 : 1);
  });

  test('that is deleted while the stack is not known deletes its state', async () => {
    deps.guardStore.entries.set(resourceKey(guardUpdate), '{}');
    deps.stackStatus = undefined;
    await handleRequest(deleteEvent({ ResourceType: GUARD, ResourceProperties: guardProperties }), deps);
    expect(deps.guardStore.entries.size).toBe(0);
  });

  test('whose late request is ignored gets a SUCCESS, is logged as late, and stops no execution', async () => {
    deps.stackTimes = { updatedAt: REQUESTED_AT + HOUR };
    await deliverAt(HOUR + 60_000, guardUpdate);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS', Data: { outcome: 'NOT_ATTEMPTED' } });
    expect(logged()).toContain("event: 'late-request'");
    expect(deps.operations).not.toContain('running');
  });
});

test('a cancellation that cannot be started leaves the states of guards alone', async () => {
  deps.guardStore.entries.set(resourceKey(createEvent()), '{}');
  deps.failing.set('start', failure('AccessDeniedException'));
  await handleRequest(createEvent(), deps);
  expect(deps.response).toMatchObject({ Status: 'FAILED' });
  expect(deps.guardStore.entries.size).toBe(1);
});

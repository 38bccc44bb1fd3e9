import { handleResult, MissingResponseTargetError } from '../../../lambda/cloudformation/execution-result';
import { handleRequest } from '../../../lambda/cloudformation/handle';
import { executionName } from '../../../lambda/cloudformation/request-identity';
import { ResponseDeliveryError } from '../../../lambda/cloudformation/submit-response';
import {
  captureConsole,
  createEvent,
  FakeDependencies,
  failure,
  RESPONSE_URL,
  resultEvent,
  SECRET,
  updateEvent,
} from './fakes';

let deps: FakeDependencies;
let logged: () => string;

beforeEach(() => {
  deps = new FakeDependencies();
  logged = captureConsole();
});
afterEach(() => {
  // No test may reveal the response URL in a log line.
  expect(logged()).not.toContain(SECRET);
  expect(deps.calls.join()).not.toContain(SECRET);
  jest.restoreAllMocks();
});

describe('a result', () => {
  const event = createEvent();
  let stored: string;
  beforeEach(async () => {
    await handleRequest(event, deps);
    stored = deps.targetStore.entries.get(executionName(event)) ?? '';
  });

  test('that has not failed gets a SUCCESS response with its attributes and the ARN of the execution', async () => {
    const result = resultEvent(deps, event);
    await handleResult(result, deps);
    expect(deps.responses[0]?.url).toBe(RESPONSE_URL);
    expect(deps.response).toMatchObject({
      ...result.request.cloudFormation,
      Status: 'SUCCESS',
      Reason: '',
      Data: {
        outcome: 'CANCELLED',
        deploymentStatus: 'CANCELLED',
        deploymentId: '1',
        executionArn: result.executionArn,
        deploymentStatusMessage: '',
      },
    });
  });

  test('that has failed gets a FAILED response with the cause and a link to the execution', async () => {
    const result = resultEvent(deps, event, {
      outcome: 'TIMED_OUT',
      failed: true,
      reason: 'it was CANCELLING\nin the end',
    });
    await handleResult(result, deps);
    expect(deps.response).toMatchObject({
      ...result.request.cloudFormation,
      Status: 'FAILED',
      Reason: `it was CANCELLING in the end; see https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/${result.executionArn}`,
      Data: { executionArn: result.executionArn },
    });
  });

  test('is sent before a mark takes the place of its response URL', async () => {
    deps.calls.length = 0;
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.operations).toEqual(['get', 'send', 'put']);
    expect([...deps.targetStore.entries]).toEqual([[executionName(event), '{"mark":"answered"}']]);
  });

  test('is not sent twice when the state machine retries', async () => {
    await handleResult(resultEvent(deps, event), deps);
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.responses).toHaveLength(1);
  });

  test('whose response URL becomes visible only after fifty seconds is sent', async () => {
    deps.targetStore.entries.clear();
    deps.targetStore.lag = 50_000;
    await deps.targetStore.create(executionName(event), stored);
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
  });

  test('whose response URL is missing for a minute is an error, so that the state machine tries again', async () => {
    deps.targetStore.entries.clear();
    const since = deps.clock.now();
    await expect(handleResult(resultEvent(deps, event), deps)).rejects.toThrow(MissingResponseTargetError);
    expect(deps.clock.now() - since).toBeGreaterThan(50_000);
    expect(deps.clock.now() - since).toBeLessThanOrEqual(60_000);
    expect(deps.responses).toEqual([]);
    await deps.targetStore.create(executionName(event), stored);
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
  });

  test.each(['answered', 'withdrawn'])('of a request that is %s is not sent', async (mark) => {
    deps.targetStore.entries.set(executionName(event), JSON.stringify({ mark }));
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.responses).toEqual([]);
    expect(logged()).toContain('response-not-needed');
  });

  test('throws when the response URL cannot be read, and is sent when the state machine retries', async () => {
    deps.failing.set('get', failure('ThrottlingException'));
    await expect(handleResult(resultEvent(deps, event), deps)).rejects.toThrow();
    deps.failing.clear();
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
  });

  test('throws when it cannot be sent, and is sent to the same URL when the state machine retries', async () => {
    deps.failing.set('send', failure('ResponseRejectedError500'));
    await expect(handleResult(resultEvent(deps, event), deps)).rejects.toThrow(ResponseDeliveryError);
    expect(deps.storedTarget(executionName(event))).toMatchObject({ url: RESPONSE_URL });
    deps.failing.clear();
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
  });

  test('is sent even if no mark can be stored; then its response URL is deleted', async () => {
    deps.failing.set('put', failure('ThrottlingException'));
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
    expect(deps.targetStore.entries.size).toBe(0);
    expect(logged()).toContain('state-not-saved');
  });

  test('is sent even if nothing can be stored or deleted', async () => {
    for (const operation of ['put', 'delete'] as const) deps.failing.set(operation, failure('AccessDeniedException'));
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
    expect(logged()).toContain('state-not-deleted');
  });

  test('that reached CloudFormation although its confirmation was lost is sent again with the same body', async () => {
    deps.failingAfterEffect.set('send', failure('TypeError'));
    await expect(handleResult(resultEvent(deps, event), deps)).rejects.toThrow(ResponseDeliveryError);
    deps.failingAfterEffect.clear();
    // A contradicting result, as of a step that was taken again.
    await handleResult(resultEvent(deps, event, { failed: true, reason: 'another', outcome: 'ERROR' }), deps);
    expect(new Set(deps.responses.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect([...deps.targetStore.entries.values()]).toEqual(['{"mark":"answered"}']);
  });

  test('is sent to its own request while another request of the resource waits', async () => {
    const another = updateEvent({ ResponseURL: `${RESPONSE_URL}&another` });
    await handleRequest(another, deps);
    await handleResult(resultEvent(deps, another), deps);
    expect(deps.responses.map(({ url }) => url)).toEqual([`${RESPONSE_URL}&another`]);
    expect(deps.storedTarget(executionName(event))).toMatchObject({ url: RESPONSE_URL });
    expect(deps.storedTarget(executionName(another))).toEqual({ mark: 'answered' });
  });
});

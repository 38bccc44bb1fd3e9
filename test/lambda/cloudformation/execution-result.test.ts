import { handleResult } from '../../../lambda/cloudformation/execution-result';
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
  beforeEach(() => handleRequest(event, deps));

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

  test('is sent before its response URL is deleted', async () => {
    deps.calls.length = 0;
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.operations).toEqual(['get', 'send', 'delete', 'delete']);
    expect(deps.responseUrls.entries.size).toBe(0);
  });

  test('is not sent twice when the state machine retries', async () => {
    await handleResult(resultEvent(deps, event), deps);
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.responses).toHaveLength(1);
  });

  test('without a stored response URL is dropped', async () => {
    deps.responseUrls.entries.clear();
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.responses).toEqual([]);
    expect(logged()).toContain('response-url-missing');
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
    expect(deps.responseUrls.entries.get(executionName(event))).toBe(RESPONSE_URL);
    deps.failing.clear();
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
  });

  test('is sent even if its response URL cannot be deleted', async () => {
    deps.failing.set('delete', failure('ThrottlingException'));
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
    expect(logged()).toContain('state-not-deleted');
  });

  test('is sent to its own request while another request of the resource waits', async () => {
    const another = updateEvent({ ResponseURL: `${RESPONSE_URL}&another` });
    await handleRequest(another, deps);
    await handleResult(resultEvent(deps, another), deps);
    expect(deps.responses.map(({ url }) => url)).toEqual([`${RESPONSE_URL}&another`]);
    expect([...deps.responseUrls.entries.keys()]).toEqual([executionName(event)]);
  });
});

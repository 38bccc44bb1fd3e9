import { handleExecutionEnded } from '../../../lambda/cloudformation/aborted-execution';
import { resourceKey, toRequest } from '../../../lambda/cloudformation/request-identity';
import type { CloudFormationRequest, ExecutionEndedEvent } from '../../../lib/contract/cancellation';
import { captureConsole, createEvent, FakeDependencies, failure, PROPERTIES, RESPONSE_URL, SECRET } from './fakes';

const NAME = 'Cancel-1-Create-2';
const ARN = `arn:aws:states:us-east-1:111122223333:execution:Workflow:${NAME}`;

function ended(request: CloudFormationRequest | undefined, status = 'ABORTED'): ExecutionEndedEvent {
  const input = JSON.stringify({ contractVersion: '1', deployment: PROPERTIES.deployment, cloudFormation: request });
  return { source: 'aws.states', detail: { executionArn: ARN, name: NAME, status, input } };
}

let deps: FakeDependencies;
let logged: () => string;
beforeEach(() => {
  deps = new FakeDependencies();
  deps.responseUrls.entries.set(NAME, RESPONSE_URL);
  logged = captureConsole();
});
afterEach(() => {
  expect(logged()).not.toContain(SECRET);
  jest.restoreAllMocks();
});

test.each(['ABORTED', 'FAILED', 'TIMED_OUT'])(
  'an execution that ended as %s gets a FAILED response',
  async (status) => {
    await handleExecutionEnded(ended(toRequest(createEvent()), status), deps);
    expect(deps.response).toMatchObject({
      Status: 'FAILED',
      RequestId: 'request-1',
      LogicalResourceId: 'Cancel',
      PhysicalResourceId: expect.stringMatching(/^Cancel-/),
      Reason: expect.stringContaining(`the execution of the cancellation ended as ${status} before it could say`),
    });
    expect(deps.response.Reason).toContain(ARN);
    expect(deps.responseUrls.entries.size).toBe(0);
  },
);

test('an execution whose response was sent gets no other', async () => {
  deps.responseUrls.entries.clear();
  await handleExecutionEnded(ended(toRequest(createEvent())), deps);
  expect(deps.responses).toEqual([]);
});

test('a guard gets a SUCCESS response, and its failure is logged', async () => {
  const guard = { action: 'CANCEL' } as const;
  deps.guardStates.entries.set(resourceKey(createEvent()), 'state');
  await handleExecutionEnded(ended({ ...toRequest(createEvent()), guard }), deps);
  expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
  expect(logged()).toContain("event: 'guard-failed'");
  expect(deps.guardStates.entries.size).toBe(0);
});

test.each([null, undefined])(
  'an event with the input %p makes the function read the input of the execution',
  async (input) => {
    const event = ended(toRequest(createEvent()));
    deps.inputs.set(ARN, event.detail.input ?? '');
    await handleExecutionEnded({ ...event, detail: { ...event.detail, input } }, deps);
    expect(deps.response).toMatchObject({ Status: 'FAILED', RequestId: 'request-1' });
  },
);

test('an input that cannot be read is an error, so that Lambda tries again, and the response URL stays stored', async () => {
  deps.failing.set('input', failure('KmsAccessDeniedException'));
  const event = ended(toRequest(createEvent()));
  await expect(
    handleExecutionEnded({ ...event, detail: { ...event.detail, input: undefined } }, deps),
  ).rejects.toThrow();
  expect(deps.responses).toEqual([]);
  expect(deps.responseUrls.entries.get(NAME)).toBe(RESPONSE_URL);
});

test.each([null, '', '{', '{}'])('an input of %p, which names no request, is an error', async (input) => {
  const event = ended(toRequest(createEvent()));
  const handling = handleExecutionEnded({ ...event, detail: { ...event.detail, input } }, deps);
  await expect(handling).rejects.toThrow('the input of the execution does not name the request to respond to');
  expect(deps.responses).toEqual([]);
});

test('a response that cannot be sent is an error, so that Lambda tries again, and the response URL stays stored', async () => {
  deps.failing.set('send', failure('TypeError'));
  await expect(handleExecutionEnded(ended(toRequest(createEvent())), deps)).rejects.toThrow('could not be sent');
  expect(deps.responseUrls.entries.get(NAME)).toBe(RESPONSE_URL);
});

test('a response that could not be delivered earlier is sent unchanged', async () => {
  deps.responseUrls.entries.set(
    `${NAME}.response`,
    JSON.stringify({ Status: 'SUCCESS', Data: { outcome: 'CANCELLED' } }),
  );
  await handleExecutionEnded(ended(toRequest(createEvent()), 'FAILED'), deps);
  expect(deps.response).toEqual({ Status: 'SUCCESS', Data: { outcome: 'CANCELLED' } });
  expect(deps.responseUrls.entries.size).toBe(0);
});

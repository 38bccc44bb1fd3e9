import { handleExecutionEnded } from '../../../lambda/cloudformation/aborted-execution';
import { resourceKey, toRequest } from '../../../lambda/cloudformation/request-identity';
import type { CloudFormationRequest, ExecutionEndedEvent } from '../../../lib/contract/cancellation';
import { captureConsole, createEvent, failure, Outside, PROPERTIES, RESPONSE_URL, SECRET } from './fakes';

const NAME = 'Cancel-1-Create-2';
const ARN = `arn:aws:states:us-east-1:111122223333:execution:Workflow:${NAME}`;

function ended(request: CloudFormationRequest | undefined, status = 'ABORTED'): ExecutionEndedEvent {
  const input = JSON.stringify({ contractVersion: '1', deployment: PROPERTIES.deployment, cloudFormation: request });
  return { source: 'aws.states', detail: { executionArn: ARN, name: NAME, status, input } };
}

let outside: Outside;
let printed: () => string;
beforeEach(() => {
  outside = new Outside();
  outside.places.set(NAME, RESPONSE_URL);
  printed = captureConsole();
});
afterEach(() => {
  expect(printed()).not.toContain(SECRET);
  jest.restoreAllMocks();
});

test.each(['ABORTED', 'FAILED', 'TIMED_OUT'])('an execution that ended as %s is answered as failed', async (status) => {
  await handleExecutionEnded(ended(toRequest(createEvent()), status), outside);
  expect(outside.answer).toMatchObject({
    Status: 'FAILED',
    RequestId: 'request-1',
    LogicalResourceId: 'Cancel',
    PhysicalResourceId: expect.stringMatching(/^Cancel-/),
    Reason: expect.stringContaining(`the execution of the cancellation ended as ${status} before it could say`),
  });
  expect(outside.answer.Reason).toContain(ARN);
  expect(outside.places.size).toBe(0);
});

test('an execution that has answered is left alone', async () => {
  outside.places.clear();
  await handleExecutionEnded(ended(toRequest(createEvent())), outside);
  expect(outside.answers).toEqual([]);
});

test('a guard is answered with success, and its failure is in the log', async () => {
  const guard = { action: 'CANCEL' } as const;
  outside.watched.set(resourceKey(createEvent()), 'noted');
  await handleExecutionEnded(ended({ ...toRequest(createEvent()), guard }), outside);
  expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
  expect(printed()).toContain("event: 'guard-failed'");
  expect(outside.watched.size).toBe(0);
});

test.each([null, undefined])('an event with an input of %p has the execution asked for it', async (input) => {
  const event = ended(toRequest(createEvent()));
  outside.inputs.set(ARN, event.detail.input ?? '');
  await handleExecutionEnded({ ...event, detail: { ...event.detail, input } }, outside);
  expect(outside.answer).toMatchObject({ Status: 'FAILED', RequestId: 'request-1' });
});

test('an input that cannot be asked for is an error, so that Lambda tries again, and the place is kept', async () => {
  outside.failing.set('input', failure('KmsAccessDeniedException'));
  const event = ended(toRequest(createEvent()));
  await expect(
    handleExecutionEnded({ ...event, detail: { ...event.detail, input: undefined } }, outside),
  ).rejects.toThrow();
  expect(outside.answers).toEqual([]);
  expect(outside.places.get(NAME)).toBe(RESPONSE_URL);
});

test.each([null, '', '{', '{}'])('an input of %p, which does not say who asked, is an error', async (input) => {
  const event = ended(toRequest(createEvent()));
  const handling = handleExecutionEnded({ ...event, detail: { ...event.detail, input } }, outside);
  await expect(handling).rejects.toThrow('the input of the execution does not say who is to be answered');
  expect(outside.answers).toEqual([]);
});

test('what could not be delivered is an error, so that Lambda tries again, and the place is kept', async () => {
  outside.failing.set('send', failure('TypeError'));
  await expect(handleExecutionEnded(ended(toRequest(createEvent())), outside)).rejects.toThrow('could not be put');
  expect(outside.places.get(NAME)).toBe(RESPONSE_URL);
});

test('an answer that could not be delivered before is the one that is given', async () => {
  outside.places.set(`${NAME}.answer`, JSON.stringify({ Status: 'SUCCESS', Data: { outcome: 'CANCELLED' } }));
  await handleExecutionEnded(ended(toRequest(createEvent()), 'FAILED'), outside);
  expect(outside.answer).toEqual({ Status: 'SUCCESS', Data: { outcome: 'CANCELLED' } });
  expect(outside.places.size).toBe(0);
});

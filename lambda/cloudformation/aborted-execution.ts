import { ATTRIBUTES, type CloudFormationRequest, type ExecutionEnded } from '../../lib/contract/cancellation';
import { errorName, log } from '../log';
import { type Doors, forget, undelivered } from './dependencies';
import { guardFailed } from './guard';
import { resourceKey } from './request';
import { type Answer, answerBody, reasonOf } from './response';
import { deliver } from './submit-response';

/**
 * Answers for an execution that has ended without doing so itself: a person has aborted it, it has met a quota, or its
 * answer could not be delivered. Where it has answered, there is no place to answer to any more.
 */
export async function handleEnd({ detail }: ExecutionEnded, doors: Doors): Promise<void> {
  const { executionArn, name, status } = detail;
  const url = await doors.answerPlaces.find(name);
  if (url === undefined) return;
  log('execution-lost', { executionArn });
  // An event has no room for a large input, and holds none that is encrypted with a key of the user's own.
  const request = requestIn(detail.input ?? (await doors.executions.inputOf(executionArn)));
  if (request.guard) {
    await forget(doors.watches, resourceKey(request));
    guardFailed(request);
  }
  const reason = `the execution of the cancellation ended as ${status} before it could say how the deployment ended`;
  const attributes = { executionArn };
  const answer: Answer = request.guard
    ? { status: 'SUCCESS', attributes }
    : { status: 'FAILED', reason: reasonOf(reason, executionArn), attributes };
  const kept = await doors.answerPlaces.find(undelivered(name));
  await deliver(url, kept ?? answerBody(request, answer, ATTRIBUTES), doors);
  await forget(doors.answerPlaces, undelivered(name));
  await forget(doors.answerPlaces, name);
}

/**
 * Who asked, from the input of the execution; it was this function that wrote it.
 *
 * @throws if it does not say: what nobody can be answered for has to be seen
 */
function requestIn(input: string | undefined): CloudFormationRequest {
  try {
    const { cloudFormation } = JSON.parse(input ?? '') as { cloudFormation?: CloudFormationRequest };
    if (cloudFormation) return cloudFormation;
  } catch (error) {
    log('input-not-read', { errorName: errorName(error) });
  }
  throw new Error('the input of the execution does not say who is to be answered');
}

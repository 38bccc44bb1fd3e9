import { ATTRIBUTES, type CloudFormationRequest, type ExecutionEndedEvent } from '../../lib/contract/cancellation';
import { errorName, log } from '../log';
import { type Dependencies, tryDelete, undeliveredResponseKey } from './dependencies';
import { logGuardFailure } from './guard-state';
import { resourceKey } from './request-identity';
import { type CustomResourceResponse, formatReason, renderResponse } from './response';
import { submitResponse } from './submit-response';

/**
 * Answers for an execution that has ended without doing so itself: a person has aborted it, it has met a quota, or its
 * answer could not be delivered. Where it has answered, there is no place to answer to any more.
 */
export async function handleExecutionEnded({ detail }: ExecutionEndedEvent, deps: Dependencies): Promise<void> {
  const { executionArn, name, status } = detail;
  const url = await deps.responseUrls.get(name);
  if (url === undefined) return;
  log('execution-aborted', { executionArn });
  // An event has no room for a large input, and holds none that is encrypted with a key of the user's own.
  const request = requestIn(detail.input ?? (await deps.executions.inputOf(executionArn)));
  if (request.guard) {
    await tryDelete(deps.guardStates, resourceKey(request));
    logGuardFailure(request);
  }
  const reason = `the execution of the cancellation ended as ${status} before it could say how the deployment ended`;
  const attributes = { executionArn };
  const answer: CustomResourceResponse = request.guard
    ? { status: 'SUCCESS', attributes }
    : { status: 'FAILED', reason: formatReason(reason, executionArn), attributes };
  const kept = await deps.responseUrls.get(undeliveredResponseKey(name));
  await submitResponse(url, kept ?? renderResponse(request, answer, ATTRIBUTES), deps);
  await tryDelete(deps.responseUrls, undeliveredResponseKey(name));
  await tryDelete(deps.responseUrls, name);
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

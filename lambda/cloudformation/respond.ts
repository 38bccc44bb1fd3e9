import { GUARD_FAILED, GUARD_RESOURCE_TYPE } from '../../lib/contract/cancellation';
import { log } from '../log';
import type { Dependencies } from './dependencies';
import { RESOURCE_TYPES, type ResourceType } from './resource-types';
import { type CustomResourceResponse, renderResponse } from './response';
import {
  deleteResponseTarget,
  deleteUndeliveredBody,
  keepUndeliveredBody,
  markResponseTarget,
  type ResponseTarget,
} from './response-target';
import { submitResponse } from './submit-response';

/**
 * What happens to a stored target when its response was sent: it gets a mark if its execution may ask for it again, or is
 * deleted.
 */
export type Afterwards = 'mark' | 'delete';

/**
 * Responds to CloudFormation. A body that could not be delivered earlier is sent again unchanged.
 *
 * @throws `ResponseDeliveryError` if it could not be delivered; its body is kept for the next attempt
 */
export async function respond(
  target: ResponseTarget,
  response: CustomResourceResponse,
  afterwards: Afterwards,
  deps: Dependencies,
): Promise<void> {
  if (target.undeliveredBody !== undefined) return respondAgain(target, target.undeliveredBody, afterwards, deps);
  const { resourceType, identity } = target.requester;
  const { sent, guardFailed } = applyGuardRule(resourceType, response);
  const body = renderResponse(identity, sent, RESOURCE_TYPES[resourceType].attributes);
  const { StackId: stackId, LogicalResourceId: logicalResourceId, RequestId: requestId } = identity;
  if (guardFailed) log(GUARD_FAILED, { stackId, logicalResourceId });
  let isKept = false;
  await submitResponse(target.url, body, deps, async () => {
    isKept = true;
    await keepUndeliveredBody(target, body, deps);
  });
  log('responded', {
    requestId,
    executionArn: response.attributes.executionArn,
    failed: response.status === 'FAILED',
  });
  await close(target, afterwards, isKept, deps);
}

/** Sends a body again that may or may not have been delivered. */
export async function respondAgain(
  target: ResponseTarget,
  body: string,
  afterwards: Afterwards,
  deps: Dependencies,
): Promise<void> {
  await submitResponse(target.url, body, deps, async () => undefined);
  log('responded-again', { requestId: target.requester.identity.RequestId });
  await close(target, afterwards, true, deps);
}

async function close(
  { executionName, isStored }: ResponseTarget,
  afterwards: Afterwards,
  isBodyKept: boolean,
  deps: Dependencies,
): Promise<void> {
  if (isStored && afterwards === 'mark') await markResponseTarget(executionName, 'answered', deps);
  if (isStored && afterwards === 'delete') await deleteResponseTarget(executionName, deps);
  if (isBodyKept) await deleteUndeliveredBody(executionName, deps);
}

/**
 * A guard never fails its stack: a failure during a rollback would leave the stack in `ROLLBACK_FAILED`. The failure of a
 * guard is sent as a success, and reported in the log, which a metric counts. Without an execution it attempted nothing.
 */
export function applyGuardRule(
  resourceType: ResourceType,
  response: CustomResourceResponse,
): { readonly sent: CustomResourceResponse; readonly guardFailed: boolean } {
  if (resourceType !== GUARD_RESOURCE_TYPE || response.status === 'SUCCESS') {
    return { sent: response, guardFailed: false };
  }
  const { attributes } = response;
  const sent = attributes.executionArn === undefined ? RESOURCE_TYPES[resourceType].notAttempted : attributes;
  return { sent: { status: 'SUCCESS', attributes: sent }, guardFailed: true };
}

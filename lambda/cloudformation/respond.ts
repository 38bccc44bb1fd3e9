import { type CloudFormationRequest, GUARD_FAILED, GUARD_RESOURCE_TYPE } from '../../lib/contract/cancellation';
import { log } from '../log';
import type { Dependencies } from './dependencies';
import { RESOURCE_TYPES, type ResourceType } from './resource-types';
import { type CustomResourceResponse, renderResponse } from './response';
import { closeResponseTarget, keepUndeliveredBody, type ResponseTarget } from './response-target';
import { submitResponse } from './submit-response';

/** The resource that gets a response, and its request. */
export interface Requester {
  readonly resourceType: ResourceType;
  readonly identity: CloudFormationRequest;
}

/**
 * Sends a response to CloudFormation. Every response is sent here: at once, after an execution, or for an aborted one.
 *
 * @throws `ResponseDeliveryError` if it could not be delivered; a stored URL stays stored for the next attempt
 */
export async function respond(
  requester: Requester,
  response: CustomResourceResponse,
  target: ResponseTarget,
  deps: Dependencies,
): Promise<void> {
  const { resourceType, identity } = requester;
  const { sent, guardFailed } = applyGuardRule(resourceType, response);
  const body = target.undeliveredBody ?? renderResponse(identity, sent, RESOURCE_TYPES[resourceType].attributes);
  try {
    await submitResponse(target.url, body, deps);
  } catch (error) {
    await keepUndeliveredBody(target, body, deps);
    throw error;
  }
  if (target.executionName !== undefined) await closeResponseTarget(target.executionName, deps);
  const { StackId: stackId, LogicalResourceId: logicalResourceId, RequestId: requestId } = identity;
  if (guardFailed) log(GUARD_FAILED, { stackId, logicalResourceId });
  log('responded', {
    requestId,
    executionArn: response.attributes.executionArn,
    failed: response.status === 'FAILED',
  });
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

import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { GUARD_RESOURCE_TYPE } from '../../lib/contract/cancellation';
import { log, tryOrLog } from '../log';
import { type Dependencies, tryDelete } from './dependencies';
import { isDuplicate, startExecution, stopExecutions, withdrawEarlier } from './executions';
import { guardPlanFor } from './guard-plan';
import { observe } from './observe';
import { type ParsedRequest, parseEvent, requestTimeOf, targetOf } from './parsed-request';
import { type CancelPlan, type Plan, planFor, type Situation } from './plan';
import { resourceKey } from './request-identity';
import { respond, respondAgain } from './respond';
import type { CustomResourceResponse } from './response';
import { findUndeliveredBody } from './response-target';

/** The failure of a guard that does not know the status of the stack or what it was armed for. */
const UNKNOWN_TO_GUARD = 'the guard does not know what to cancel';

/** The age of a request, in milliseconds, below which Lambda cannot have delivered it again after a failure. */
const MIN_RETRY_AGE = 50_000;

/** The URL of a request is not one of CloudFormation. Nothing was sent to it. */
export class RefusedResponseUrlError extends Error {
  override readonly name = 'RefusedResponseUrlError';
}

/** Handles a request of CloudFormation: starts the workflow, which responds later, or responds at once. */
export async function handleRequest(event: CloudFormationCustomResourceEvent, deps: Dependencies): Promise<void> {
  if (!deps.isResponseUrl(event.ResponseURL)) {
    throw new RefusedResponseUrlError(
      'the ResponseURL must be a pre-signed URL of the bucket to which cloudformation takes responses in this region',
    );
  }
  const request = parseEvent(event);
  if (isExpired(request, deps)) {
    log('request-expired', { requestId: request.identity.RequestId, ...requestTimeOf(request) });
    return;
  }
  // The execution of the first delivery responds. By now the stack may be in a status that leads to another plan.
  if (await isDuplicate(request, deps)) return;
  if (await respondWithKeptBody(request, deps)) return;
  const situation = await observe(request, deps);
  const plan =
    request.resourceType === GUARD_RESOURCE_TYPE ? guardPlanFor(request, situation) : planFor(request, situation);
  logRequest(request, situation, plan);
  await perform(plan, request, deps);
}

/** Whether the URL cannot be used any more. CloudFormation has given the request up long before. */
function isExpired({ times }: ParsedRequest, { clock }: Dependencies): boolean {
  return times !== undefined && times.expiresAt < clock.now();
}

/** Sends the response again that an earlier delivery of the request could not deliver. Returns whether there is one. */
async function respondWithKeptBody(request: ParsedRequest, deps: Dependencies): Promise<boolean> {
  const { times, executionName, identity } = request;
  if (times !== undefined && deps.clock.now() < times.requestedAt + MIN_RETRY_AGE) return false;
  const { RequestId: requestId } = identity;
  const found = findUndeliveredBody(executionName, deps);
  const body = await tryOrLog(found, 'undelivered-response-not-read', { requestId });
  if (body === undefined) return false;
  // A failed start may have left the target stored.
  await respondAgain({ ...targetOf(request), isStored: true }, body, 'delete', deps);
  return true;
}

async function perform(plan: Plan, request: ParsedRequest, deps: Dependencies): Promise<void> {
  switch (plan.do) {
    case 'fail':
      return respondAtOnce(request, failed(plan.reason), deps);
    case 'ignore':
      return respond(targetOf(request), { status: 'SUCCESS', attributes: plan.attributes }, 'delete', deps);
    case 'succeed':
      await withdrawEarlier(request, deps);
      return respondAtOnce(
        request,
        plan.isGuardUnsure ? failed(UNKNOWN_TO_GUARD) : { status: 'SUCCESS', attributes: plan.attributes },
        deps,
      );
    case 'cancel':
      if (plan.stopsOthers) await stopExecutions(request, deps);
      return start(request, plan, deps);
  }
}

async function start(request: ParsedRequest, plan: CancelPlan, deps: Dependencies): Promise<void> {
  const failure = await startExecution(request, plan, deps);
  if (failure === undefined) return;
  // The stored state of the guard is for an earlier deployment.
  if (isGuard(request)) await tryDelete(deps.guardStates, resourceKey(request.identity));
  await respondAtOnce(request, failed(failure.reason), deps, failure.isTargetStored);
}

/** Responds without an execution. */
async function respondAtOnce(
  request: ParsedRequest,
  response: CustomResourceResponse,
  deps: Dependencies,
  isStored = false,
): Promise<void> {
  if (isGuard(request) && request.requestType === 'Delete') {
    await tryDelete(deps.guardStates, resourceKey(request.identity));
  }
  await respond({ ...targetOf(request), isStored }, response, 'delete', deps);
}

function failed(reason: string): CustomResourceResponse {
  return { status: 'FAILED', reason, attributes: {} };
}

function isGuard({ resourceType }: ParsedRequest): boolean {
  return resourceType === GUARD_RESOURCE_TYPE;
}

function logRequest(request: ParsedRequest, { stackStatus, isLate }: Situation, plan: Plan): void {
  const { requestType, identity } = request;
  const { RequestId: requestId, StackId: stackId, LogicalResourceId: logicalResourceId } = identity;
  const event = isLate ? 'late-request' : 'request';
  const plannedFor = { requestType, requestId, stackId, logicalResourceId, stackStatus, ...requestTimeOf(request) };
  log(event, { ...plannedFor, plan: plan.do });
}

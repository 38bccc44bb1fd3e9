import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { GUARD_RESOURCE_TYPE } from '../../lib/contract/cancellation';
import { log } from '../log';
import { type Dependencies, tryDelete } from './dependencies';
import { isDuplicate, startExecution, stopExecutions } from './executions';
import { guardPlanFor } from './guard-plan';
import { buildGuardInput } from './guard-state';
import { type ParsedRequest, parseEvent } from './parsed-request';
import { type CancelPlan, type Plan, planFor } from './plan';
import { resourceKey } from './request-identity';
import { respond } from './respond';
import type { CustomResourceResponse } from './response';
import { stackStatusFor } from './stack-status';

/** The failure of a guard that does not know the status of the stack or what it was armed for. */
const UNKNOWN_TO_GUARD = 'the guard does not know what to cancel';

/** Handles a request of CloudFormation: starts the workflow, which responds later, or responds at once. */
export async function handleRequest(event: CloudFormationCustomResourceEvent, deps: Dependencies): Promise<void> {
  const request = parseEvent(event);
  // The execution of the first delivery responds. By now the stack may be in a status that leads to another plan.
  if (await isDuplicate(request, deps)) return;
  const stackStatus = await stackStatusFor(request, deps);
  const plan =
    request.resourceType === GUARD_RESOURCE_TYPE ? guardPlanFor(request, stackStatus) : planFor(request, stackStatus);
  logRequest(request, stackStatus, plan);
  await perform(plan, request, deps);
}

async function perform(plan: Plan, request: ParsedRequest, deps: Dependencies): Promise<void> {
  switch (plan.do) {
    case 'fail':
      return respondAtOnce(request, failed(plan.reason), deps);
    case 'succeed':
      await stopExecutions(request, deps);
      return respondAtOnce(
        request,
        plan.stackStatusUnknown ? failed(UNKNOWN_TO_GUARD) : { status: 'SUCCESS', attributes: plan.attributes },
        deps,
      );
    case 'cancel':
      return start(request, plan, deps);
    case 'cancel-since-armed': {
      await stopExecutions(request, deps);
      const input = await buildGuardInput(request, plan, deps);
      if (!input) return respondAtOnce(request, failed(UNKNOWN_TO_GUARD), deps);
      return start(request, { do: 'cancel', stateMachineArn: plan.stateMachineArn, input }, deps);
    }
  }
}

async function start(request: ParsedRequest, plan: CancelPlan, deps: Dependencies): Promise<void> {
  const failure = await startExecution(request, plan, deps);
  if (failure === undefined) return;
  // The stored state of the guard is for an earlier deployment.
  if (isGuard(request)) await tryDelete(deps.guardStates, resourceKey(request.identity));
  await respondAtOnce(request, failed(failure), deps);
}

/** Responds without an execution. */
async function respondAtOnce(
  request: ParsedRequest,
  response: CustomResourceResponse,
  deps: Dependencies,
): Promise<void> {
  if (isGuard(request) && request.requestType === 'Delete') {
    await tryDelete(deps.guardStates, resourceKey(request.identity));
  }
  await respond(request, response, { url: request.responseUrl }, deps);
}

function failed(reason: string): CustomResourceResponse {
  return { status: 'FAILED', reason, attributes: {} };
}

function isGuard({ resourceType }: ParsedRequest): boolean {
  return resourceType === GUARD_RESOURCE_TYPE;
}

function logRequest({ requestType, identity }: ParsedRequest, stackStatus: string | undefined, plan: Plan): void {
  log('request', {
    requestType,
    requestId: identity.RequestId,
    stackId: identity.StackId,
    logicalResourceId: identity.LogicalResourceId,
    stackStatus,
    plan: plan.do,
  });
}

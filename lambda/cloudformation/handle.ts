import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { GUARD_RESOURCE_TYPE, type RespondEvent } from '../../lib/contract/cancellation';
import type { FleetRespondEvent } from '../../lib/contract/fleet';
import { errorName, log } from '../log';
import { parseStateMachineArn } from '../parse';
import { type Dependencies, tryDelete, tryPut, undeliveredResponseKey } from './dependencies';
import { guardPlanFor, STACK_DELETION } from './guard-plan';
import { buildGuardInput, logGuardFailure, updateGuardState } from './guard-state';
import { type Plan, planFor } from './plan';
import { executionName, executionPrefix, resourceKey, toRequest } from './request-identity';
import { resourceTypeOf } from './resource-types';
import { type CustomResourceResponse, formatReason, renderResponse } from './response';
import { submitResponse } from './submit-response';

/** Takes a request of CloudFormation: starts the workflow that will answer it, or answers at once. */
export async function handleRequest(event: CloudFormationCustomResourceEvent, deps: Dependencies): Promise<void> {
  // Delivered again: what it has started answers it, and a second look at the stack might come to another plan.
  if (await isDuplicate(event, deps)) return;
  const guard = isGuard(event);
  const stackStatus = await stackStatusFor(event, deps);
  const plan = guard ? guardPlanFor(event, stackStatus) : planFor(event, stackStatus);
  log('request', {
    requestType: event.RequestType,
    requestId: event.RequestId,
    stackId: event.StackId,
    logicalResourceId: event.LogicalResourceId,
    stackStatus,
    plan: plan.do,
  });
  switch (plan.do) {
    case 'fail':
      await respond(event, { status: 'FAILED', reason: plan.reason, attributes: {} }, deps);
      break;
    case 'succeed':
      if (plan.stackStatusUnknown) logGuardFailure(event);
      await stopExecutions(event, deps);
      await respond(event, { status: 'SUCCESS', attributes: plan.attributes }, deps);
      break;
    case 'cancel-since-armed': {
      await stopExecutions(event, deps);
      const watched = await buildGuardInput(event, plan, deps);
      if (watched) {
        await start(event, { ...plan, do: 'cancel', input: watched }, deps);
      } else {
        logGuardFailure(event);
        await respond(event, { status: 'SUCCESS', attributes: { outcome: 'NOT_ATTEMPTED' } }, deps);
      }
      break;
    }
    case 'cancel':
      await start(event, plan, deps);
  }
}

/** Answers CloudFormation when the workflow has come to its end. */
export async function handleResult(event: RespondEvent | FleetRespondEvent, deps: Dependencies): Promise<void> {
  const { executionArn, result, request } = event;
  const { cloudFormation } = request;
  const name = executionArn.slice(executionArn.lastIndexOf(':') + 1);
  const url = await deps.responseUrls.get(name);
  if (url === undefined) {
    // Answered before, or nobody waits any more: a Delete has come in between.
    log('response-url-missing', { executionArn });
    return;
  }
  const guardIsFine = !isOne(event) || (await updateGuardState(event, deps));
  const attributes = { ...result.attributes, executionArn };
  const answer: CustomResourceResponse =
    result.failed && !cloudFormation.guard
      ? { status: 'FAILED', reason: formatReason(result.reason, executionArn), attributes }
      : { status: 'SUCCESS', attributes };
  const body = renderResponse(cloudFormation, answer, resourceTypeOf(request).attributes);
  await submitResult(url, body, name, deps);
  if (!guardIsFine) logGuardFailure(cloudFormation);
  log('responded', { executionArn, outcome: result.outcome, failed: result.failed });
}

/** Puts the answer, or keeps it for whoever tries last, and then forgets the place. */
async function submitResult(url: string, body: string, name: string, deps: Dependencies): Promise<void> {
  const { responseUrls } = deps;
  try {
    await submitResponse(url, body, deps);
  } catch (error) {
    await tryPut(responseUrls, undeliveredResponseKey(name), body);
    throw error;
  }
  // When a guard was asked to delete itself, CloudFormation may have taken the permission to do this by now.
  await tryDelete(responseUrls, name);
  await tryDelete(responseUrls, undeliveredResponseKey(name));
}

/** Whether an execution has been started for this very request; not when that cannot be told. */
async function isDuplicate(event: CloudFormationCustomResourceEvent, { executions }: Dependencies): Promise<boolean> {
  try {
    const taken = await executions.exists(parseStateMachineArn(event.ResourceProperties), executionName(event));
    if (taken) log('duplicate-request', { requestType: event.RequestType, requestId: event.RequestId });
    return taken;
  } catch (error) {
    log('execution-not-described', { requestId: event.RequestId, errorName: errorName(error) });
    return false;
  }
}

function isOne(event: RespondEvent | FleetRespondEvent): event is RespondEvent {
  return 'deployment' in event.request;
}

function isGuard({ ResourceType }: CloudFormationCustomResourceEvent): boolean {
  return ResourceType === GUARD_RESOURCE_TYPE;
}

/** What the stack is doing, where that matters; undefined when it could not be read. */
async function stackStatusFor(
  event: CloudFormationCustomResourceEvent,
  { stacks }: Dependencies,
): Promise<string | undefined> {
  if (event.RequestType === 'Delete' && !isGuard(event)) return undefined;
  try {
    let { status, parentId } = await stacks.describe(event.StackId);
    // A nested stack is deleted for its parent's reasons.
    while (status === STACK_DELETION && parentId !== undefined) {
      ({ status, parentId } = await stacks.describe(parentId));
    }
    return status;
  } catch (error) {
    log('stack-status-not-read', { stackId: event.StackId, errorName: errorName(error) });
    return undefined;
  }
}

async function start(
  event: CloudFormationCustomResourceEvent,
  plan: Extract<Plan, { do: 'cancel' }>,
  deps: Dependencies,
): Promise<void> {
  const failure = await startExecution(event, plan, deps);
  // What a guard noted before is about what came before.
  if (failure && isGuard(event)) await tryDelete(deps.guardStates, resourceKey(event));
  if (failure) await respond(event, { status: 'FAILED', reason: failure, attributes: {} }, deps);
}

/** Says why, if it could not be started. */
async function startExecution(
  event: CloudFormationCustomResourceEvent,
  { stateMachineArn, input }: Extract<Plan, { do: 'cancel' }>,
  deps: Dependencies,
): Promise<string | undefined> {
  const name = executionName(event);
  let action = 'ssm:PutParameter';
  try {
    await deps.responseUrls.put(name, event.ResponseURL);
    action = 'states:StartExecution';
    const state = await deps.executions.start(stateMachineArn, name, input);
    log('execution-started', { executionName: name });
    // The same request, delivered again after it was answered: nobody will ask for the place any more.
    if (state === 'ended') await tryDelete(deps.responseUrls, name);
    return undefined;
  } catch (error) {
    log('execution-not-started', { executionName: name, operation: action, errorName: errorName(error) });
    // The answer to the start was lost, or an earlier delivery of this request has started it: it will give the answer.
    if (await isRunning(stateMachineArn, name, deps)) return undefined;
    await tryDelete(deps.responseUrls, name);
    // Only the name of the error: its message may repeat what was sent.
    return `the workflow that cancels could not be started: ${action} failed with ${errorName(error)}; allow it to the role of the cloudformation function if it was denied, and deploy again`;
  }
}

/** Not when it cannot be told. */
async function isRunning(stateMachineArn: string, name: string, { executions }: Dependencies): Promise<boolean> {
  try {
    return (await executions.running(stateMachineArn, name)).includes(name);
  } catch (error) {
    log('executions-not-listed', { executionName: name, errorName: errorName(error) });
    return false;
  }
}

/** Ends what this resource, and no other, has running. As good as it goes: nothing may keep a stack from being deleted. */
async function stopExecutions(event: CloudFormationCustomResourceEvent, deps: Dependencies): Promise<void> {
  const { executions } = deps;
  const notStopped = (error: unknown) =>
    log('execution-not-stopped', { logicalResourceId: event.LogicalResourceId, errorName: errorName(error) });
  try {
    const arn = parseStateMachineArn(event.ResourceProperties);
    for (const name of await executions.running(arn, executionPrefix(event))) {
      // The same request, delivered again.
      if (name === executionName(event)) continue;
      // Before it is stopped: nobody is to answer for it any more.
      await tryDelete(deps.responseUrls, name);
      const cause = `${event.RequestType} of ${event.LogicalResourceId}`;
      await executions.stop(arn, name, cause).then(() => log('execution-stopped', { executionName: name }), notStopped);
    }
  } catch (error) {
    notStopped(error);
  }
}

/** Answers without an execution; for a guard, a failure is said elsewhere. */
async function respond(
  event: CloudFormationCustomResourceEvent,
  answer: CustomResourceResponse,
  deps: Dependencies,
): Promise<void> {
  const failed = answer.status === 'FAILED';
  const hidden = failed && isGuard(event);
  if (hidden) logGuardFailure(event);
  if (isGuard(event) && event.RequestType === 'Delete') await tryDelete(deps.guardStates, resourceKey(event));
  const said: CustomResourceResponse = hidden
    ? { status: 'SUCCESS', attributes: { outcome: 'NOT_ATTEMPTED' } }
    : answer;
  await submitResponse(
    event.ResponseURL,
    renderResponse(toRequest(event), said, resourceTypeOf(event).attributes),
    deps,
  );
  log('responded', { requestId: event.RequestId, failed });
}

import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { type AnswerEvent, GUARD_RESOURCE_TYPE } from '../../lib/contract/cancellation';
import type { FleetAnswerEvent } from '../../lib/contract/fleet';
import { errorName, log } from '../log';
import { parseStateMachineArn } from '../parse';
import { type Doors, forget, keep, undelivered } from './dependencies';
import { guardFailed, settleGuard, watchedInput } from './guard';
import { guardPlanFor, STACK_DELETION } from './guard-plan';
import { type Plan, planFor } from './plan';
import { executionName, executionPrefix, requestOf, resourceKey } from './request';
import { askedBy } from './resource-types';
import { type Answer, answerBody, reasonOf } from './response';
import { deliver } from './submit-response';

/** Takes a request of CloudFormation: starts the workflow that will answer it, or answers at once. */
export async function handleRequest(event: CloudFormationCustomResourceEvent, doors: Doors): Promise<void> {
  // Delivered again: what it has started answers it, and a second look at the stack might come to another plan.
  if (await isTaken(event, doors)) return;
  const guard = isGuard(event);
  const stackStatus = await stackStatusFor(event, doors);
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
    case 'refuse':
      await answerNow(event, { status: 'FAILED', reason: plan.reason, attributes: {} }, doors);
      break;
    case 'let-go':
      if (plan.inDoubt) guardFailed(event);
      await stopExecutions(event, doors);
      await answerNow(event, { status: 'SUCCESS', attributes: plan.attributes }, doors);
      break;
    case 'fire': {
      await stopExecutions(event, doors);
      const watched = await watchedInput(event, plan, doors);
      if (watched) {
        await start(event, { ...plan, do: 'cancel', input: watched }, doors);
      } else {
        guardFailed(event);
        await answerNow(event, { status: 'SUCCESS', attributes: { outcome: 'NOT_ATTEMPTED' } }, doors);
      }
      break;
    }
    case 'cancel':
      await start(event, plan, doors);
  }
}

/** Answers CloudFormation when the workflow has come to its end. */
export async function handleResult(event: AnswerEvent | FleetAnswerEvent, doors: Doors): Promise<void> {
  const { executionArn, result, request } = event;
  const { cloudFormation } = request;
  const name = executionArn.slice(executionArn.lastIndexOf(':') + 1);
  const url = await doors.answerPlaces.find(name);
  if (url === undefined) {
    // Answered before, or nobody waits any more: a Delete has come in between.
    log('no-answer-place', { executionArn });
    return;
  }
  const guardIsFine = !isOne(event) || (await settleGuard(event, doors));
  const attributes = { ...result.attributes, executionArn };
  const answer: Answer =
    result.failed && !cloudFormation.guard
      ? { status: 'FAILED', reason: reasonOf(result.reason, executionArn), attributes }
      : { status: 'SUCCESS', attributes };
  const body = answerBody(cloudFormation, answer, askedBy(request).attributes);
  await deliverResult(url, body, name, doors);
  if (!guardIsFine) guardFailed(cloudFormation);
  log('answered', { executionArn, outcome: result.outcome, failed: result.failed });
}

/** Puts the answer, or keeps it for whoever tries last, and then forgets the place. */
async function deliverResult(url: string, body: string, name: string, doors: Doors): Promise<void> {
  const { answerPlaces } = doors;
  try {
    await deliver(url, body, doors);
  } catch (error) {
    await keep(answerPlaces, undelivered(name), body);
    throw error;
  }
  // When a guard was asked to delete itself, CloudFormation may have taken the permission to do this by now.
  await forget(answerPlaces, name);
  await forget(answerPlaces, undelivered(name));
}

/** Whether an execution has been started for this very request; not when that cannot be told. */
async function isTaken(event: CloudFormationCustomResourceEvent, { executions }: Doors): Promise<boolean> {
  try {
    const taken = await executions.exists(parseStateMachineArn(event.ResourceProperties), executionName(event));
    if (taken) log('delivered-again', { requestType: event.RequestType, requestId: event.RequestId });
    return taken;
  } catch (error) {
    log('execution-not-described', { requestId: event.RequestId, errorName: errorName(error) });
    return false;
  }
}

function isOne(event: AnswerEvent | FleetAnswerEvent): event is AnswerEvent {
  return 'deployment' in event.request;
}

function isGuard({ ResourceType }: CloudFormationCustomResourceEvent): boolean {
  return ResourceType === GUARD_RESOURCE_TYPE;
}

/** What the stack is doing, where that matters; undefined when it could not be read. */
async function stackStatusFor(
  event: CloudFormationCustomResourceEvent,
  { stacks }: Doors,
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
  doors: Doors,
): Promise<void> {
  const failure = await startExecution(event, plan, doors);
  // What a guard noted before is about what came before.
  if (failure && isGuard(event)) await forget(doors.watches, resourceKey(event));
  if (failure) await answerNow(event, { status: 'FAILED', reason: failure, attributes: {} }, doors);
}

/** Says why, if it could not be started. */
async function startExecution(
  event: CloudFormationCustomResourceEvent,
  { stateMachineArn, input }: Extract<Plan, { do: 'cancel' }>,
  doors: Doors,
): Promise<string | undefined> {
  const name = executionName(event);
  let action = 'ssm:PutParameter';
  try {
    await doors.answerPlaces.keep(name, event.ResponseURL);
    action = 'states:StartExecution';
    const state = await doors.executions.start(stateMachineArn, name, input);
    log('started', { executionName: name });
    // The same request, delivered again after it was answered: nobody will ask for the place any more.
    if (state === 'ended') await forget(doors.answerPlaces, name);
    return undefined;
  } catch (error) {
    log('not-started', { executionName: name, operation: action, errorName: errorName(error) });
    // The answer to the start was lost, or an earlier delivery of this request has started it: it will give the answer.
    if (await isRunning(stateMachineArn, name, doors)) return undefined;
    await forget(doors.answerPlaces, name);
    // Only the name of the error: its message may repeat what was sent.
    return `the workflow that cancels could not be started: ${action} failed with ${errorName(error)}; allow it to the role of the cloudformation function if it was denied, and deploy again`;
  }
}

/** Not when it cannot be told. */
async function isRunning(stateMachineArn: string, name: string, { executions }: Doors): Promise<boolean> {
  try {
    return (await executions.running(stateMachineArn, name)).includes(name);
  } catch (error) {
    log('executions-not-listed', { executionName: name, errorName: errorName(error) });
    return false;
  }
}

/** Ends what this resource, and no other, has running. As good as it goes: nothing may keep a stack from being deleted. */
async function stopExecutions(event: CloudFormationCustomResourceEvent, doors: Doors): Promise<void> {
  const { executions } = doors;
  const notStopped = (error: unknown) =>
    log('not-stopped', { logicalResourceId: event.LogicalResourceId, errorName: errorName(error) });
  try {
    const arn = parseStateMachineArn(event.ResourceProperties);
    for (const name of await executions.running(arn, executionPrefix(event))) {
      // The same request, delivered again.
      if (name === executionName(event)) continue;
      // Before it is stopped: nobody is to answer for it any more.
      await forget(doors.answerPlaces, name);
      const cause = `${event.RequestType} of ${event.LogicalResourceId}`;
      await executions.stop(arn, name, cause).then(() => log('stopped', { executionName: name }), notStopped);
    }
  } catch (error) {
    notStopped(error);
  }
}

/** Answers without an execution; for a guard, a failure is said elsewhere. */
async function answerNow(event: CloudFormationCustomResourceEvent, answer: Answer, doors: Doors): Promise<void> {
  const failed = answer.status === 'FAILED';
  const hidden = failed && isGuard(event);
  if (hidden) guardFailed(event);
  if (isGuard(event) && event.RequestType === 'Delete') await forget(doors.watches, resourceKey(event));
  const said: Answer = hidden ? { status: 'SUCCESS', attributes: { outcome: 'NOT_ATTEMPTED' } } : answer;
  await deliver(event.ResponseURL, answerBody(requestOf(event), said, askedBy(event).attributes), doors);
  log('answered', { requestId: event.RequestId, failed });
}

import { CallError } from '../call-error';
import { log, tryOrLog } from '../log';
import { InvalidRequestError } from '../parse';
import { retryDelay } from '../retry';
import type { Dependencies } from './dependencies';
import { type ParsedRequest, targetOf } from './parsed-request';
import type { CancelPlan } from './plan';
import { executionPrefix, parseExecutionName } from './request-identity';
import { deleteResponseTarget, findMark, markResponseTarget, openResponseTarget } from './response-target';

/** Whether an execution was started for this very request. False if that could not be read. */
export async function isDuplicate(request: ParsedRequest, deps: Dependencies): Promise<boolean> {
  const { stateMachineArn, executionName, requestType, identity } = request;
  if (stateMachineArn instanceof InvalidRequestError) return false;
  const exists = (await lookUp(stateMachineArn, executionName, deps)) === 'exists';
  if (exists) log('duplicate-request', { requestType, requestId: identity.RequestId });
  return exists;
}

/** An execution that was not started, or is not known to have been. */
export interface StartFailure {
  readonly reason: string;
  /** Whether the target of the response is still stored: the execution may have been started, and respond as well. */
  readonly isTargetStored: boolean;
}

/** Starts the execution that responds to a request. Returns the failure if it is not known to have started. */
export async function startExecution(
  request: ParsedRequest,
  { stateMachineArn, input }: CancelPlan,
  deps: Dependencies,
): Promise<StartFailure | undefined> {
  const { executionName } = request;
  let isTargetStored = false;
  try {
    const isFirst = await openResponseTarget(targetOf(request), deps);
    isTargetStored = true;
    const isStarted = await deps.executions.start(stateMachineArn, executionName, input);
    log(isStarted ? 'execution-started' : 'duplicate-request', { executionName });
    // The execution of this request has ended, and what was stored for it was deleted. Nobody would delete it again.
    if (!isStarted && isFirst) await deleteResponseTarget(executionName, deps);
    return undefined;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    const { action, errorName, mayHaveActed } = error;
    log('execution-not-started', { executionName, operation: action, errorName });
    const isStartLost = isTargetStored && mayHaveActed;
    const found = await (isStartLost ? waitForExecution : lookUp)(stateMachineArn, executionName, deps);
    // It was started although the response was lost, or for a duplicate of the request: then it responds.
    if (found === 'exists') return undefined;
    if (isStartLost && (await isSettled(executionName, deps))) return undefined;
    const isUnknown = isStartLost && found === 'unknown';
    if (!isUnknown && (isTargetStored || mayHaveActed)) await deleteResponseTarget(executionName, deps);
    return { reason: startFailureReason(error, isUnknown), isTargetStored: isUnknown };
  }
}

/** Only the name of the error: its message may repeat what was sent. */
function startFailureReason(error: CallError, isUnknown: boolean): string {
  const what = isUnknown
    ? 'it is not known whether the workflow that cancels was started'
    : 'the workflow that cancels could not be started';
  const remedy = error.isDenied
    ? 'allow it to the role of the cloudformation function, and deploy again'
    : 'deploy again';
  return `${what}: ${error.message}; ${remedy}`;
}

/**
 * Whether a mark says that the request needs no response: its execution has responded, or a later request has withdrawn it.
 * Only a mark is proof. A target that is not found may be invisible.
 */
async function isSettled(executionName: string, deps: Dependencies): Promise<boolean> {
  const mark = await tryOrLog(findMark(executionName, deps), 'mark-not-read', { executionName });
  if (mark !== undefined) log('response-not-needed', { executionName, mark });
  return mark !== undefined;
}

/** How long an execution that was started a moment ago may stay invisible, in milliseconds. */
const VISIBILITY_MS = 30_000;

type LookUp = 'exists' | 'missing' | 'unknown';

async function lookUp(stateMachineArn: string, executionName: string, { executions }: Dependencies): Promise<LookUp> {
  const status = executions.statusOf(stateMachineArn, executionName);
  const read = status.then((found): LookUp => (found === undefined ? 'missing' : 'exists'));
  return (await tryOrLog(read, 'execution-not-described', { executionName })) ?? 'unknown';
}

/** Looks an execution up until it is found, for as long as a new one may stay invisible. */
async function waitForExecution(stateMachineArn: string, executionName: string, deps: Dependencies): Promise<LookUp> {
  const { clock, budget } = deps;
  const since = clock.now();
  const until = Math.min(budget.end, since + VISIBILITY_MS);
  for (let attempt = 1; ; attempt++) {
    const found = await lookUp(stateMachineArn, executionName, deps);
    if (found !== 'missing') return found;
    const failed = { attempt, since, now: clock.now(), until, isAnyCallAllowed: true, random: clock.random() };
    const delay = retryDelay({ kind: 'not-visible', ...failed });
    if (delay === undefined) return found;
    await clock.sleep(delay);
  }
}

/** How long a list may not show an execution that was started a moment ago, in milliseconds. */
const LIST_LAG = 5_000;

/**
 * Withdraws what was requested for this resource before: stops its running executions, and no others. Lists them again when
 * none is found, because the list may be from before the last start; nothing was requested before a Create. Never throws: a
 * stack must remain deletable.
 */
export async function withdrawEarlier(request: ParsedRequest, deps: Dependencies): Promise<void> {
  const stopped = await stopExecutions(request, deps);
  if (stopped !== 0 || request.requestType === 'Create') return;
  await deps.clock.sleep(LIST_LAG);
  await stopExecutions(request, deps);
}

/** Stops the running executions of this resource. Returns how many there were; undefined if they could not be listed. */
export async function stopExecutions(request: ParsedRequest, deps: Dependencies): Promise<number | undefined> {
  const { stateMachineArn, identity, requestType } = request;
  const { LogicalResourceId: logicalResourceId } = identity;
  if (stateMachineArn instanceof InvalidRequestError) {
    log('executions-not-listed', { logicalResourceId, errorName: stateMachineArn.name });
    return undefined;
  }
  const listed = deps.executions.running(stateMachineArn, executionPrefix(identity));
  const running = await tryOrLog(listed, 'executions-not-listed', { logicalResourceId });
  const withdrawn = running?.filter((executionName) => isWithdrawnBy(request, executionName));
  for (const executionName of withdrawn ?? []) {
    // Before the stop: nobody waits for this response any more, so the end of the execution must not send one.
    await markResponseTarget(executionName, 'withdrawn', deps);
    const stop = deps.executions.stop(stateMachineArn, executionName, `${requestType} of ${logicalResourceId}`);
    await tryOrLog(
      stop.then(() => log('execution-stopped', { executionName })),
      'execution-not-stopped',
      { executionName, logicalResourceId },
    );
  }
  return withdrawn?.length;
}

/** The order of the requests of a resource. It decides where the times do not: they are rounded down to a second. */
const ORDER = ['Create', 'Update', 'Delete'];

/**
 * Whether a request withdraws the request of a running execution of the same resource: only an earlier one. A repeated
 * request does not stop what it has started itself, and a late one does not stop what was requested after it.
 */
export function isWithdrawnBy(
  { executionName, requestType, times }: Pick<ParsedRequest, 'executionName' | 'requestType' | 'times'>,
  runningName: string,
): boolean {
  const running = parseExecutionName(runningName);
  if (running === undefined || runningName === executionName) return false;
  const { requestedAt } = running;
  const isTimeKnown = times !== undefined && requestedAt !== undefined;
  if (isTimeKnown && requestedAt !== times.requestedAt) return requestedAt < times.requestedAt;
  return ORDER.indexOf(running.requestType) <= ORDER.indexOf(requestType);
}

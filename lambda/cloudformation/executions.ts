import { errorName, log, tryOrLog } from '../log';
import { InvalidRequestError } from '../parse';
import type { Dependencies } from './dependencies';
import type { ParsedRequest } from './parsed-request';
import type { CancelPlan } from './plan';
import { executionPrefix } from './request-identity';
import { closeResponseTarget } from './response-target';

/** Whether an execution was started for this very request. False if that could not be read. */
export async function isDuplicate(
  { stateMachineArn, executionName, requestType, identity }: ParsedRequest,
  { executions }: Dependencies,
): Promise<boolean> {
  if (stateMachineArn instanceof InvalidRequestError) return false;
  const requestId = identity.RequestId;
  const exists = await tryOrLog(executions.exists(stateMachineArn, executionName), 'execution-not-described', {
    requestId,
  });
  if (exists) log('duplicate-request', { requestType, requestId });
  return exists === true;
}

/** Starts the execution that responds to a request. Returns the reason if it could not be started. */
export async function startExecution(
  { executionName, responseUrl }: ParsedRequest,
  { stateMachineArn, input }: CancelPlan,
  deps: Dependencies,
): Promise<string | undefined> {
  let operation = 'ssm:PutParameter';
  try {
    await deps.responseUrls.put(executionName, responseUrl);
    operation = 'states:StartExecution';
    const state = await deps.executions.start(stateMachineArn, executionName, input);
    log('execution-started', { executionName });
    // A duplicate request: its execution has responded already.
    if (state === 'ended') await closeResponseTarget(executionName, deps);
    return undefined;
  } catch (error) {
    log('execution-not-started', { executionName, operation, errorName: errorName(error) });
    // It runs although the reply was lost, or a duplicate request has started it: then it responds.
    if (await isRunning(stateMachineArn, executionName, deps)) return undefined;
    await closeResponseTarget(executionName, deps);
    // Only the name of the error: its message may repeat what was sent.
    return `the workflow that cancels could not be started: ${operation} failed with ${errorName(error)}; allow it to the role of the cloudformation function if it was denied, and deploy again`;
  }
}

/** False if that could not be read. */
async function isRunning(
  stateMachineArn: string,
  executionName: string,
  { executions }: Dependencies,
): Promise<boolean> {
  const running = executions.running(stateMachineArn, executionName);
  const names = await tryOrLog(running, 'executions-not-listed', { executionName });
  return names?.includes(executionName) ?? false;
}

/** Stops the running executions of this resource, and no others. Never throws: a stack must remain deletable. */
export async function stopExecutions(request: ParsedRequest, deps: Dependencies): Promise<void> {
  const { stateMachineArn, identity, requestType } = request;
  const { LogicalResourceId: logicalResourceId } = identity;
  if (stateMachineArn instanceof InvalidRequestError) {
    log('executions-not-listed', { logicalResourceId, errorName: stateMachineArn.name });
    return;
  }
  const running = deps.executions.running(stateMachineArn, executionPrefix(identity));
  for (const executionName of (await tryOrLog(running, 'executions-not-listed', { logicalResourceId })) ?? []) {
    // A duplicate request must not stop what it has started itself.
    if (executionName === request.executionName) continue;
    // Before the stop: nobody waits for this response any more, so the end of the execution must not send one.
    await closeResponseTarget(executionName, deps);
    const stop = deps.executions.stop(stateMachineArn, executionName, `${requestType} of ${logicalResourceId}`);
    await tryOrLog(
      stop.then(() => log('execution-stopped', { executionName })),
      'execution-not-stopped',
      { executionName, logicalResourceId },
    );
  }
}

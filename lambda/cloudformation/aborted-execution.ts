import type { CancellationInput, ExecutionEndedEvent } from '../../lib/contract/cancellation';
import type { FleetInput } from '../../lib/contract/fleet';
import { errorName, log } from '../log';
import { type Dependencies, tryDelete } from './dependencies';
import { resourceKey } from './request-identity';
import { resourceTypeOf } from './resource-types';
import { type Requester, respond } from './respond';
import { formatReason } from './response';
import { findResponseTarget, findUndeliveredBody } from './response-target';

/**
 * Responds for an execution that has ended without a response: somebody aborted it, it reached a quota, or its response
 * could not be delivered.
 */
export async function handleExecutionEnded({ detail }: ExecutionEndedEvent, deps: Dependencies): Promise<void> {
  const { executionArn, name, status } = detail;
  const target = await findResponseTarget(name, deps);
  if (!target) return;
  log('execution-aborted', { executionArn });
  // The event has no input if the input is large or encrypted with a key of the user.
  const requester = parseRequester(detail.input ?? (await deps.executions.inputOf(executionArn)));
  const { identity } = requester;
  if (identity.guard) await tryDelete(deps.guardStates, resourceKey(identity));
  const reason = `the execution of the cancellation ended as ${status} before it could say how the deployment ended`;
  await respond(
    requester,
    { status: 'FAILED', reason: formatReason(reason, executionArn), attributes: { executionArn } },
    { ...target, undeliveredBody: await findUndeliveredBody(name, deps) },
    deps,
  );
}

/**
 * Reads the request to respond to from the input of the execution.
 *
 * @throws if it is not there: a request that cannot be answered must be noticed
 */
function parseRequester(json: string | undefined): Requester {
  try {
    const input = JSON.parse(json ?? '') as Partial<CancellationInput | FleetInput>;
    if (input.cloudFormation) return { resourceType: resourceTypeOf(input), identity: input.cloudFormation };
  } catch (error) {
    log('input-not-read', { errorName: errorName(error) });
  }
  throw new Error('the input of the execution does not name the request to respond to');
}

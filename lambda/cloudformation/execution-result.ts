import type { RespondEvent } from '../../lib/contract/cancellation';
import type { FleetRespondEvent } from '../../lib/contract/fleet';
import { log } from '../log';
import type { Dependencies } from './dependencies';
import { updateGuardState } from './guard-state';
import { parseExecutionName } from './request-identity';
import { respond } from './respond';
import { formatReason } from './response';
import { findResponseTarget } from './response-target';

/** Nothing is stored about a request that waits for its response. */
export class MissingResponseTargetError extends Error {
  override readonly name = 'MissingResponseTargetError';

  constructor(executionName: string) {
    super(`the response url of execution ${executionName} was not found, nor a mark that it needs no response`);
  }
}

/**
 * Responds to CloudFormation when the workflow has ended.
 *
 * @throws if nothing is stored about the request, so that the state machine tries again
 */
export async function handleResult(event: RespondEvent | FleetRespondEvent, deps: Dependencies): Promise<void> {
  const { executionArn, result } = event;
  const executionName = executionArn.slice(executionArn.lastIndexOf(':') + 1);
  const stored = await findResponseTarget(executionName, deps);
  if (stored.state === 'missing') throw new MissingResponseTargetError(executionName);
  if (stored.state !== 'open') {
    log('response-not-needed', { executionArn, mark: stored.state });
    return;
  }
  const succeeded = isGuardEvent(event) ? await updateGuardState(event, deps) : !result.failed;
  const attributes = { ...result.attributes, executionArn };
  await respond(
    stored.target,
    succeeded
      ? { status: 'SUCCESS', attributes }
      : { status: 'FAILED', reason: formatReason(result.reason, executionArn), attributes },
    // After the Delete of a guard, the function may be deleted before anybody else can delete a mark.
    parseExecutionName(executionName)?.requestType === 'Delete' ? 'delete' : 'mark',
    deps,
  );
}

function isGuardEvent(event: RespondEvent | FleetRespondEvent): event is RespondEvent {
  return event.request.cloudFormation.guard !== undefined;
}

import type { RespondEvent } from '../../lib/contract/cancellation';
import type { FleetRespondEvent } from '../../lib/contract/fleet';
import { log } from '../log';
import type { Dependencies } from './dependencies';
import { updateGuardState } from './guard-state';
import { resourceTypeOf } from './resource-types';
import { respond } from './respond';
import { formatReason } from './response';
import { findResponseTarget } from './response-target';

/** Responds to CloudFormation when the workflow has ended. */
export async function handleResult(event: RespondEvent | FleetRespondEvent, deps: Dependencies): Promise<void> {
  const { executionArn, request, result } = event;
  const target = await findResponseTarget(executionArn.slice(executionArn.lastIndexOf(':') + 1), deps);
  if (!target) {
    // The response was sent earlier, or a Delete has come in between and nobody waits any more.
    log('response-url-missing', { executionArn });
    return;
  }
  const succeeded = isGuardEvent(event) ? await updateGuardState(event, deps) : !result.failed;
  const attributes = { ...result.attributes, executionArn };
  await respond(
    { resourceType: resourceTypeOf(request), identity: request.cloudFormation },
    succeeded
      ? { status: 'SUCCESS', attributes }
      : { status: 'FAILED', reason: formatReason(result.reason, executionArn), attributes },
    target,
    deps,
  );
}

function isGuardEvent(event: RespondEvent | FleetRespondEvent): event is RespondEvent {
  return event.request.cloudFormation.guard !== undefined;
}

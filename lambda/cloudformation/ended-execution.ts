import { type ExecutionEndedEvent, GUARD_RESOURCE_TYPE } from '../../lib/contract/cancellation';
import { log } from '../log';
import { type Dependencies, tryDelete } from './dependencies';
import { parseExecutionName, resourceKey } from './request-identity';
import { respond } from './respond';
import { formatReason } from './response';
import {
  deleteResponseTarget,
  deleteUndeliveredBody,
  findResponseTarget,
  MARK_WAIT,
  type ResponseTarget,
} from './response-target';

/** The age of an event, in milliseconds, from which no further attempt of Lambda is to be expected. */
const LAST_ATTEMPT_AGE = 6 * 60_000;

/**
 * Responds for an execution that has ended without a response: somebody aborted it, it reached a quota, or its response
 * could not be delivered. Deletes what is stored about the request.
 *
 * @throws if it could not respond, so that Lambda tries again
 */
export async function handleExecutionEnded(event: ExecutionEndedEvent, deps: Dependencies): Promise<void> {
  const { name, status } = event.detail;
  // Somebody else has started it, and gets no response.
  if (!parseExecutionName(name)) return;
  // The last step of an execution that has succeeded has responded.
  if (status === 'SUCCEEDED') return deleteResponseTarget(name, deps);
  await respondIfOpen(event, deps);
  await deleteResponseTarget(name, deps);
  // A request that was withdrawn may have left it.
  await deleteUndeliveredBody(name, deps);
}

async function respondIfOpen(event: ExecutionEndedEvent, deps: Dependencies): Promise<void> {
  const { name } = event.detail;
  const { clock } = deps;
  const begunAt = clock.now();
  let stored = await findResponseTarget(name, deps);
  if (stored.state === 'open') {
    // The response may have been sent a moment ago.
    await clock.sleep(MARK_WAIT);
    stored = await findResponseTarget(name, deps);
  }
  // An earlier delivery of this event has deleted it, or what answered or withdrew the request.
  if (stored.state === 'missing') log('response-target-missing', { executionName: name });
  if (stored.state !== 'open') return;
  await respondInPlace(stored.target, event, deps).catch(async (error: unknown) => {
    // A response may have been accepted. Its URL must not stay.
    if (begunAt >= Date.parse(event.time) + LAST_ATTEMPT_AGE) await deleteResponseTarget(name, deps);
    throw error;
  });
}

/** Responds in the place of an execution. */
async function respondInPlace(
  target: ResponseTarget,
  { detail: { executionArn, status } }: ExecutionEndedEvent,
  deps: Dependencies,
): Promise<void> {
  const { resourceType, identity } = target.requester;
  log('execution-aborted', { executionArn });
  if (resourceType === GUARD_RESOURCE_TYPE) await tryDelete(deps.guardStates, resourceKey(identity));
  const reason = `the execution of the cancellation ended as ${status} before it could say how the deployment ended`;
  await respond(
    target,
    { status: 'FAILED', reason: formatReason(reason, executionArn), attributes: { executionArn } },
    'mark',
    deps,
  );
}

import { isDeepStrictEqual } from 'node:util';
import type { CancellationInput, GuardState, RespondEvent } from '../../lib/contract/cancellation';
import { errorName, log } from '../log';
import { parseGuardState } from '../parse';
import { type Dependencies, tryDelete } from './dependencies';
import type { ParsedRequest } from './parsed-request';
import type { CancelSinceArmedPlan } from './plan';
import { resourceKey } from './request-identity';

/**
 * Completes the input for a guard that cancels: the deployment that was the latest when it was armed is ignored. Undefined
 * if no state is stored for this deployment, trigger and endpoint.
 */
export async function buildGuardInput(
  { identity }: ParsedRequest,
  { input, armedTrigger }: CancelSinceArmedPlan,
  { guardStates }: Dependencies,
): Promise<CancellationInput | undefined> {
  if (armedTrigger === undefined) return input;
  try {
    const state = parseGuardState((await guardStates.get(resourceKey(identity))) ?? '');
    if (state?.trigger !== armedTrigger || state.endpoint !== input.settings.endpoint) return undefined;
    if (!isDeepStrictEqual(state.deployment, input.deployment)) return undefined;
    return { ...input, ignoreDeploymentId: state.deploymentId };
  } catch (error) {
    log('guard-state-not-read', { logicalResourceId: identity.LogicalResourceId, errorName: errorName(error) });
    return undefined;
  }
}

/** Saves or deletes the state of a guard after its execution. Returns whether the guard has succeeded. */
export async function updateGuardState(event: RespondEvent, { guardStates }: Dependencies): Promise<boolean> {
  const { cloudFormation } = event.request;
  const { succeeded, state } = guardStateAfter(event);
  const key = resourceKey(cloudFormation);
  if (state === undefined) {
    await tryDelete(guardStates, key);
    return succeeded;
  }
  try {
    await guardStates.put(key, JSON.stringify(state));
    return true;
  } catch (error) {
    log('guard-state-not-saved', { logicalResourceId: cloudFormation.LogicalResourceId, errorName: errorName(error) });
    await tryDelete(guardStates, key);
    return false;
  }
}

/** Decides whether the execution of a guard has succeeded, and what the guard knows from now on. */
export function guardStateAfter({ request, result }: RespondEvent): {
  readonly succeeded: boolean;
  /** Undefined if the guard is not armed any more. */
  readonly state?: GuardState;
} {
  const { deployment, settings } = request;
  const { action, nextTrigger: trigger } = request.cloudFormation.guard ?? {};
  const { deploymentId } = result.attributes;
  const succeeded = action === 'ARM' ? result.outcome === 'ARMED' && deploymentId !== undefined : !result.failed;
  if (!succeeded || trigger === undefined || deploymentId === undefined) return { succeeded };
  return { succeeded, state: { deployment, trigger, endpoint: settings.endpoint, deploymentId } };
}

import { isDeepStrictEqual } from 'node:util';
import type { CancellationInput, GuardState, RespondEvent } from '../../lib/contract/cancellation';
import { tryOrLog } from '../log';
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
  const { LogicalResourceId: logicalResourceId } = identity;
  const stored = await tryOrLog(guardStates.get(resourceKey(identity)), 'guard-state-not-read', { logicalResourceId });
  const state = parseGuardState(stored ?? '');
  if (state?.trigger !== armedTrigger || state.endpoint !== input.settings.endpoint) return undefined;
  if (!isDeepStrictEqual(state.deployment, input.deployment)) return undefined;
  return { ...input, ignoreDeploymentId: state.deploymentId };
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
  const put = guardStates.put(key, JSON.stringify(state)).then(() => true);
  const { LogicalResourceId: logicalResourceId } = cloudFormation;
  const saved = (await tryOrLog(put, 'guard-state-not-saved', { logicalResourceId })) ?? false;
  if (!saved) await tryDelete(guardStates, key);
  return saved;
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

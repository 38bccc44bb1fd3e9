import { isDeepStrictEqual } from 'node:util';
import type { GuardState, RespondEvent } from '../../lib/contract/cancellation';
import { tryOrLog } from '../log';
import { parseGuardState } from '../parse';
import { type Dependencies, tryDelete } from './dependencies';
import type { ParsedGuardProperties, ParsedGuardRequest } from './parsed-request';
import { resourceKey } from './request-identity';

/** How much the clocks of services may differ, in milliseconds. */
const CLOCK_TOLERANCE = 1_000;

/** Whether an Update of a guard belongs to an update of its stack or to its rollback. */
export type Direction = 'forward' | 'reverse' | 'unclear';

/**
 * Tells the reverse Update of a rollback from a forward one that arrives during the rollback: only the reverse one returns
 * to the trigger from before the guard was armed.
 *
 * @param since the start of the update, if the guard cannot have been armed for it earlier
 */
export function directionOf(
  { options: { trigger } }: ParsedGuardProperties,
  { options: { trigger: oldTrigger } }: ParsedGuardProperties,
  state: GuardState | undefined,
  since = Number.NEGATIVE_INFINITY,
): Direction {
  if (state?.trigger !== oldTrigger) return 'unclear';
  if (state.previousTrigger !== trigger) return 'forward';
  // Armed in an earlier update: this one returns to an earlier trigger.
  const isEarlier = state.armedAt !== undefined && Date.parse(state.armedAt) + CLOCK_TOLERANCE < since;
  return isEarlier ? 'forward' : 'reverse';
}

/** Whether a guard with these properties was armed. A state of another deployment, trigger, endpoint or role does not count. */
export function isArmedFor(
  state: GuardState | undefined,
  { cancellation: { deployment, settings }, options: { trigger } }: ParsedGuardProperties,
): state is GuardState {
  return (
    state?.trigger === trigger &&
    state.endpoint === settings.endpoint &&
    state.roleArn === settings.roleArn &&
    isDeepStrictEqual(state.deployment, deployment)
  );
}

/** Reads the state of a guard; undefined if there is none, or it could not be read. */
export async function readGuardState(
  { identity }: ParsedGuardRequest,
  { guardStates }: Dependencies,
): Promise<GuardState | undefined> {
  const { LogicalResourceId: logicalResourceId } = identity;
  const stored = await tryOrLog(guardStates.get(resourceKey(identity)), 'guard-state-not-read', { logicalResourceId });
  return parseGuardState(stored ?? '');
}

/** Saves or deletes the state of a guard after its execution. Returns whether the guard has succeeded. */
export async function updateGuardState(event: RespondEvent, { guardStates, clock }: Dependencies): Promise<boolean> {
  const { cloudFormation } = event.request;
  const { succeeded, state } = guardStateAfter(event, clock.now());
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

/**
 * Decides whether the execution of a guard has succeeded, and what the guard knows from now on.
 *
 * @param now the time of arming, if the result does not have it
 */
export function guardStateAfter(
  { request, result }: RespondEvent,
  now: number,
): {
  readonly succeeded: boolean;
  /** Undefined if the guard is not armed any more. */
  readonly state?: GuardState;
} {
  const { deployment, settings, requestedAt } = request;
  const { endpoint, roleArn } = settings;
  const { action, nextTrigger: trigger, previousTrigger } = request.cloudFormation.guard ?? {};
  const { deploymentId } = result.attributes;
  const succeeded = action === 'ARM' ? result.outcome === 'ARMED' && deploymentId !== undefined : !result.failed;
  if (!succeeded || trigger === undefined || deploymentId === undefined) return { succeeded };
  // A retry must not move it past the deployment that the stack has started meanwhile.
  const armedAt = result.readAt ?? requestedAt ?? new Date(now).toISOString();
  return {
    succeeded,
    state: { deployment, trigger, previousTrigger, endpoint, roleArn, deploymentId, armedAt },
  };
}

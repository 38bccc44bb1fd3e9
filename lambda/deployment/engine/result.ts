import {
  type Attributes,
  type Outcome,
  type Progress,
  STEPS,
  type TerminalOutcome,
  UNKNOWN_STATUS,
} from '../../../lib/contract/cancellation';
import type { DecisionContext } from './decision-context';
import type { CallError, Found, Phase } from './driver';

/** How a cancellation ends: the outcome, whether that is a failure, and a sentence that is true, cause first. */

/** It is known how the deployment ended, or that there is none: a failure only if the policy says so. */
export function completed(
  progress: Progress,
  outcome: TerminalOutcome | 'NOT_FOUND',
  found: Pick<Found, 'deploymentStatus' | 'attributes'> & { readonly phase?: Phase },
  context: DecisionContext,
): Progress {
  const { settings, displayName } = context;
  const { deploymentStatus, attributes } = found;
  if (outcome === 'NOT_FOUND') {
    const failed = settings.onNotFound === 'fail';
    const advice = failed ? ['check its names, the region and the account, or set onNotFound to succeed'] : [];
    return end(progress, outcome, failed, [`${displayName} was not found`, ...advice], deploymentStatus, attributes);
  }
  const failed = settings.failOn.includes(outcome);
  const sentence = sentenceOf(progress, outcome, found, context);
  const parts = [sentence, ...newer(progress), ...(failed ? [`failOn names ${outcome}`] : [])];
  return end(progress, outcome, failed, parts, deploymentStatus, attributes);
}

/** It exists, and nothing of it has ever been deployed. */
export function neverDeployed(progress: Progress, { settings, displayName }: DecisionContext): Progress {
  const failed = settings.failOn.includes('NOTHING_TO_CANCEL');
  const parts = [
    `nothing to cancel: ${displayName} has no deployment`,
    ...(failed ? ['failOn names NOTHING_TO_CANCEL'] : []),
  ];
  return end(progress, 'NOTHING_TO_CANCEL', failed, parts, UNKNOWN_STATUS, {});
}

/** A deployment that is not the one that is meant, or may not be. */
export type SkipReason =
  /** In flight before the guard was armed, or it may have been. */
  | 'TOO_EARLY'
  /** Started after its cancellation was asked for, or it may have. */
  | 'TOO_LATE';

export function skipped(progress: Progress, found: Found, reason: SkipReason, context: DecisionContext): Progress {
  const sentence = `${nameOf(progress, context)} was left alone: ${whyLeft(found, reason, context)}`;
  return end(progress, 'SKIPPED', false, [sentence], found.deploymentStatus, found.attributes);
}

function whyLeft({ startedAt = Number.NaN }: Found, reason: SkipReason, { requestedAt }: DecisionContext): string {
  if (reason === 'TOO_EARLY' || requestedAt === undefined) {
    return 'it is not known to have started after the guard was armed';
  }
  const asked = new Date(requestedAt).toISOString();
  return Number.isNaN(startedAt)
    ? `it is not known to have been in flight when a cancellation was asked for, at ${asked}`
    : `it started at ${new Date(startedAt).toISOString()}, after a cancellation was asked for, at ${asked}`;
}

/** A guard knows the deployment that is last, or, if nothing was found, that there is none. Without an id it knows neither. */
export function armed(progress: Progress, found: Found | undefined, context: DecisionContext): Progress {
  const { displayName } = context;
  if (!found) {
    const none = { ...progress, pinnedDeploymentId: '' };
    return end(none, 'ARMED', false, [`${displayName} has no deployment yet`], UNKNOWN_STATUS, {});
  }
  const sentence = `${nameOf(progress, context)} is the last one`;
  return end(progress, 'ARMED', false, [sentence], found.deploymentStatus, found.attributes);
}

function sentenceOf(
  progress: Progress,
  outcome: TerminalOutcome,
  { deploymentStatus: status, phase }: { readonly deploymentStatus: string; readonly phase?: Phase },
  context: DecisionContext,
): string {
  const deployment = nameOf(progress, context);
  switch (outcome) {
    case 'CANCELLED':
      return `${deployment} is ${status}`;
    case 'COMPLETED_FIRST':
      return `${deployment} ended as ${status} before a cancellation took hold`;
    case 'CANCEL_FAILED':
      return `the cancellation of ${deployment} failed: it ended as ${status}`;
    case 'NOTHING_TO_CANCEL':
      return progress.next === STEPS.FIND
        ? `nothing to cancel: ${deployment} had ended as ${status}`
        : // A step that was cut off and taken again does not know what it asked for the first time.
          `${deployment} ended as ${status}, and no cancellation of it is known to have been accepted`;
    case 'SUPERSEDED':
      if (status === UNKNOWN_STATUS) return `how ${deployment} ended cannot be known any more: ${lastSeen(progress)}`;
      if (phase === 'SUPERSEDED') return `${deployment} gave way to a newer one, and ended as ${status}`;
      return progress.supersededBy === undefined
        ? `${deployment} gave way to a deletion, which ended as ${status}`
        : `${deployment} ended as ${status}`;
  }
}

/** The deadline has passed, and the deployment is not over. */
export function timedOut(progress: Progress, context: DecisionContext, found?: Found): Progress {
  const { requested, lastError } = progress;
  const cause = [`the timeout of ${context.settings.timeoutSeconds} s has passed`];
  if (!requested) cause.push('no cancellation is known to have been accepted');
  if (lastError !== undefined) cause.push(`last error: ${lastError}`);
  return fail(progress, 'TIMED_OUT', cause, context, found);
}

export function accessDenied(
  progress: Progress,
  { action, resourceArn }: CallError,
  context: DecisionContext,
): Progress {
  const cause = [
    `not allowed to call ${action} on ${resourceArn}`,
    'allow it to the role of the deployment function, in every policy that applies',
    context.unavailableHint,
  ];
  return fail(progress, 'ACCESS_DENIED', cause, context);
}

/** The service understood, and would not: `words` are its own. */
export function rejected(progress: Progress, words: string, context: DecisionContext): Progress {
  return fail(progress, 'REFUSED', [`the service refused ${words}`], context);
}

/** What is in flight is nothing that can be cancelled. */
export function notCancellable(progress: Progress, found: Found, context: DecisionContext): Progress {
  const { deploymentStatus, obstacle } = found;
  const sentence = `${obstacle ?? `what is ${deploymentStatus} cannot be cancelled`}, and nothing was`;
  return fail({ ...progress, lastSeen: deploymentStatus }, 'REFUSED', [sentence], context, found);
}

export function unavailable(progress: Progress, error: CallError, context: DecisionContext): Progress {
  const { action, endpoint, errorName, message } = error;
  const cause = [`${endpoint} gave no usable answer to ${action}`, context.unavailableHint, `${errorName}: ${message}`];
  return fail(progress, 'UNAVAILABLE', cause, context);
}

/** It cannot be known how the deployment ends: always a failure. */
function fail(
  progress: Progress,
  outcome: Exclude<Outcome, TerminalOutcome>,
  cause: readonly string[],
  context: DecisionContext,
  found?: Found,
): Progress {
  const parts = [...cause, `${nameOf(progress, context)} was ${lastSeen(progress)}`, ...newer(progress)];
  return end(progress, outcome, true, parts, progress.lastSeen ?? UNKNOWN_STATUS, found?.attributes ?? {});
}

function nameOf({ pinnedDeploymentId }: Progress, { displayName }: DecisionContext): string {
  return pinnedDeploymentId === undefined
    ? `the deployment of ${displayName}`
    : `deployment ${pinnedDeploymentId} of ${displayName}`;
}

function lastSeen({ lastSeen }: Progress): string {
  return lastSeen === undefined ? 'never seen' : `last seen as ${lastSeen}`;
}

function newer({ supersededBy, cancelReachedNewer }: Progress): string[] {
  if (supersededBy === undefined) return [];
  const taken = `a newer deployment, ${supersededBy}, has taken its place`;
  return [cancelReachedNewer ? `${taken}, and the cancellation may have reached that one` : taken];
}

function end(
  progress: Progress,
  outcome: Outcome,
  failed: boolean,
  parts: readonly string[],
  deploymentStatus: string,
  found: Attributes,
): Progress {
  const attributes = { ...found, deploymentId: progress.pinnedDeploymentId, deploymentStatus, outcome };
  return {
    ...progress,
    next: STEPS.END,
    waitSeconds: 0,
    result: { outcome, failed, reason: parts.join('; '), attributes },
  };
}

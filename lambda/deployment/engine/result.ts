import {
  type Attributes,
  type KnownEnd,
  type Outcome,
  type Progress,
  STEPS,
  UNKNOWN_STATUS,
} from '../../../lib/contract/cancellation';
import type { Circumstances } from './decision-context';
import type { Phase, Seen, Trouble } from './driver';

/** How a cancellation ends: the outcome, whether that is a failure, and a sentence that is true, cause first. */

/** It is known how the deployment ended, or that there is none: a failure only if the policy says so. */
export function conclude(
  progress: Progress,
  outcome: KnownEnd | 'NOT_FOUND',
  found: Pick<Seen, 'deploymentStatus' | 'attributes'> & { readonly phase?: Phase },
  circumstances: Circumstances,
): Progress {
  const { policy, subject } = circumstances;
  const { deploymentStatus, attributes } = found;
  if (outcome === 'NOT_FOUND') {
    const failed = policy.onNotFound === 'fail';
    const advice = failed ? ['check its names, the region and the account, or set onNotFound to succeed'] : [];
    return end(progress, outcome, failed, [`${subject} was not found`, ...advice], deploymentStatus, attributes);
  }
  const failed = policy.failOn.includes(outcome);
  const sentence = sentenceOf(progress, outcome, found, circumstances);
  const parts = [sentence, ...newer(progress), ...(failed ? [`failOn names ${outcome}`] : [])];
  return end(progress, outcome, failed, parts, deploymentStatus, attributes);
}

/** It exists, and nothing of it has ever been deployed. */
export function idle(progress: Progress, { policy, subject }: Circumstances): Progress {
  const failed = policy.failOn.includes('NOTHING_TO_CANCEL');
  const parts = [
    `nothing to cancel: ${subject} has no deployment`,
    ...(failed ? ['failOn names NOTHING_TO_CANCEL'] : []),
  ];
  return end(progress, 'NOTHING_TO_CANCEL', failed, parts, UNKNOWN_STATUS, {});
}

/** A deployment that is not the one that is meant, or may not be. */
export type Stranger =
  /** In flight before the guard was armed, or it may have been. */
  | 'TOO_EARLY'
  /** Started after its cancellation was asked for, or it may have. */
  | 'TOO_LATE';

export function leftAlone(progress: Progress, seen: Seen, stranger: Stranger, circumstances: Circumstances): Progress {
  const sentence = `${nameOf(progress, circumstances)} was left alone: ${whyLeft(seen, stranger, circumstances)}`;
  return end(progress, 'LEFT_ALONE', false, [sentence], seen.deploymentStatus, seen.attributes);
}

function whyLeft({ startedAt = Number.NaN }: Seen, stranger: Stranger, { askedAt }: Circumstances): string {
  if (stranger === 'TOO_EARLY' || askedAt === undefined) {
    return 'it is not known to have started after the guard was armed';
  }
  const asked = new Date(askedAt).toISOString();
  return Number.isNaN(startedAt)
    ? `it is not known to have been in flight when a cancellation was asked for, at ${asked}`
    : `it started at ${new Date(startedAt).toISOString()}, after a cancellation was asked for, at ${asked}`;
}

/** A guard knows the deployment that is last, or, if nothing was found, that there is none. Without an id it knows neither. */
export function armed(progress: Progress, seen: Seen | undefined, circumstances: Circumstances): Progress {
  const { subject } = circumstances;
  if (!seen) {
    const none = { ...progress, pinnedDeploymentId: '' };
    return end(none, 'ARMED', false, [`${subject} has no deployment yet`], UNKNOWN_STATUS, {});
  }
  const sentence = `${nameOf(progress, circumstances)} is the last one`;
  return end(progress, 'ARMED', false, [sentence], seen.deploymentStatus, seen.attributes);
}

function sentenceOf(
  progress: Progress,
  outcome: KnownEnd,
  { deploymentStatus: status, phase }: { readonly deploymentStatus: string; readonly phase?: Phase },
  circumstances: Circumstances,
): string {
  const deployment = nameOf(progress, circumstances);
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
export function timedOut(progress: Progress, circumstances: Circumstances, seen?: Seen): Progress {
  const { requested, lastTrouble } = progress;
  const cause = [`the timeout of ${circumstances.policy.timeoutSeconds} s has passed`];
  if (!requested) cause.push('no cancellation is known to have been accepted');
  if (lastTrouble !== undefined) cause.push(`the last trouble was ${lastTrouble}`);
  return fail(progress, 'TIMED_OUT', cause, circumstances, seen);
}

export function denied(progress: Progress, { action, resourceArn }: Trouble, circumstances: Circumstances): Progress {
  const cause = [
    `not allowed to call ${action} on ${resourceArn}`,
    'allow it to the role of the deployment function, in every policy that applies',
    circumstances.unavailableHint,
  ];
  return fail(progress, 'ACCESS_DENIED', cause, circumstances);
}

/** The service understood, and would not: `words` are its own. */
export function refused(progress: Progress, words: string, circumstances: Circumstances): Progress {
  return fail(progress, 'REFUSED', [`the service refused ${words}`], circumstances);
}

/** What is in flight is nothing that can be cancelled. */
export function notCancellable(progress: Progress, seen: Seen, circumstances: Circumstances): Progress {
  const { deploymentStatus, obstacle } = seen;
  const sentence = `${obstacle ?? `what is ${deploymentStatus} cannot be cancelled`}, and nothing was`;
  return fail({ ...progress, lastSeen: deploymentStatus }, 'REFUSED', [sentence], circumstances, seen);
}

export function unavailable(progress: Progress, trouble: Trouble, circumstances: Circumstances): Progress {
  const { action, endpoint, errorName, message } = trouble;
  const cause = [
    `${endpoint} gave no usable answer to ${action}`,
    circumstances.unavailableHint,
    `${errorName}: ${message}`,
  ];
  return fail(progress, 'UNAVAILABLE', cause, circumstances);
}

/** It cannot be known how the deployment ends: always a failure. */
function fail(
  progress: Progress,
  outcome: Exclude<Outcome, KnownEnd>,
  cause: readonly string[],
  circumstances: Circumstances,
  seen?: Seen,
): Progress {
  const parts = [...cause, `${nameOf(progress, circumstances)} was ${lastSeen(progress)}`, ...newer(progress)];
  return end(progress, outcome, true, parts, progress.lastSeen ?? UNKNOWN_STATUS, seen?.attributes ?? {});
}

function nameOf({ pinnedDeploymentId }: Progress, { subject }: Circumstances): string {
  return pinnedDeploymentId === undefined
    ? `the deployment of ${subject}`
    : `deployment ${pinnedDeploymentId} of ${subject}`;
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

import { type KnownEnd, type Progress, STEPS, type Step, UNKNOWN_STATUS } from '../../../lib/contract/cancellation';
import type { Circumstances } from './decision-context';
import type { Missing, Phase, Seen, Sighting, Trouble } from './driver';
import { backoff, pollInterval, UNREACHABLE_PATIENCE } from './polling';
import {
  armed,
  conclude,
  denied,
  idle,
  leftAlone,
  notCancellable,
  refused,
  type Stranger,
  timedOut,
  unavailable,
} from './result';

export const BEGINNING: Progress = { next: STEPS.FIND, waitSeconds: 0 };

/**
 * How much later than it was asked for a deployment may seem to have started and still be the one that is meant: clocks
 * differ a little, and the time of an event is cut to whole seconds.
 */
export const CLOCK_TOLERANCE = 5_000;

/** How often a refused cancellation is asked for, as long as each read says that it is still in flight. */
const MAX_REFUSALS = 3;

/** In flight: what to do, unless the deployment is waited for already. */
interface InFlight {
  readonly next: Step;
}

/** Over: how it came out if its cancellation may have been accepted, and if none is known to have been. */
interface Over {
  readonly requested: KnownEnd;
  readonly otherwise: KnownEnd;
}

/** The deletion of a resource takes its deployment with it. */
const DELETED: Over = { requested: 'SUPERSEDED', otherwise: 'NOTHING_TO_CANCEL' };

/** What each phase of the pinned deployment means. What is over when it is first seen is NOTHING_TO_CANCEL. */
const MEANING: Readonly<Record<Phase, InFlight | Over>> = {
  IN_PROGRESS: { next: STEPS.CANCEL },
  // As soon as it is known to be in progress: see `mayCancel`.
  UNKNOWN: { next: STEPS.CANCEL },
  CANCELLING: { next: STEPS.AWAIT },
  ENDING: { next: STEPS.AWAIT },
  NOT_CANCELLABLE: { next: STEPS.AWAIT },
  DELETING: { next: STEPS.AWAIT },
  CANCELLED: { requested: 'CANCELLED', otherwise: 'CANCELLED' },
  COMPLETED: { requested: 'COMPLETED_FIRST', otherwise: 'COMPLETED_FIRST' },
  FAILED: { requested: 'CANCEL_FAILED', otherwise: 'NOTHING_TO_CANCEL' },
  SUPERSEDED: { requested: 'SUPERSEDED', otherwise: 'SUPERSEDED' },
  DELETION_OVER: DELETED,
};

/** What follows from a look. */
export function afterLook(progress: Progress, sighting: Sighting, circumstances: Circumstances): Progress {
  switch (sighting.kind) {
    case 'seen':
      return afterSeen(progress, sighting, circumstances);
    case 'missing':
      return afterMissing(progress, sighting, circumstances);
    case 'idle':
      return afterIdle(progress, circumstances);
    case 'trouble':
      // A read that is refused would be refused again.
      if (sighting.trouble === 'refused') return refused(progress, words(sighting), circumstances);
      return afterTrouble(progress, sighting, circumstances);
  }
}

/**
 * Whether to ask for the cancellation now: only right after a look that found the pinned deployment in progress, and
 * only if it had been pinned before this step began. So no retry of the step can pin, and cancel, another one.
 */
export function mayCancel(kept: Progress, progress: Progress, sighting: Sighting): boolean {
  return (
    kept.next === STEPS.CANCEL &&
    progress.next === STEPS.CANCEL &&
    sighting.kind === 'seen' &&
    sighting.phase === 'IN_PROGRESS' &&
    sighting.deploymentId === kept.pinnedDeploymentId
  );
}

/** What follows from having asked to cancel. Whether it took hold is left to the next look, whatever was answered. */
export function afterCancel(progress: Progress, answer: Seen | Trouble, circumstances: Circumstances): Progress {
  if (answer.kind === 'trouble') {
    const { trouble } = answer;
    const refusals = trouble === 'refused' && { refusals: (progress.refusals ?? 0) + 1, lastRefusal: words(answer) };
    const mayHaveActed = trouble === 'server-error' || trouble === 'unreachable';
    const doubt = mayHaveActed && { requested: true, cancelReachedNewer: true };
    return afterTrouble({ ...progress, ...refusals, ...doubt }, answer, circumstances);
  }
  const reached = answer.deploymentId;
  const pinned = progress.pinnedDeploymentId ?? reached;
  const asked: Progress = {
    ...calm(progress),
    next: STEPS.AWAIT,
    pinnedDeploymentId: pinned,
    requested: true,
    cancelReachedNewer: reached !== pinned,
  };
  if (reached !== undefined && reached !== pinned) {
    return goOn({ ...asked, supersededBy: reached }, 0, circumstances);
  }
  const lastSeen = answer.deploymentStatus;
  return goOn({ ...asked, lastSeen }, intervalOf(0, circumstances), circumstances, answer);
}

function afterSeen(before: Progress, seen: Seen, circumstances: Circumstances): Progress {
  const { deploymentId, deploymentStatus, phase } = seen;
  const pinnedDeploymentId = before.pinnedDeploymentId ?? deploymentId;
  const progress: Progress = { ...before, pinnedDeploymentId, unreachableSince: undefined };
  const interval = intervalOf(circumstances.now - circumstances.startedAt, circumstances);

  if (deploymentId !== pinnedDeploymentId) {
    // Only another id is another deployment. An answer without one says nothing about the pinned deployment.
    if (deploymentId === undefined) return goOn(progress, interval, circumstances);
    return goOn({ ...progress, next: STEPS.AWAIT, supersededBy: deploymentId }, 0, circumstances);
  }

  if (circumstances.onlyLook) return armed(progress, seen, circumstances);
  const meaning = MEANING[phase];
  if (!('next' in meaning)) return conclude(progress, outcomeOf(meaning, progress), seen, circumstances);

  if (before.next === STEPS.FIND) {
    const stranger = strangerIn(seen, circumstances);
    if (stranger) return leftAlone(progress, seen, stranger, circumstances);
    if (phase === 'NOT_CANCELLABLE') return notCancellable(progress, seen, circumstances);
  }

  const next = before.next === STEPS.AWAIT ? STEPS.AWAIT : meaning.next;
  const again = next === STEPS.CANCEL && before.next === STEPS.CANCEL;
  const further: Progress = {
    // Trouble with the cancellation goes on counting through reads that succeed.
    ...(again ? progress : calm(progress)),
    next,
    lastSeen: deploymentStatus,
    // Whoever asked for it, the cancellation has reached this deployment.
    ...(phase === 'CANCELLING' && { requested: true, cancelReachedNewer: false }),
  };
  const { refusals = 0, lastRefusal } = further;
  if (again && phase === 'IN_PROGRESS' && lastRefusal !== undefined && refusals >= MAX_REFUSALS) {
    return refused(further, lastRefusal, circumstances);
  }
  return goOn(further, next === STEPS.CANCEL && !again ? 0 : interval, circumstances, seen);
}

/** Where something was in flight, no trace of it is left. */
function afterIdle(progress: Progress, circumstances: Circumstances): Progress {
  if (progress.next !== STEPS.FIND) {
    return afterMissing(progress, { kind: 'missing', deploymentStatus: UNKNOWN_STATUS }, circumstances);
  }
  return circumstances.onlyLook ? armed(progress, undefined, circumstances) : idle(progress, circumstances);
}

function afterMissing(progress: Progress, { deploymentStatus }: Missing, circumstances: Circumstances): Progress {
  const found = progress.next !== STEPS.FIND;
  if (circumstances.onlyLook) return armed(progress, undefined, circumstances);
  return conclude(
    progress,
    found ? outcomeOf(DELETED, progress) : 'NOT_FOUND',
    { deploymentStatus: found ? deploymentStatus : UNKNOWN_STATUS, attributes: {} },
    circumstances,
  );
}

/** Why what is in flight is to be left alone. What is not known to be the one that is meant may be another. */
function strangerIn({ deploymentId, startedAt }: Seen, { leaveAlone, askedAt }: Circumstances): Stranger | undefined {
  if (leaveAlone !== undefined && (deploymentId === undefined || deploymentId === leaveAlone)) return 'TOO_EARLY';
  if (askedAt === undefined) return undefined;
  const inTime = startedAt !== undefined && startedAt <= askedAt + CLOCK_TOLERANCE;
  return inTime ? undefined : 'TOO_LATE';
}

function outcomeOf(over: Over, { next, supersededBy, requested }: Progress): KnownEnd {
  if (next === STEPS.FIND) return 'NOTHING_TO_CANCEL';
  if (supersededBy !== undefined) return 'SUPERSEDED';
  return requested ? over.requested : over.otherwise;
}

/** Another try, after a while that grows, unless there is no point in it. */
function afterTrouble(progress: Progress, trouble: Trouble, circumstances: Circumstances): Progress {
  const { now, random } = circumstances;
  if (trouble.trouble === 'denied') return denied(progress, trouble, circumstances);
  const troubles = (progress.troubles ?? 0) + 1;
  const further: Progress = { ...progress, troubles, lastTrouble: words(trouble), unreachableSince: undefined };
  if (trouble.trouble !== 'unreachable') return goOn(further, backoff(troubles, random), circumstances);
  const { unreachableSince = now } = progress;
  if (now - unreachableSince >= UNREACHABLE_PATIENCE || timeLeft(circumstances) <= 0) {
    return unavailable(progress, trouble, circumstances);
  }
  return goOn({ ...further, unreachableSince }, backoff(troubles, random), circumstances);
}

function calm(progress: Progress): Progress {
  return { ...progress, troubles: 0, lastTrouble: undefined, unreachableSince: undefined };
}

/** Goes on after a while. Nobody waits past the deadline: the last wait is cut short, and what is seen then is the end. */
function goOn(progress: Progress, wait: number, circumstances: Circumstances, seen?: Seen): Progress {
  const left = timeLeft(circumstances);
  return left > 0 ? { ...progress, waitSeconds: Math.min(wait, left) / 1000 } : timedOut(progress, circumstances, seen);
}

function intervalOf(elapsed: number, { random, crowd, policy }: Circumstances): number {
  const { pollIntervalSeconds: chosen } = policy;
  return pollInterval(elapsed, random, crowd, chosen === undefined ? undefined : chosen * 1000);
}

function timeLeft({ startedAt, policy, now }: Circumstances): number {
  return startedAt + policy.timeoutSeconds * 1000 - now;
}

/** What a service had to say, as it stands in a reason. */
function words({ action, errorName, message }: Trouble): string {
  return `${action}: ${errorName}: ${message}`;
}

import {
  type Progress,
  STEPS,
  type Step,
  type TerminalOutcome,
  UNKNOWN_STATUS,
} from '../../../lib/contract/cancellation';
import type { DecisionContext } from './decision-context';
import type { CallError, Found, NotFound, Phase, ReadResult } from './driver';
import { backoff, pollInterval, UNREACHABLE_TIMEOUT_MS } from './polling';
import {
  accessDenied,
  armed,
  completed,
  neverDeployed,
  notCancellable,
  rejected,
  type SkipReason,
  skipped,
  timedOut,
  unavailable,
} from './result';

export const INITIAL_PROGRESS: Progress = { next: STEPS.FIND, waitSeconds: 0 };

/**
 * How much later than it was asked for a deployment may seem to have started and still be the one that is meant: clocks
 * differ a little, and the time of an event is cut to whole seconds.
 */
export const CLOCK_TOLERANCE = 5_000;

/** How often a refused cancellation is asked for, as long as each read says that it is still in flight. */
const MAX_REJECTIONS = 3;

/** In flight: what to do, unless the deployment is waited for already. */
interface InFlight {
  readonly next: Step;
}

/** Over: how it came out if its cancellation may have been accepted, and if none is known to have been. */
interface Over {
  readonly requested: TerminalOutcome;
  readonly otherwise: TerminalOutcome;
}

/** The deletion of a resource takes its deployment with it. */
const DELETED: Over = { requested: 'SUPERSEDED', otherwise: 'NOTHING_TO_CANCEL' };

/** What each phase of the pinned deployment means. What is over when it is first seen is NOTHING_TO_CANCEL. */
const PHASE_TRANSITIONS: Readonly<Record<Phase, InFlight | Over>> = {
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
export function afterRead(progress: Progress, read: ReadResult, context: DecisionContext): Progress {
  switch (read.kind) {
    case 'found':
      return afterFound(progress, read, context);
    case 'not-found':
      return afterNotFound(progress, read, context);
    case 'never-deployed':
      return afterNeverDeployed(progress, context);
    case 'error':
      // A read that is refused would be refused again.
      if (read.errorType === 'rejected') return rejected(progress, formatError(read), context);
      return afterError(progress, read, context);
  }
}

/**
 * Whether to ask for the cancellation now: only right after a look that found the pinned deployment in progress, and
 * only if it had been pinned before this step began. So no retry of the step can pin, and cancel, another one.
 */
export function mayCancel(kept: Progress, progress: Progress, read: ReadResult): boolean {
  return (
    kept.next === STEPS.CANCEL &&
    progress.next === STEPS.CANCEL &&
    read.kind === 'found' &&
    read.phase === 'IN_PROGRESS' &&
    read.deploymentId === kept.pinnedDeploymentId
  );
}

/** What follows from having asked to cancel. Whether it took hold is left to the next look, whatever was answered. */
export function afterCancel(progress: Progress, answer: Found | CallError, context: DecisionContext): Progress {
  if (answer.kind === 'error') {
    const { errorType } = answer;
    const rejections = errorType === 'rejected' && {
      rejections: (progress.rejections ?? 0) + 1,
      lastRejection: formatError(answer),
    };
    const mayHaveActed = errorType === 'server-error' || errorType === 'unreachable';
    const doubt = mayHaveActed && { requested: true, cancelReachedNewer: true };
    return afterError({ ...progress, ...rejections, ...doubt }, answer, context);
  }
  const reached = answer.deploymentId;
  const pinned = progress.pinnedDeploymentId ?? reached;
  const asked: Progress = {
    ...resetErrors(progress),
    next: STEPS.AWAIT,
    pinnedDeploymentId: pinned,
    requested: true,
    cancelReachedNewer: reached !== pinned,
  };
  if (reached !== undefined && reached !== pinned) {
    return waitAndContinue({ ...asked, supersededBy: reached }, 0, context);
  }
  const lastSeen = answer.deploymentStatus;
  return waitAndContinue({ ...asked, lastSeen }, intervalOf(0, context), context, answer);
}

function afterFound(before: Progress, found: Found, context: DecisionContext): Progress {
  const { deploymentId, deploymentStatus, phase } = found;
  const pinnedDeploymentId = before.pinnedDeploymentId ?? deploymentId;
  const progress: Progress = { ...before, pinnedDeploymentId, unreachableSince: undefined };
  const interval = intervalOf(context.now - context.startedAt, context);

  if (deploymentId !== pinnedDeploymentId) {
    // Only another id is another deployment. An answer without one says nothing about the pinned deployment.
    if (deploymentId === undefined) return waitAndContinue(progress, interval, context);
    return waitAndContinue({ ...progress, next: STEPS.AWAIT, supersededBy: deploymentId }, 0, context);
  }

  if (context.observeOnly) return armed(progress, found, context);
  const meaning = PHASE_TRANSITIONS[phase];
  if (!('next' in meaning)) return completed(progress, outcomeOf(meaning, progress), found, context);

  if (before.next === STEPS.FIND) {
    const reason = skipReason(found, context);
    if (reason) return skipped(progress, found, reason, context);
    if (phase === 'NOT_CANCELLABLE') return notCancellable(progress, found, context);
  }

  const next = before.next === STEPS.AWAIT ? STEPS.AWAIT : meaning.next;
  const again = next === STEPS.CANCEL && before.next === STEPS.CANCEL;
  const further: Progress = {
    // Trouble with the cancellation goes on counting through reads that succeed.
    ...(again ? progress : resetErrors(progress)),
    next,
    lastSeen: deploymentStatus,
    // Whoever asked for it, the cancellation has reached this deployment.
    ...(phase === 'CANCELLING' && { requested: true, cancelReachedNewer: false }),
  };
  const { rejections = 0, lastRejection } = further;
  if (again && phase === 'IN_PROGRESS' && lastRejection !== undefined && rejections >= MAX_REJECTIONS) {
    return rejected(further, lastRejection, context);
  }
  return waitAndContinue(further, next === STEPS.CANCEL && !again ? 0 : interval, context, found);
}

/** Where something was in flight, no trace of it is left. */
function afterNeverDeployed(progress: Progress, context: DecisionContext): Progress {
  if (progress.next !== STEPS.FIND) {
    return afterNotFound(progress, { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS }, context);
  }
  return context.observeOnly ? armed(progress, undefined, context) : neverDeployed(progress, context);
}

function afterNotFound(progress: Progress, { deploymentStatus }: NotFound, context: DecisionContext): Progress {
  const found = progress.next !== STEPS.FIND;
  if (context.observeOnly) return armed(progress, undefined, context);
  return completed(
    progress,
    found ? outcomeOf(DELETED, progress) : 'NOT_FOUND',
    { deploymentStatus: found ? deploymentStatus : UNKNOWN_STATUS, attributes: {} },
    context,
  );
}

/** Why what is in flight is to be left alone. What is not known to be the one that is meant may be another. */
function skipReason(
  { deploymentId, startedAt }: Found,
  { ignoreDeploymentId, requestedAt }: DecisionContext,
): SkipReason | undefined {
  if (ignoreDeploymentId !== undefined && (deploymentId === undefined || deploymentId === ignoreDeploymentId))
    return 'TOO_EARLY';
  if (requestedAt === undefined) return undefined;
  const inTime = startedAt !== undefined && startedAt <= requestedAt + CLOCK_TOLERANCE;
  return inTime ? undefined : 'TOO_LATE';
}

function outcomeOf(over: Over, { next, supersededBy, requested }: Progress): TerminalOutcome {
  if (next === STEPS.FIND) return 'NOTHING_TO_CANCEL';
  if (supersededBy !== undefined) return 'SUPERSEDED';
  return requested ? over.requested : over.otherwise;
}

/** Another try, after a while that grows, unless there is no point in it. */
function afterError(progress: Progress, error: CallError, context: DecisionContext): Progress {
  const { now, random } = context;
  if (error.errorType === 'denied') return accessDenied(progress, error, context);
  const consecutiveErrors = (progress.consecutiveErrors ?? 0) + 1;
  const further: Progress = {
    ...progress,
    consecutiveErrors,
    lastError: formatError(error),
    unreachableSince: undefined,
  };
  if (error.errorType !== 'unreachable') return waitAndContinue(further, backoff(consecutiveErrors, random), context);
  const { unreachableSince = now } = progress;
  if (now - unreachableSince >= UNREACHABLE_TIMEOUT_MS || timeLeft(context) <= 0) {
    return unavailable(progress, error, context);
  }
  return waitAndContinue({ ...further, unreachableSince }, backoff(consecutiveErrors, random), context);
}

function resetErrors(progress: Progress): Progress {
  return { ...progress, consecutiveErrors: 0, lastError: undefined, unreachableSince: undefined };
}

/** Goes on after a while. Nobody waits past the deadline: the last wait is cut short, and what is seen then is the end. */
function waitAndContinue(progress: Progress, wait: number, context: DecisionContext, found?: Found): Progress {
  const left = timeLeft(context);
  return left > 0 ? { ...progress, waitSeconds: Math.min(wait, left) / 1000 } : timedOut(progress, context, found);
}

function intervalOf(elapsed: number, { random, activeCount, settings }: DecisionContext): number {
  const { pollIntervalSeconds: chosen } = settings;
  return pollInterval(elapsed, random, activeCount, chosen === undefined ? undefined : chosen * 1000);
}

function timeLeft({ startedAt, settings, now }: DecisionContext): number {
  return startedAt + settings.timeoutSeconds * 1000 - now;
}

/** What a service had to say, as it stands in a reason. */
function formatError({ action, errorName, message }: CallError): string {
  return `${action}: ${errorName}: ${message}`;
}

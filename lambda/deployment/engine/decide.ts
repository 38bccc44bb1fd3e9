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
import type { End, SkipReason } from './result';

/** The cancellation goes on, or has ended. */
export type Decision = Progress | End;

export const INITIAL_PROGRESS: Progress = { next: STEPS.FIND, waitSeconds: 0 };

/**
 * How much later than the request a deployment may have started and still be the one to cancel, in milliseconds: clocks
 * differ a little, and the time of an event is rounded down to a second.
 */
export const CLOCK_TOLERANCE = 5_000;

/** How many rejections end a cancellation of a deployment that is still in progress. */
const MAX_REJECTIONS = 3;

/** In flight: the next step, unless the deployment is awaited already. */
interface InFlight {
  readonly next: Step;
}

/** Over: the outcome if a cancellation may have been accepted, and if none is known to have been. */
interface Over {
  readonly requested: TerminalOutcome;
  readonly otherwise: TerminalOutcome;
}

/** The deletion of a resource ends its deployment. */
const DELETED: Over = { requested: 'SUPERSEDED', otherwise: 'NOTHING_TO_CANCEL' };

/** What follows from each phase of the pinned deployment. A deployment that is over in the first read is NOTHING_TO_CANCEL. */
const PHASE_TRANSITIONS: Readonly<Record<Phase, InFlight | Over>> = {
  IN_PROGRESS: { next: STEPS.CANCEL },
  // Cancelled as soon as it is known to be in progress: see `mayCancel`.
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

/** Decides what follows from a read. */
export function afterRead(progress: Progress, read: ReadResult, context: DecisionContext): Decision {
  switch (read.kind) {
    case 'found':
      return afterFound(progress, read, context);
    case 'not-found':
      return afterNotFound(progress, read, context);
    case 'never-deployed':
      return afterNeverDeployed(progress, context);
    case 'error':
      // A read that is rejected once would be rejected again.
      if (read.errorType === 'rejected') return { outcome: 'REFUSED', progress, rejection: formatError(read) };
      return afterError(progress, read, context);
  }
}

/**
 * Whether to cancel now: only right after a read that found the pinned deployment in progress, and only if it was pinned
 * before this step started. So a retry of the step can pin no other deployment and cancel that one.
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

/** Decides what follows from a cancel request. The next read tells whether it was effective, no matter how the service responded. */
export function afterCancel(progress: Progress, response: Found | CallError, context: DecisionContext): Decision {
  if (response.kind === 'error') {
    const { errorType } = response;
    const rejection = errorType === 'rejected' && {
      rejections: (progress.rejections ?? 0) + 1,
      lastRejection: formatError(response),
    };
    const mayHaveActed = errorType === 'server-error' || errorType === 'unreachable';
    const doubt = mayHaveActed && { requested: true, cancelReachedNewer: true };
    return afterError({ ...progress, ...rejection, ...doubt }, response, context);
  }
  const reached = response.deploymentId;
  const pinned = progress.pinnedDeploymentId ?? reached;
  const requested: Progress = {
    ...resetErrors(progress),
    next: STEPS.AWAIT,
    pinnedDeploymentId: pinned,
    requested: true,
    cancelReachedNewer: reached !== pinned,
  };
  if (reached !== undefined && reached !== pinned) {
    return waitAndContinue({ ...requested, supersededBy: reached }, 0, context);
  }
  const lastSeen = response.deploymentStatus;
  return waitAndContinue({ ...requested, lastSeen }, intervalOf(0, context), context, response);
}

function afterFound(before: Progress, read: Found, context: DecisionContext): Decision {
  const { deploymentId, deploymentStatus, phase } = read;
  const pinnedDeploymentId = before.pinnedDeploymentId ?? deploymentId;
  const progress: Progress = { ...before, pinnedDeploymentId, unreachableSince: undefined };
  const interval = intervalOf(context.now - context.startedAt, context);

  if (deploymentId !== pinnedDeploymentId) {
    // Without an id, it is not known to be another deployment, and says nothing about the pinned one.
    if (deploymentId === undefined) return waitAndContinue(progress, interval, context);
    return waitAndContinue({ ...progress, next: STEPS.AWAIT, supersededBy: deploymentId }, 0, context);
  }

  if (context.observeOnly) return { outcome: 'ARMED', progress, read };
  const transition = PHASE_TRANSITIONS[phase];
  if (!('next' in transition)) return { outcome: outcomeOf(transition, progress), progress, read };

  if (before.next === STEPS.FIND) {
    const reason = skipReason(read, context);
    if (reason) return { outcome: 'SKIPPED', progress, read, reason };
    if (phase === 'NOT_CANCELLABLE') {
      return { outcome: 'REFUSED', progress: { ...progress, lastSeen: deploymentStatus }, read };
    }
  }

  const next = before.next === STEPS.AWAIT ? STEPS.AWAIT : transition.next;
  const again = next === STEPS.CANCEL && before.next === STEPS.CANCEL;
  const further: Progress = {
    // Errors of the cancel request go on counting through successful reads.
    ...(again ? progress : resetErrors(progress)),
    next,
    lastSeen: deploymentStatus,
    // No matter who requested it, the cancellation has reached this deployment.
    ...(phase === 'CANCELLING' && { requested: true, cancelReachedNewer: false }),
  };
  const { rejections = 0, lastRejection: rejection } = further;
  if (again && phase === 'IN_PROGRESS' && rejection !== undefined && rejections >= MAX_REJECTIONS) {
    return { outcome: 'REFUSED', progress: further, rejection };
  }
  return waitAndContinue(further, next === STEPS.CANCEL && !again ? 0 : interval, context, read);
}

function afterNeverDeployed(progress: Progress, context: DecisionContext): Decision {
  // A deployment was in flight before, so its record is gone.
  if (progress.next !== STEPS.FIND) {
    return afterNotFound(progress, { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS }, context);
  }
  return context.observeOnly
    ? armedWithoutDeployment(progress)
    : { outcome: 'NOTHING_TO_CANCEL', progress, read: undefined };
}

function afterNotFound(progress: Progress, read: NotFound, { observeOnly }: DecisionContext): Decision {
  if (observeOnly) return armedWithoutDeployment(progress);
  if (progress.next === STEPS.FIND) return { outcome: 'NOT_FOUND', progress };
  return { outcome: outcomeOf(DELETED, progress), progress, read };
}

/** The guard knows that there is no deployment, which an undefined id would not say. */
function armedWithoutDeployment(progress: Progress): End {
  return { outcome: 'ARMED', progress: { ...progress, pinnedDeploymentId: '' }, read: undefined };
}

/** Why a deployment in flight is not cancelled: it is not known to be the requested one. */
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

/** Tries again with a growing backoff, unless that is pointless. */
function afterError(progress: Progress, error: CallError, context: DecisionContext): Decision {
  const { now, random } = context;
  if (error.errorType === 'denied') return { outcome: 'ACCESS_DENIED', progress, error };
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
    return { outcome: 'UNAVAILABLE', progress, error };
  }
  return waitAndContinue({ ...further, unreachableSince }, backoff(consecutiveErrors, random), context);
}

function resetErrors(progress: Progress): Progress {
  return { ...progress, consecutiveErrors: 0, lastError: undefined, unreachableSince: undefined };
}

/** Waits, but never past the deadline: the last wait is shorter, and the read after it is the last one. */
function waitAndContinue(progress: Progress, wait: number, context: DecisionContext, read?: Found): Decision {
  const left = timeLeft(context);
  if (left <= 0) return { outcome: 'TIMED_OUT', progress, read };
  return { ...progress, waitSeconds: Math.min(wait, left) / 1000 };
}

function intervalOf(elapsed: number, { random, activeCount, settings }: DecisionContext): number {
  const { pollIntervalSeconds: chosen } = settings;
  return pollInterval(elapsed, random, activeCount, chosen === undefined ? undefined : chosen * 1000);
}

function timeLeft({ startedAt, settings, now }: DecisionContext): number {
  return startedAt + settings.timeoutSeconds * 1000 - now;
}

function formatError({ action, errorName, message }: CallError): string {
  return `${action}: ${errorName}: ${message}`;
}

import {
  type Progress,
  STEPS,
  type Step,
  type TerminalOutcome,
  UNKNOWN_STATUS,
} from '../../../lib/contract/cancellation';
import { afterCallError, isDeniedForGood, MAX_REJECTIONS, resetErrors } from './after-error';
import type { DecisionContext } from './decision-context';
import type { CallError, Found, NotFound, Phase, ReadResult } from './driver';
import { cancellingSince, timeToForce } from './force';
import { identityOf, isPinned, isSamePin, pin } from './pin';
import { MISSING_TIMEOUT_MS, SECOND_READ_DELAY_MS } from './polling';
import type { End } from './result';
import { type SkipReason, skipReason } from './skip';
import { intervalOf, timeLeft, waitAndContinue } from './wait';

/** The cancellation goes on, or has ended. */
export type Decision = Progress | End;

export const INITIAL_PROGRESS: Progress = { next: STEPS.FIND, waitSeconds: 0 };

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
  CANCELLING_GRACEFULLY: { next: STEPS.CANCEL },
  // Cancelled as soon as it is known to be in progress: see `mayCancel`.
  UNKNOWN: { next: STEPS.CANCEL },
  CANCELLING: { next: STEPS.AWAIT },
  ENDING: { next: STEPS.AWAIT },
  NOT_CANCELLABLE: { next: STEPS.AWAIT },
  DELETING: { next: STEPS.AWAIT },
  CANCELLED: { requested: 'CANCELLED', otherwise: 'CANCELLED' },
  // Not in every case: see `transitionOf`.
  ROLLBACK_FAILED: { next: STEPS.CANCEL },
  COMPLETED: { requested: 'COMPLETED_FIRST', otherwise: 'COMPLETED_FIRST' },
  FAILED: { requested: 'CANCEL_FAILED', otherwise: 'NOTHING_TO_CANCEL' },
  INCOMPLETE: { requested: 'CANCELLED', otherwise: 'NOTHING_TO_CANCEL' },
  SUPERSEDED: { requested: 'SUPERSEDED', otherwise: 'SUPERSEDED' },
  DELETION_OVER: DELETED,
};

/** No matter who has requested it, a cancellation of the pinned deployment was accepted. */
const BEING_CANCELLED: ReadonlySet<Phase> = new Set(['CANCELLING', 'CANCELLING_GRACEFULLY']);

/** A cancel request may be sent. */
const CANCELLABLE: ReadonlySet<Phase> = new Set(['IN_PROGRESS', 'CANCELLING_GRACEFULLY', 'ROLLBACK_FAILED']);

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
      return afterCallError(progress, read, context, 'read');
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
    (progress.force ? read.phase === 'CANCELLING' : CANCELLABLE.has(read.phase)) &&
    read.deploymentId === kept.pinnedDeploymentId &&
    identityOf(kept, read) === 'pinned' &&
    isSamePin(kept, progress)
  );
}

/** Decides what follows from a cancel request. The next read tells whether it was effective, no matter how the service responded. */
export function afterCancel(progress: Progress, response: Found | CallError, context: DecisionContext): Decision {
  if (response.kind === 'error') return afterCallError(progress, response, context, 'cancel');
  const isNewer = identityOf(progress, response) === 'newer';
  const reached = response.deploymentId;
  const pinned = progress.pinnedDeploymentId ?? (isNewer ? undefined : reached);
  const requested: Progress = {
    ...resetErrors(progress),
    next: STEPS.AWAIT,
    pinnedDeploymentId: pinned,
    requested: true,
    cancelReachedNewer: reached !== pinned,
    ...(progress.continuing && { continued: true }),
    ...cancellingSince(progress, response, context.now),
  };
  if (isNewer) return afterNewer(requested, response, context);
  const lastSeen = response.deploymentStatus;
  return waitAndContinue({ ...requested, lastSeen }, intervalOf(0, context), context, response);
}

function afterFound(before: Progress, read: Found, context: DecisionContext): Decision {
  const answered: Progress = { ...before, allowed: true, ...NO_READ_ERRORS };
  switch (identityOf(before, read)) {
    case 'pinned':
      return afterPinned(answered, read, context);
    case 'newer':
      return afterNewer(answered, read, context);
    default:
      // It says nothing about the pinned deployment.
      return waitAndContinue(answered, intervalOf(context.now - context.startedAt, context), context);
  }
}

/** The errors of reads that a successful read ends. */
const NO_READ_ERRORS = { unreachableSince: undefined, deniedSince: undefined, rejectedReads: undefined } as const;

/** A newer deployment has taken the place of the pinned one, which is read by its id from now on, if it has one. */
function afterNewer(before: Progress, { deploymentId, startedAt }: Found, context: DecisionContext): Decision {
  const newer = deploymentId ?? `started at ${new Date(startedAt ?? context.now).toISOString()}`;
  const progress: Progress = { ...before, next: STEPS.AWAIT, supersededBy: newer };
  if (before.pinnedDeploymentId !== undefined) return waitAndContinue(progress, 0, context);
  return { outcome: 'SUPERSEDED', progress, read: { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS } };
}

function afterPinned(before: Progress, read: Found, context: DecisionContext): Decision {
  const { deploymentStatus, phase } = read;
  const isFirst = before.next === STEPS.FIND && !before.idle && !before.consecutiveErrors;
  const progress: Progress = { ...pin(before, read), missingSince: undefined };

  if (context.observeOnly) return { outcome: 'ARMED', progress, read };
  const transition = transitionOf(before, phase);
  if (!('next' in transition)) return afterOver(before, { progress, read }, transition, context);

  if (!isPinned(before) && before.next !== STEPS.AWAIT) {
    // In a later step, only a known start time can tell that it is another deployment.
    const isLater = before.next !== STEPS.FIND && read.startedAt === undefined;
    const reason = isLater ? undefined : skipReason(read, context, isFirst);
    const skip = (why: SkipReason): End => ({ outcome: 'SKIPPED', progress, read, reason: why });
    // The one that started after the guard was armed may not be listed yet.
    if (reason === 'TOO_EARLY') return afterNothingToCancel(before, context, () => skip(reason));
    if (reason) return skip(reason);
  }
  if (before.next === STEPS.FIND && phase === 'NOT_CANCELLABLE') {
    const refused: End = { outcome: 'REFUSED', progress: { ...progress, lastSeen: deploymentStatus }, read };
    return afterNothingToCancel(before, context, () => refused);
  }

  const continues = phase === 'ROLLBACK_FAILED' && !before.continued;
  const since = cancellingSince(before, read, context.now);
  const untilForced = timeToForce({ ...before, ...since }, read, context.now);
  const force = untilForced === 0 || (before.force && canForce(before, phase));
  const awaited = before.next === STEPS.AWAIT && !continues ? STEPS.AWAIT : transition.next;
  const next = force ? STEPS.CANCEL : awaited;
  const again = next === STEPS.CANCEL && before.next === STEPS.CANCEL;
  const further: Progress = {
    // Errors of the cancel request go on counting through successful reads.
    ...(again ? progress : resetErrors(progress)),
    ...(continues && !before.continuing && CONTINUING),
    next,
    lastSeen: deploymentStatus,
    ...(BEING_CANCELLED.has(phase) && { requested: true, cancelReachedNewer: false }),
    ...since,
    ...(force && { force }),
    ...(before.next === STEPS.FIND && phase === 'DELETING' && { deleting: true }),
  };
  const { rejections = 0, lastRejection: rejection } = further;
  if (again && CANCELLABLE.has(phase) && rejection !== undefined && rejections >= MAX_REJECTIONS) {
    return { outcome: 'REFUSED', progress: further, rejection };
  }
  const interval = Math.min(
    intervalOf(context.now - context.startedAt, context),
    untilForced || Number.POSITIVE_INFINITY,
  );
  return waitAndContinue(further, next === STEPS.CANCEL && !again ? 0 : interval, context, read);
}

/** A failed rollback is over, unless it is that of the pinned deployment, which was in flight at the first read. */
function transitionOf({ next, supersededBy, deleting }: Progress, phase: Phase): InFlight | Over {
  const isOther = next === STEPS.FIND || supersededBy !== undefined || deleting;
  return PHASE_TRANSITIONS[phase === 'ROLLBACK_FAILED' && isOther ? 'FAILED' : phase];
}

/** The rejections were those of the cancellation. */
const CONTINUING = { continuing: true, rejections: undefined, lastRejection: undefined } as const;

/** Whether a request that forces the end is still to be sent. If the service rejects it for good, the end is awaited. */
function canForce({ next, rejections = 0 }: Progress, phase: Phase): boolean {
  return next === STEPS.CANCEL && phase === 'CANCELLING' && rejections < MAX_REJECTIONS;
}

function afterOver(
  before: Progress,
  { progress, read }: { readonly progress: Progress; readonly read: Found },
  over: Over,
  context: DecisionContext,
): Decision {
  if (before.next === STEPS.FIND) {
    return afterNothingToCancel(before, context, () =>
      read.unread === undefined
        ? { outcome: 'NOTHING_TO_CANCEL', progress, read }
        : { outcome: 'UNAVAILABLE', progress: { ...progress, lastSeen: read.deploymentStatus }, read },
    );
  }
  const supersededBy = progress.supersededBy ?? read.supersededBy;
  const known = { ...progress, supersededBy };
  return { outcome: outcomeOf(over, read.phase, known), progress: known, read };
}

function afterNeverDeployed(progress: Progress, context: DecisionContext): Decision {
  // A deployment was in flight before, so its record is gone.
  if (progress.next !== STEPS.FIND) {
    return afterNotFound(progress, { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS }, context);
  }
  if (context.observeOnly) return armedWithoutDeployment(progress);
  return afterNothingToCancel(progress, context, () => ({ outcome: 'NOTHING_TO_CANCEL', progress, read: undefined }));
}

function afterNotFound(before: Progress, read: NotFound, context: DecisionContext): Decision {
  if (context.observeOnly) return armedWithoutDeployment(before);
  const { now, startedAt } = context;
  if (before.next === STEPS.FIND) {
    const { deniedSince = now } = before;
    if (read.mayBeDenied && !before.allowed && !isDeniedForGood(before, deniedSince, context)) {
      return waitAndContinue({ ...before, deniedSince }, intervalOf(now - startedAt, context), context);
    }
    return afterNothingToCancel(before, context, () => ({
      outcome: 'NOT_FOUND',
      progress: before,
      mayBeDenied: read.mayBeDenied,
    }));
  }
  const { missingSince = now } = before;
  const progress: Progress = { ...before, allowed: true, ...NO_READ_ERRORS, missingSince };
  if (now - missingSince < MISSING_TIMEOUT_MS) {
    return waitAndContinue(progress, intervalOf(now - startedAt, context), context);
  }
  return { outcome: outcomeOf(DELETED, 'DELETION_OVER', progress), progress, read };
}

/** A read may be behind what was started just before the request, so a second one decides. */
function afterNothingToCancel(before: Progress, context: DecisionContext, end: () => End): Decision {
  if (before.idle || timeLeft(context) <= 0) return end();
  const progress: Progress = { ...resetErrors(before), ...NO_READ_ERRORS, allowed: true, idle: true };
  return waitAndContinue(progress, SECOND_READ_DELAY_MS, context);
}

/** The guard knows that there is no deployment, which an undefined id would not say. */
function armedWithoutDeployment(progress: Progress): End {
  return { outcome: 'ARMED', progress: { ...progress, pinnedDeploymentId: '' }, read: undefined };
}

function outcomeOf(over: Over, phase: Phase, { supersededBy, requested, deleting }: Progress): TerminalOutcome {
  // The deletion did not happen, and was not cancelled by anybody.
  if (deleting && phase !== 'DELETION_OVER') return 'NOTHING_TO_CANCEL';
  if (supersededBy !== undefined) return 'SUPERSEDED';
  return requested ? over.requested : over.otherwise;
}

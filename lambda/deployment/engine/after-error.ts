import type { Progress } from '../../../lib/contract/cancellation';
import type { DecisionContext } from './decision-context';
import type { CallError } from './driver';
import {
  backoff,
  DENIED_TIMEOUT_MS,
  IN_DOUBT_DELAY_MS,
  NEVER_ALLOWED_TIMEOUT_MS,
  UNREACHABLE_TIMEOUT_MS,
} from './polling';
import { describeError, type End, formatError } from './result';
import { timeLeft, waitAndContinue } from './wait';

/** How many rejections are final: of a read at once, of a cancellation if the deployment is still in progress. */
export const MAX_REJECTIONS = 3;

type Call = 'read' | 'cancel';

/** Decides what follows from a call that failed: tries again with a growing backoff, unless that has become pointless. */
export function afterCallError(
  before: Progress,
  error: CallError,
  context: DecisionContext,
  call: Call,
): Progress | End {
  const consecutiveErrors = (before.consecutiveErrors ?? 0) + 1;
  const progress: Progress = {
    ...before,
    consecutiveErrors,
    lastError: describeError(error),
    ...changesBy(error, before, context, call),
  };
  if (isFinal(progress, context, error, call)) {
    if (error.errorType === 'rejected') return { outcome: 'REFUSED', progress, rejection: formatError(error) };
    return { outcome: error.errorType === 'denied' ? 'ACCESS_DENIED' : 'UNAVAILABLE', progress, error };
  }
  const delay = backoff(consecutiveErrors, context.random);
  const isInDoubt = call === 'cancel' && IN_DOUBT_ERRORS.includes(error.errorType);
  return waitAndContinue(progress, isInDoubt ? Math.max(delay, IN_DOUBT_DELAY_MS) : delay, context);
}

export function resetErrors(progress: Progress): Progress {
  return {
    ...progress,
    consecutiveErrors: 0,
    lastError: undefined,
    unreachableSince: undefined,
    cancelDeniedSince: undefined,
  };
}

/** What the type of an error changes beside the number of errors. */
function changesBy(error: CallError, before: Progress, { now }: DecisionContext, call: Call): Partial<Progress> {
  const isCancel = call === 'cancel';
  // Whoever responds can be reached.
  const reached = { unreachableSince: undefined };
  switch (error.errorType) {
    case 'denied':
      return isCancel
        ? { ...reached, cancelDeniedSince: before.cancelDeniedSince ?? now }
        : { ...reached, deniedSince: before.deniedSince ?? now };
    case 'rejected':
      return isCancel
        ? { ...reached, rejections: (before.rejections ?? 0) + 1, lastRejection: formatError(error) }
        : { ...reached, rejectedReads: (before.rejectedReads ?? 0) + 1 };
    case 'unreachable':
      return { unreachableSince: before.unreachableSince ?? now, ...(isCancel && IN_DOUBT) };
    case 'server-error':
      return { ...reached, ...(isCancel && IN_DOUBT) };
    default:
      return reached;
  }
}

/** The errors after which the service may have acted on a cancel request. */
const IN_DOUBT_ERRORS: readonly CallError['errorType'][] = ['unreachable', 'server-error'];

/** The service may have acted on the cancel request. */
const IN_DOUBT = { requested: true, cancelReachedNewer: true } as const;

function isFinal(progress: Progress, context: DecisionContext, { errorType }: CallError, call: Call): boolean {
  const { now } = context;
  switch (errorType) {
    case 'denied': {
      const since = (call === 'cancel' ? progress.cancelDeniedSince : progress.deniedSince) ?? now;
      return isDeniedForGood(progress, since, context);
    }
    case 'rejected':
      return call === 'read' && (progress.rejectedReads ?? 0) >= MAX_REJECTIONS;
    case 'unreachable':
      return now - (progress.unreachableSince ?? now) >= UNREACHABLE_TIMEOUT_MS || timeLeft(context) <= 0;
    default:
      return false;
  }
}

/** Whether calls have been denied for longer than a new permission takes to be known everywhere. */
export function isDeniedForGood({ allowed }: Progress, since: number, context: DecisionContext): boolean {
  const patience = context.caller?.deniedTimeoutMs ?? (allowed ? DENIED_TIMEOUT_MS : NEVER_ALLOWED_TIMEOUT_MS);
  return context.now - since >= patience || timeLeft(context) <= 0;
}

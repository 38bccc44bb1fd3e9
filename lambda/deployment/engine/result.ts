import {
  ASSUME_ROLE_ACTION,
  type Outcome,
  type Progress,
  STEPS,
  type TerminalOutcome,
  UNKNOWN_STATUS,
} from '../../../lib/contract/cancellation';
import { WORKFLOW_CALLER } from './caller';
import type { DecisionContext } from './decision-context';
import type { CallError, Found, NotFound } from './driver';
import type { SkipReason } from './skip';

/** The end of a cancellation: its outcome, and the evidence for it. */
export type End = { readonly progress: Progress } & (
  | { readonly outcome: TerminalOutcome; readonly read: Found | NotFound | undefined }
  | { readonly outcome: 'NOT_FOUND'; readonly mayBeDenied?: boolean }
  | { readonly outcome: 'ARMED'; readonly read: Found | undefined }
  | { readonly outcome: 'SKIPPED'; readonly read: Found; readonly reason: SkipReason }
  | { readonly outcome: 'TIMED_OUT'; readonly read: Found | undefined }
  | { readonly outcome: 'REFUSED'; readonly read: Found }
  | { readonly outcome: 'REFUSED'; readonly rejection: string }
  | { readonly outcome: 'UNAVAILABLE'; readonly read: Found }
  | { readonly outcome: 'ACCESS_DENIED' | 'UNAVAILABLE'; readonly error: CallError }
);

/** The outcomes that leave unknown how the deployment ends. They are always failures. */
const UNKNOWN_END: ReadonlySet<Outcome> = new Set(['TIMED_OUT', 'REFUSED', 'ACCESS_DENIED', 'UNAVAILABLE']);

/** Renders an end as the progress with its result; progress that goes on stays as it is. */
export function withResult(decision: Progress | End, context: DecisionContext): Progress {
  if (!('outcome' in decision)) return decision;
  const { outcome, progress } = decision;
  const { settings, caller = WORKFLOW_CALLER } = context;
  const { failOn, onNotFound } = settings;
  const isUnknownEnd = UNKNOWN_END.has(outcome);
  const isInFailOn = failOn.some((named) => named === outcome);
  const isMissing = outcome === 'NOT_FOUND' && onNotFound === 'fail';
  const read = 'read' in decision ? decision.read : undefined;
  const found = read?.kind === 'found' ? read : undefined;
  const reason = [
    ...causesOf(decision, context),
    ...(isUnknownEnd ? [`${nameOf(progress, context)} was ${lastSeen(progress)}`] : []),
    ...newerDeployment(progress),
    ...(found?.advice === undefined ? [] : [found.advice]),
    ...(isInFailOn ? [`${caller.failOn} names ${outcome}`] : []),
    ...(isMissing ? [`check its names, the region and the account, or set ${caller.onNotFound} to succeed`] : []),
  ].join('; ');
  const deploymentStatus = (isUnknownEnd ? progress.lastSeen : read?.deploymentStatus) ?? UNKNOWN_STATUS;
  const attributes = { ...found?.attributes, deploymentId: progress.pinnedDeploymentId, deploymentStatus, outcome };
  const failed = isUnknownEnd || isInFailOn || isMissing;
  const readAt = outcome === 'ARMED' ? new Date(context.now).toISOString() : undefined;
  const result = { outcome, failed, reason, attributes, ...(readAt !== undefined && { readAt }) };
  return { ...progress, next: STEPS.END, waitSeconds: 0, result };
}

/** What happened, the cause first. */
function causesOf(end: End, context: DecisionContext): string[] {
  const { progress } = end;
  const { displayName, unavailableHint, settings, caller = WORKFLOW_CALLER } = context;
  const deployment = nameOf(progress, context);
  const status = 'read' in end ? end.read?.deploymentStatus : undefined;
  switch (end.outcome) {
    case 'CANCELLED':
      return [`${deployment} is ${status}`];
    case 'COMPLETED_FIRST':
      return [`${deployment} ended as ${status} before a cancellation took hold`];
    case 'CANCEL_FAILED':
      return [`the cancellation of ${deployment} failed: it ended as ${status}`];
    case 'NOTHING_TO_CANCEL':
      if (!end.read) return [`nothing to cancel: ${displayName} has no deployment`];
      if (progress.next === STEPS.FIND) return [`nothing to cancel: ${deployment} had ended as ${status}`];
      // A step that was interrupted and retried does not know what it requested the first time.
      return [`${deployment} ended as ${status}, and no cancellation of it is known to have been accepted`];
    case 'SUPERSEDED':
      if (status === UNKNOWN_STATUS) return [`how ${deployment} ended cannot be known any more: ${lastSeen(progress)}`];
      if (end.read?.kind === 'found' && end.read.phase === 'SUPERSEDED') {
        return [`${deployment} gave way to a newer one, and ended as ${status}`];
      }
      if (progress.supersededBy !== undefined) return [`${deployment} ended as ${status}`];
      return [`${deployment} gave way to a deletion, which ended as ${status}`];
    case 'NOT_FOUND':
      return [`${displayName} was not found${end.mayBeDenied ? ', or the caller may not read it' : ''}`];
    case 'ARMED':
      return [end.read ? `${deployment} is the last one` : `${displayName} has no deployment yet`];
    case 'SKIPPED':
      return [`${deployment} was left alone: ${skipSentence(end.reason, end.read, context)}`];
    case 'TIMED_OUT':
      return [
        `the timeout of ${settings.timeoutSeconds} s has passed`,
        ...(progress.requested ? [] : ['no cancellation is known to have been accepted']),
        ...(progress.lastError === undefined ? [] : [`last error: ${progress.lastError}`]),
      ];
    case 'REFUSED':
      if ('rejection' in end) return [`the service refused ${end.rejection}`];
      return [`${end.read.obstacle ?? `what is ${status} cannot be cancelled`}, and nothing was`];
    case 'ACCESS_DENIED':
      return [
        `not allowed to call ${end.error.action} on ${end.error.resourceArn}`,
        remedyFor(end.error, caller.principal, settings),
        unavailableHint,
      ];
    case 'UNAVAILABLE': {
      if ('read' in end)
        return [`whether a deployment of ${displayName} is in flight is not known`, `${end.read.unread}`];
      const { action, endpoint, errorName, message } = end.error;
      return [`${endpoint} gave no usable answer to ${action}`, unavailableHint, `${errorName}: ${message}`];
    }
  }
}

/** Says who needs a permission, and where. */
function remedyFor({ action }: CallError, principal: string, { roleArn }: DecisionContext['settings']): string {
  if (action === ASSUME_ROLE_ACTION) {
    return `allow it to ${principal}, in its policies and in the trust policy of ${roleArn}, with the external id if it requires one`;
  }
  return `allow it to ${roleArn === undefined ? principal : `role ${roleArn}`}, in every policy that applies`;
}

function skipSentence(reason: SkipReason, { startedAt }: Found, context: DecisionContext): string {
  if (reason === 'TOO_EARLY')
    return `it is not known to have started after ${(context.caller ?? WORKFLOW_CALLER).ignoreStartedBefore}`;
  const requested = new Date(context.requestedAt ?? context.startedAt).toISOString();
  return startedAt === undefined
    ? `it is not known to have been in flight when a cancellation was asked for, at ${requested}`
    : `it started at ${new Date(startedAt).toISOString()}, after a cancellation was asked for, at ${requested}`;
}

/** An error as it is shown in a reason. */
export function formatError({ action, errorName, message }: CallError): string {
  return `${action}: ${errorName}: ${message}`;
}

const ERROR_LABELS: Readonly<Record<CallError['errorType'], string>> = {
  denied: 'denied',
  rejected: 'rejected',
  conflict: 'in conflict',
  throttled: 'throttled',
  'server-error': 'failed',
  unreachable: 'no response',
};

/** The same with its type, which tells a call that was throttled from one that was denied. */
export function describeError(error: CallError): string {
  return `${ERROR_LABELS[error.errorType]}, ${formatError(error)}`;
}

function nameOf({ pinnedDeploymentId }: Progress, { displayName }: DecisionContext): string {
  return pinnedDeploymentId === undefined
    ? `the deployment of ${displayName}`
    : `deployment ${pinnedDeploymentId} of ${displayName}`;
}

function lastSeen({ lastSeen }: Progress): string {
  return lastSeen === undefined ? 'never seen' : `last seen as ${lastSeen}`;
}

function newerDeployment({ supersededBy, cancelReachedNewer }: Progress): string[] {
  if (supersededBy === undefined) return [];
  const newer = `a newer deployment, ${supersededBy}, has taken its place`;
  return [cancelReachedNewer ? `${newer}, and the cancellation may have reached that one` : newer];
}

import { GUARD_RESOURCE_TYPE, type GuardState } from '../../lib/contract/cancellation';
import { InvalidRequestError } from '../parse';
import { type FailedAttempt, retryDelay } from '../retry';
import type { StackDescription } from './dependencies';
import { needsGuardState } from './guard-plan';
import { directionOf, isArmedFor } from './guard-state';
import type { ParsedGuardRequest, ParsedRequest } from './parsed-request';

/** One reading of the situation. */
export interface Reading {
  readonly stack: StackDescription;
  /** The time at which the stack was read. The state of the guard may have been read long after it. */
  readonly readAt: number;
  readonly guardState?: GuardState;
}

/** The status in which CloudFormation deletes what the failed update had created. */
const CLEANUP_OF_ROLLBACK = 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';

/** The statuses of a stack in which CloudFormation sends a request. In any other, the status is stale or the request late. */
const SENT_IN: Readonly<Record<ParsedRequest['requestType'], readonly string[]>> = {
  Create: ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS'],
  Update: ['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS'],
  Delete: ['ROLLBACK_IN_PROGRESS', CLEANUP_OF_ROLLBACK, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'DELETE_IN_PROGRESS'],
};

/** The longest time that CloudFormation waits for a response, in milliseconds. */
const MAX_SERVICE_TIMEOUT = 60 * 60_000;

/** The time of a request is rounded down to a second, and the clocks of services may differ by as much. */
const REQUEST_TIME_TOLERANCE = 2_000;

/** The age of a request, in milliseconds, at which a status of the stack is from after the request for sure. */
const SETTLED_AGE = 10_000;

/** The start of the current operation of a stack, as far as it is known. */
export function operationStart({ createdAt = 0, updatedAt = 0 }: StackDescription): number {
  return Math.max(createdAt, updatedAt);
}

/** Whether a request is from an earlier operation of the stack, or so old that CloudFormation has given it up. */
export function isLate({ times }: Pick<ParsedRequest, 'times'>, stack: StackDescription, now: number): boolean {
  if (times === undefined) return false;
  const { requestedAt } = times;
  if (requestedAt + REQUEST_TIME_TOLERANCE < operationStart(stack)) return true;
  return requestedAt + REQUEST_TIME_TOLERANCE + MAX_SERVICE_TIMEOUT < now;
}

/** Decides how long to wait before the situation is read again, in milliseconds; undefined if this reading counts. */
export function rereadDelay(
  request: ParsedRequest,
  reading: Reading,
  timing: Pick<FailedAttempt, 'attempt' | 'since' | 'now' | 'until' | 'random'>,
): number | undefined {
  const { since, now, until } = timing;
  if (isLate(request, reading.stack, now)) return undefined;
  switch (doubtOf(request, reading)) {
    case 'none':
      return undefined;
    case 'invisible':
      return retryDelay({ ...timing, kind: 'not-visible', isAnyCallAllowed: true });
    case 'unsettled': {
      const settled = Math.min(until, (request.times?.requestedAt ?? since) + SETTLED_AGE);
      return settled > reading.readAt ? Math.max(0, settled - now) : undefined;
    }
  }
}

/** What a reading leaves open. */
type Doubt =
  | 'none'
  /** It contradicts the request, so that it must be from before the request. */
  | 'invisible'
  /** It may be from before the request. */
  | 'unsettled';

function doubtOf(request: ParsedRequest, { stack, guardState }: Reading): Doubt {
  const { status = '' } = stack;
  if (!SENT_IN[request.requestType].includes(status)) return 'invisible';
  if (request.requestType === 'Create') return 'none';
  if (request.resourceType === GUARD_RESOURCE_TYPE) {
    return needsGuardState(request, status) ? doubtOfGuard(request, stack, guardState) : 'none';
  }
  // A rollback may have begun, which reverses an Update that was sent before.
  return status === 'UPDATE_IN_PROGRESS' ? 'unsettled' : 'none';
}

function doubtOfGuard(request: ParsedGuardRequest, stack: StackDescription, state: GuardState | undefined): Doubt {
  const { properties } = request;
  if (properties instanceof InvalidRequestError) return 'none';
  if (request.requestType !== 'Update') {
    if (!properties.options.cancelPreexisting && !isArmedFor(state, properties)) return 'invisible';
    // The user may delete the stack as soon as the cleanup is over.
    return stack.status === CLEANUP_OF_ROLLBACK ? 'unsettled' : 'none';
  }
  const { oldProperties } = request;
  if (oldProperties instanceof InvalidRequestError) return 'none';
  const isForward = stack.status === 'UPDATE_IN_PROGRESS';
  switch (directionOf(properties, oldProperties, state, isForward ? operationStart(stack) : undefined)) {
    case 'forward':
      return 'none';
    case 'reverse':
      return isForward ? 'invisible' : 'none';
    case 'unclear':
      return isForward ? 'unsettled' : 'invisible';
  }
}

import type { DecisionContext } from './decision-context';
import type { Found } from './driver';
import { FIRST_READ_MS } from './polling';

/** Why a deployment is not the one to cancel, or may not be. */
export type SkipReason =
  /** It was in flight before the guard was armed, or may have been. */
  | 'TOO_EARLY'
  /** It started after the cancellation was requested, or may have. */
  | 'TOO_LATE';

/**
 * How much later than the request a deployment may have started and still be the one to cancel, in milliseconds: clocks
 * differ a little, and the time of an event is rounded down to a second.
 */
export const CLOCK_TOLERANCE = 1_000;

/** Returns the latest start time of a deployment that was in flight at a request. */
export function latestStart(requestedAt: number): number {
  return requestedAt + CLOCK_TOLERANCE;
}

type Candidate = Pick<Found, 'deploymentId' | 'startedAt' | 'phase' | 'isSpecified'>;

type Bounds = Pick<
  DecisionContext,
  'ignoreDeploymentId' | 'ignoreStartedBefore' | 'requestedAt' | 'startedAt' | 'inFleet' | 'now'
>;

/**
 * Why a deployment in flight is left alone: it is not known to be the requested one.
 *
 * @param isFirst whether no read came before, successful or not
 */
export function skipReason(candidate: Candidate, bounds: Bounds, isFirst: boolean): SkipReason | undefined {
  const { deploymentId, startedAt } = candidate;
  const { ignoreDeploymentId, ignoreStartedBefore, requestedAt } = bounds;
  if (ignoreDeploymentId !== undefined && (deploymentId === undefined || deploymentId === ignoreDeploymentId)) {
    return 'TOO_EARLY';
  }
  if (ignoreStartedBefore !== undefined) {
    const isLater = startedAt === undefined ? ignoreDeploymentId !== undefined : startedAt >= ignoreStartedBefore;
    if (!isLater) return 'TOO_EARLY';
  }
  if (candidate.isSpecified) return undefined;
  if (startedAt === undefined) return isInTimeWithoutStart(candidate, bounds, isFirst) ? undefined : 'TOO_LATE';
  return startedAt <= latestStart(requestedAt ?? bounds.startedAt) ? undefined : 'TOO_LATE';
}

/** A deployment without a start time was in flight in time only if it was read as soon as it was asked for. */
function isInTimeWithoutStart({ phase, deploymentId }: Candidate, bounds: Bounds, isFirst: boolean): boolean {
  // It is awaited or refused, and not cancelled.
  if (phase === 'CANCELLING' || phase === 'NOT_CANCELLABLE') return true;
  if (bounds.requestedAt !== undefined) return false;
  // Its turn may come late, and without an id a newer deployment would be taken for it.
  if (bounds.inFleet && deploymentId === undefined) return false;
  return isFirst && bounds.now - bounds.startedAt <= FIRST_READ_MS;
}

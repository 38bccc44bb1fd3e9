import type { Progress } from '../../../lib/contract/cancellation';
import type { Found } from './driver';

/**
 * Returns the time until a second cancel request, which forces the end, in milliseconds; undefined if there is none to send.
 * It is sent to a deployment that is still being cancelled.
 */
export function timeToForce({ cancellingSince, force }: Progress, read: Found, now: number): number | undefined {
  const { phase, forceAfterMs } = read;
  if (phase !== 'CANCELLING' || forceAfterMs === undefined || cancellingSince === undefined || force) return undefined;
  return Math.max(0, cancellingSince + forceAfterMs - now);
}

/** Returns since when the deployment has been being cancelled, where that decides when the end is forced. */
export function cancellingSince(
  before: Progress,
  { phase, forceAfterMs }: Found,
  now: number,
): Pick<Progress, 'cancellingSince'> {
  const isKept = forceAfterMs !== undefined && phase === 'CANCELLING';
  return isKept ? { cancellingSince: before.cancellingSince ?? now } : {};
}

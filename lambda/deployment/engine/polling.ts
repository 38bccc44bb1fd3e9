/** Intervals and timeouts, all in milliseconds. */

/** A young deployment is polled more often: it is more likely to end soon, and somebody is watching. */
const INITIAL_INTERVAL = { until: 60_000, every: 2_000 };
const STEADY_INTERVAL = { every: 4_700 };

/** Spreads the reads of many deployments. */
const JITTER = 0.1;

const BACKOFF = { first: 1_000, factor: 2, max: 20_000 };

/** Lengthens the interval with the number of deployments: together, they are read at most 125 times a second. */
const PER_DEPLOYMENT_DELAY_MS = 8;

/**
 * Returns how long to wait until the next read.
 *
 * @param elapsed since the start of the cancellation
 * @param activeCount how many deployments are polled at the same time
 * @param chosen the interval that the user has set
 */
export function pollInterval(elapsed: number, random: number, activeCount = 1, chosen?: number): number {
  const every = Math.max(
    chosen ?? (elapsed < INITIAL_INTERVAL.until ? INITIAL_INTERVAL.every : STEADY_INTERVAL.every),
    activeCount * PER_DEPLOYMENT_DELAY_MS,
  );
  return Math.round(every * (1 - JITTER + 2 * JITTER * random));
}

/** Returns how long to wait before the first call for one of many deployments, so that they do not all start at once. */
export function firstCall(activeCount: number, timeout: number, random: number): number {
  return Math.round(Math.min(activeCount * PER_DEPLOYMENT_DELAY_MS, timeout / 10) * random);
}

/** How long the rest of a batch goes on after one of its cancellations has progress for the state machine to keep. */
export const BATCH_GRACE_MS = 5_000;

/** Returns how long to wait after the n-th consecutive error, from half of the full backoff to all of it. */
export function backoff(consecutiveErrors: number, random: number): number {
  const full = Math.min(BACKOFF.max, BACKOFF.first * BACKOFF.factor ** Math.max(0, consecutiveErrors - 1));
  return Math.round(full * (0.5 + random / 2));
}

/** How long there is no response before the service counts as unavailable. */
export const UNREACHABLE_TIMEOUT_MS = 60_000;

/** How long one invocation polls. A state transition costs as much as 15 s of it. */
export const MAX_INVOCATION_POLL_MS = 4 * 60_000;

/** The timeout of one read or one cancellation, complete response included. */
export const CALL_TIMEOUT_MS = 10_000;

/** The time that an invocation keeps in reserve before Lambda ends it: for a read, a cancellation and its return. */
export const TIMEOUT_RESERVE_MS = 2 * CALL_TIMEOUT_MS + 5_000;

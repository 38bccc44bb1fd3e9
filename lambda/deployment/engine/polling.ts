/** How long to wait between two looks, and after trouble. All in milliseconds. */

/** A young deployment is looked at more often: it is more likely to be over soon, and somebody is watching. */
const INITIAL_INTERVAL = { until: 60_000, every: 2_000 };
const STEADY_INTERVAL = { every: 4_700 };

/** Looks of many deployments must not fall on the same moment. */
const JITTER = 0.1;

const BACKOFF = { first: 1_000, factor: 2, max: 20_000 };

/** How much later a look is for each of those that are looked at as well: 125 looks a second, however many they are. */
const PER_DEPLOYMENT_DELAY_MS = 8;

/**
 * How long to wait until the next look, `elapsed` after the cancellation was asked for.
 *
 * @param activeCount how many deployments are looked at in the same way
 * @param chosen by whoever knows better
 */
export function pollInterval(elapsed: number, random: number, activeCount = 1, chosen?: number): number {
  const every = Math.max(
    chosen ?? (elapsed < INITIAL_INTERVAL.until ? INITIAL_INTERVAL.every : STEADY_INTERVAL.every),
    activeCount * PER_DEPLOYMENT_DELAY_MS,
  );
  return Math.round(every * (1 - JITTER + 2 * JITTER * random));
}

/** When the first call for one of a activeCount is made, after the beginning: not all at once. */
export function firstCall(activeCount: number, timeout: number, random: number): number {
  return Math.round(Math.min(activeCount * PER_DEPLOYMENT_DELAY_MS, timeout / 10) * random);
}

/** When one of a batch has something to tell the state machine, how long the others go on before they wait for the next step. */
export const BATCH_GRACE_MS = 5_000;

/** How long to wait after the n-th call in a row that brought trouble, from half of the full backoff to all of it. */
export function backoff(consecutiveErrors: number, random: number): number {
  const full = Math.min(BACKOFF.max, BACKOFF.first * BACKOFF.factor ** Math.max(0, consecutiveErrors - 1));
  return Math.round(full * (0.5 + random / 2));
}

/** How long nothing has to answer before the service counts as unavailable. */
export const UNREACHABLE_TIMEOUT_MS = 60_000;

/** How long one invocation goes on looking. A state transition costs as much as 15 s of it. */
export const MAX_INVOCATION_POLL_MS = 4 * 60_000;

/** After how long a call is given up, whatever part of an answer has come by then. */
export const CALL_TIMEOUT_MS = 10_000;

/** What an invocation keeps in hand to answer before Lambda ends it: a look, a cancel, and some more. */
export const TIMEOUT_RESERVE_MS = 2 * CALL_TIMEOUT_MS + 5_000;

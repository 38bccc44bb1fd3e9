/** How long to wait between two looks, and after trouble. All in milliseconds. */

/** A young deployment is looked at more often: it is more likely to be over soon, and somebody is watching. */
const SOON = { until: 60_000, every: 2_000 };
const LATER = { every: 4_700 };

/** Looks of many deployments must not fall on the same moment. */
const JITTER = 0.1;

const BACKOFF = { first: 1_000, factor: 2, max: 20_000 };

/** How much later a look is for each of those that are looked at as well: 125 looks a second, however many they are. */
const CROWDING = 8;

/**
 * How long to wait until the next look, `elapsed` after the cancellation was asked for.
 *
 * @param crowd how many deployments are looked at in the same way
 * @param chosen by whoever knows better
 */
export function pollInterval(elapsed: number, random: number, crowd = 1, chosen?: number): number {
  const every = Math.max(chosen ?? (elapsed < SOON.until ? SOON.every : LATER.every), crowd * CROWDING);
  return Math.round(every * (1 - JITTER + 2 * JITTER * random));
}

/** When the first call for one of a crowd is made, after the beginning: not all at once. */
export function firstCall(crowd: number, timeout: number, random: number): number {
  return Math.round(Math.min(crowd * CROWDING, timeout / 10) * random);
}

/** When one of a batch has something to tell the state machine, how long the others go on before they wait for the next step. */
export const GRACE = 5_000;

/** How long to wait after the n-th call in a row that brought trouble, from half of the full backoff to all of it. */
export function backoff(troubles: number, random: number): number {
  const full = Math.min(BACKOFF.max, BACKOFF.first * BACKOFF.factor ** Math.max(0, troubles - 1));
  return Math.round(full * (0.5 + random / 2));
}

/** How long nothing has to answer before the service counts as unavailable. */
export const UNREACHABLE_PATIENCE = 60_000;

/** How long one invocation goes on looking. A state transition costs as much as 15 s of it. */
export const DWELL = 4 * 60_000;

/** After how long a call is given up, whatever part of an answer has come by then. */
export const CALL_TIMEOUT = 10_000;

/** What an invocation keeps in hand to answer before Lambda ends it: a look, a cancel, and some more. */
export const RESERVE = 2 * CALL_TIMEOUT + 5_000;

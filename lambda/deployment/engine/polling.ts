import { IN_DOUBT_DELAY_SECONDS, POLL_INTERVAL_SECONDS, TIMEOUT_SECONDS } from '../../../lib/contract/cancellation';
import { BATCH_SIZE, MAX_BATCHES } from '../../../lib/contract/fleet';

/** Intervals and timeouts, all in milliseconds. */

/** A young deployment is polled more often: it is more likely to end soon, and somebody is watching. */
const INITIAL_INTERVAL = { until: 60_000, every: 2_000 };
const STEADY_INTERVAL = { every: 4_700 };

/**
 * The least interval of a cancellation that takes longer than `TIMEOUT_SECONDS` allows. A step costs three transitions of
 * the state machine, as much as 45 s of polling. So an invocation polls for up to that long, which is enough for the delays
 * after errors, and the state machine waits for the next read.
 */
const LATE = { from: TIMEOUT_SECONDS.max * 1000, every: 60_000, invocationPollMs: 45_000 };

/** Spreads the reads of many deployments. */
const JITTER = 0.1;

const BACKOFF = { first: 1_000, factor: 2, max: 20_000 };

/** Lengthens the interval with the number of deployments: together, they are read at most 125 times a second. */
const PER_DEPLOYMENT_DELAY_MS = 8;

/** The same with the number of invocations, of which a new account can run 10 at the same time. */
const PER_INVOCATION_DELAY_MS = 50;

/** How many invocations may keep polling at the same time, so that most of those 10 are left to others. */
const MAX_POLLING_INVOCATIONS = 3;

/**
 * The part of the time so far that passes between two reads where every read is a step of the state machine. A step costs
 * three transitions, and of a fleet it adds 9 events to a history that holds 25,000: 40 batches take about 50 steps each.
 */
const LOADED_SHARE = 0.1;

const MAX_LOADED_INTERVAL_MS = POLL_INTERVAL_SECONDS.max * 1000;

/** The same for one deployment with a chosen interval. With the shortest, the steps of a day fit into the history. */
const LOADED_CHOSEN_SHARE = 0.005;

/** What is being cancelled at the same time. */
export interface Load {
  /** How many invocations the stack may need for its cancellations; by default, one. */
  readonly cancellations?: number;
  /** How many deployments of a fleet are being cancelled; by default, it is no fleet. */
  readonly activeCount?: number;
}

/** Returns the load of a fleet, which the stack has counted with its concurrency, and which may have fewer batches. */
export function fleetLoad({ cancellations = 1 }: Load, concurrency: number, activeCount: number): Load {
  const others = Math.max(0, cancellations - Math.min(MAX_BATCHES, concurrency));
  return { cancellations: others + batchesOf(activeCount), activeCount };
}

/** How many invocations cancel so many deployments. */
function batchesOf(activeCount: number): number {
  return Math.min(MAX_BATCHES, Math.ceil(activeCount / BATCH_SIZE));
}

/** How many invocations may be running at the same time. */
function invocationsOf({ cancellations = 1, activeCount = 1 }: Load): number {
  return Math.max(cancellations, batchesOf(activeCount));
}

/** Whether there are so many invocations that each has to go back to the state machine instead of waiting. */
export function isLoaded(load: Load): boolean {
  return invocationsOf(load) > MAX_POLLING_INVOCATIONS;
}

/**
 * Returns how long to wait until the next read.
 *
 * @param elapsed since the start of the cancellation
 * @param chosen the interval that the user has set
 */
export function pollInterval(elapsed: number, random: number, load: Load = {}, chosen?: number): number {
  const isFleet = load.activeCount !== undefined;
  const loaded =
    chosen === undefined || isFleet
      ? Math.min(MAX_LOADED_INTERVAL_MS, elapsed * LOADED_SHARE)
      : Math.min(LATE.every, elapsed * LOADED_CHOSEN_SHARE);
  const every = Math.max(
    chosen ?? (elapsed < INITIAL_INTERVAL.until ? INITIAL_INTERVAL.every : STEADY_INTERVAL.every),
    (load.activeCount ?? 1) * PER_DEPLOYMENT_DELAY_MS,
    isLoaded(load) ? invocationsOf(load) * PER_INVOCATION_DELAY_MS : 0,
    isLoaded(load) ? loaded : 0,
    elapsed < LATE.from ? 0 : LATE.every,
  );
  return Math.round(every * (1 - JITTER + 2 * JITTER * random));
}

/** Returns how long to wait before a call for one of many deployments, so that they are not all made at once. */
export function spreadCall(activeCount: number, timeout: number, random: number): number {
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

/** How long calls are denied before that is final: a policy takes seconds to be known everywhere after it is attached. */
export const DENIED_TIMEOUT_MS = 60_000;

/** The same as long as no call has been allowed: the policies of a new role take longer. */
export const NEVER_ALLOWED_TIMEOUT_MS = 180_000;

/** How long a deployment that was in flight is not found before it counts as gone: reads by id may be behind lists. */
export const MISSING_TIMEOUT_MS = 30_000;

/**
 * How long to wait for the second read if the first one finds nothing in flight: a list may be behind what was started. A
 * cancellation that has nothing to cancel takes that much longer, and costs one more read and that much of Lambda.
 */
export const SECOND_READ_DELAY_MS = 5_000;

/** How long to wait at least after a cancellation whose response was lost. */
export const IN_DOUBT_DELAY_MS = IN_DOUBT_DELAY_SECONDS * 1000;

/** How soon after the start of an execution its first read is about the deployments that were in flight at the start. */
export const FIRST_READ_MS = 60_000;

/**
 * Returns how long one invocation polls before it goes back to the state machine. A state transition costs as much as 15 s
 * of polling, but many invocations that wait would leave no concurrency to those that have something to do.
 *
 * @param elapsed since the start of the cancellation
 */
export function invocationPollMs(load: Load, elapsed: number): number {
  if (isLoaded(load)) return 0;
  return elapsed < LATE.from ? 4 * 60_000 : LATE.invocationPollMs;
}

/** The timeout of one read or one cancellation, complete response included. */
export const CALL_TIMEOUT_MS = 10_000;

/** The time that an invocation keeps in reserve before Lambda ends it: for a read, a cancellation and its return. */
export const TIMEOUT_RESERVE_MS = 2 * CALL_TIMEOUT_MS + 5_000;

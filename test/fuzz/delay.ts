import { type FailureKind, retryDelay } from '../../lambda/retry';
import { type CallFault, type FunctionFault, isServiceCall, type Schedule } from './schedule';

/** How much later a response may arrive because of faults: the bounds of the retries that it has to wait for. */

/** The longest invocation, in seconds. A call that fails without an end takes what is left of one, not more. */
const INVOCATION_SECONDS = 300;

/** The end of the attempts of a call: an invocation keeps 105 seconds for the response. In milliseconds. */
const ATTEMPTS_END = 195_000;

/** The timeout of a request that gets no response, in milliseconds. */
const REQUEST_TIMEOUT = 5_000;

/**
 * Returns by how many seconds the faults can delay a response beyond the timeout. Infinite if they do not end, or last
 * longer than the retries.
 */
export function delayOf({ kind, callFaults, functionFaults, responseFaults }: Schedule): number {
  let seconds = 0;
  /** Failed invocations. Lambda tries an asynchronous event three times in all. */
  let failures = 0;
  for (const fault of callFaults) {
    if (isServiceCall({ kind }, fault.call)) continue;
    if (fault.count === null && fault.call === 'ssm:GetParameter') return Number.POSITIVE_INFINITY;
    seconds += retrySeconds(fault);
  }
  for (const functionFault of functionFaults) {
    const { task, count, fault } = functionFault;
    if (fault.kind === 'duplicate') continue;
    const asynchronous = task === 'request' || task === 'end';
    if (count === null && (asynchronous || task === 'respond')) return Number.POSITIVE_INFINITY;
    // The state machine waits for a function that is throttled, for as long as CloudFormation may wait for a response.
    if (count === null && fault.kind === 'throttle') return Number.POSITIVE_INFINITY;
    const tries = count ?? (fault.kind === 'timeout' ? 2 : 7);
    seconds += tries * ((fault.kind === 'timeout' ? INVOCATION_SECONDS : 0) + delayAfter(functionFault));
    if (asynchronous && fault.kind !== 'throttle') failures += tries;
  }
  for (const { count, fault } of responseFaults) {
    if (count === null) return Number.POSITIVE_INFINITY;
    // An attempt takes up to 10 seconds, and the delay after it up to 15.
    seconds += count * 25;
    // An invocation tries to send a response five times if it gets no answer, and ten times if it is rejected at once.
    failures += Math.floor(count / (fault === 'hang' ? 5 : 10));
  }
  return failures > 2 ? Number.POSITIVE_INFINITY : seconds;
}

/** The time of the attempts of a call that fail, and of the longest delays after them, as the functions decide. */
function retrySeconds({ count, fault }: CallFault): number {
  if (count === null) return INVOCATION_SECONDS;
  const kind: FailureKind = fault === 'throttled' || fault === 'denied' ? fault : 'transient';
  let now = 0;
  for (let attempt = 1; attempt <= count; attempt++) {
    if (fault === 'hang') now += REQUEST_TIMEOUT;
    const failed = { kind, attempt, since: 0, now, until: ATTEMPTS_END, isAnyCallAllowed: false, random: 1 };
    now += retryDelay(failed) ?? 0;
  }
  return now / 1000;
}

/** The longest delay before Lambda or the state machine invokes the function again, in seconds. */
function delayAfter({ task, fault }: FunctionFault): number {
  if (task !== 'request' && task !== 'end') return 60;
  // Without capacity, Lambda waits one second, then two. After an error, it waits a minute, then two.
  return fault.kind === 'throttle' ? 4 : 120;
}

import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import { CallError } from './call-error';
import type { Clock } from './clock';
import { errorName, log } from './log';

/** The reasons for another attempt, and `rejected`, which is none. */
export type FailureKind =
  /** IAM denied the call. A policy that was attached seconds ago may not be effective yet. */
  | 'denied'
  /** The call exceeded a quota. It had no effect. */
  | 'throttled'
  /** The call had no valid response of the service. It may have had its effect. */
  | 'transient'
  /** A read did not return what may have been written a moment ago. */
  | 'not-visible'
  /** The service rejected the call, and would reject it again. */
  | 'rejected';

/** An attempt that failed. Times are milliseconds since the epoch. */
export interface FailedAttempt {
  readonly kind: FailureKind;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The time of the first attempt that failed in this way. */
  readonly since: number;
  readonly now: number;
  /** The time until which attempts may be made. */
  readonly until: number;
  /** Whether IAM has allowed any call of this function yet. */
  readonly isAnyCallAllowed: boolean;
  /** A number from 0 up to, but not including, 1. */
  readonly random: number;
}

/** How long access may be denied before that counts as final. The first policies of a role take the longest. */
const DENIED_PATIENCE = { beforeAnyIsAllowed: 180_000, later: 60_000 };

/** How long a write may stay invisible to reads. */
const VISIBILITY_PATIENCE = 60_000;

/** The delays, in milliseconds. Each is twice as long as the one before, up to the maximum. */
const FIRST_DELAY = 500;
const MAX_DELAYS: Readonly<Record<FailureKind, number>> = {
  denied: 5_000,
  throttled: 15_000,
  transient: 15_000,
  'not-visible': 5_000,
  rejected: 0,
};

/** Decides how long to wait before the next attempt, in milliseconds; undefined if the failure is final. */
export function retryDelay(failed: FailedAttempt): number | undefined {
  const { kind, attempt, now, random } = failed;
  if (kind === 'rejected') return undefined;
  const delay = Math.min(MAX_DELAYS[kind], FIRST_DELAY * 2 ** (attempt - 1)) * (0.5 + random / 2);
  return now + delay > patienceEnd(failed) ? undefined : delay;
}

function patienceEnd({ kind, since, until, isAnyCallAllowed }: FailedAttempt): number {
  switch (kind) {
    case 'denied':
      return Math.min(until, since + DENIED_PATIENCE[isAnyCallAllowed ? 'later' : 'beforeAnyIsAllowed']);
    case 'not-visible':
      return Math.min(until, since + VISIBILITY_PATIENCE);
    default:
      return until;
  }
}

type SdkError = Parameters<typeof isTransientError>[0];

/** Names of errors that deny access: by policy, of a key, or because new credentials are not known yet. */
const DENIED = /AccessDenied|Unauthorized|NotAuthorized|^UnrecognizedClientException$|^InvalidClientTokenId$/;

/** Names of quotas, beside those that the SDK knows. */
const THROTTLED = /Throttl|TooMany|LimitExceeded/;

/** Names of failures of a service, beside the HTTP statuses that the SDK knows. */
const UNAVAILABLE = /Unavailable|^Internal/;

/** Classifies an error that a client of the SDK has thrown, by the SDK's own rules and by its name. */
export function failureKindOf(error: unknown): Exclude<FailureKind, 'not-visible'> {
  if (typeof error !== 'object' || error === null) return 'transient';
  const { name = '', $fault, $metadata } = error as Partial<SdkError & { $fault: string }>;
  const status = $metadata?.httpStatusCode;
  if (isThrottlingError(error as SdkError) || THROTTLED.test(name)) return 'throttled';
  if (isTransientError(error as SdkError) || isServerError(error as SdkError) || UNAVAILABLE.test(name)) {
    return 'transient';
  }
  if (DENIED.test(name) || status === 403) return 'denied';
  // Without a fault, it is no error of the service: a connection broke, or the response was not one of the service.
  return $fault === 'client' ? 'rejected' : 'transient';
}

/** The time that an invocation has, in milliseconds since the epoch. */
export interface Budget {
  /** From this time on, a call is given up early, so that the response is sent in time. */
  readonly reserveFrom: number;
  readonly end: number;
}

/** How long a call is attempted that begins in the reserve: every one of several must leave time for the response. */
const RESERVE_PATIENCE = 10_000;

/** The time until which a call may be attempted: at most for `patience` milliseconds. */
export function attemptsUntil({ reserveFrom, end }: Budget, now: number, patience = Number.POSITIVE_INFINITY): number {
  return Math.min(now + patience, now < reserveFrom ? reserveFrom : Math.min(end, now + RESERVE_PATIENCE));
}

export interface RetryDependencies {
  readonly clock: Clock;
  readonly budget: Budget;
  /** What the calls of this function have shown, for as long as its environment lives. */
  readonly access: { isAnyCallAllowed: boolean };
}

/**
 * Sends a request, and again when it fails, as `retryDelay` decides.
 *
 * @param action the IAM action
 * @param resource the ARN that the action needs
 * @param patience the longest time for attempts, in milliseconds; default: what the invocation has
 * @throws `CallError` when a failure is final
 */
export type Call = <T>(action: string, resource: string, send: () => Promise<T>, patience?: number) => Promise<T>;

export function createCall({ clock, budget, access }: RetryDependencies): Call {
  return async (action, resource, send, patience) => {
    const until = attemptsUntil(budget, clock.now(), patience);
    let mayHaveActed = false;
    let failing: { readonly kind: FailureKind; readonly since: number } | undefined;
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await send();
        access.isAnyCallAllowed = true;
        return result;
      } catch (error) {
        const kind = failureKindOf(error);
        const now = clock.now();
        if (failing?.kind !== kind) failing = { kind, since: now };
        mayHaveActed ||= kind === 'transient';
        if (kind === 'rejected') access.isAnyCallAllowed = true;
        const { isAnyCallAllowed } = access;
        const { since } = failing;
        const delay = retryDelay({ kind, attempt, since, now, until, isAnyCallAllowed, random: clock.random() });
        log(delay === undefined ? 'call-failed' : 'call-retried', {
          operation: action,
          errorName: errorName(error),
          attempt,
        });
        if (delay === undefined) {
          throw new CallError(action, resource, errorName(error), kind === 'denied', mayHaveActed);
        }
        await clock.sleep(delay);
      }
    }
  };
}

/** The rate of calls that a service accepts. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** The rate limit of the service of a fleet. */
export const RATE_LIMIT: RateLimit = { perSecond: 200, burst: 400 };

/** The time that a deployment takes from its cancellation on, in seconds. */
export const secondsOf = (index: number): number => 20 + ((index * 7) % 71);

/** The time that the slowest deployment takes, in seconds. */
export const SLOWEST = 90;

/** Creates a token bucket, as AWS APIs use it: returns whether it accepts a call. */
export function tokenBucket({ perSecond, burst }: RateLimit, now: () => number): () => boolean {
  let tokens = burst;
  let at = now();
  return () => {
    tokens = Math.min(burst, tokens + ((now() - at) / 1000) * perSecond);
    at = now();
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}

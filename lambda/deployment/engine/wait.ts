import type { Progress } from '../../../lib/contract/cancellation';
import type { DecisionContext } from './decision-context';
import type { Found } from './driver';
import { pollInterval } from './polling';
import type { End } from './result';

/** Waits, but never past the deadline: the last wait is shorter, and the read after it is the last one. */
export function waitAndContinue(
  progress: Progress,
  wait: number,
  context: DecisionContext,
  read?: Found,
): Progress | End {
  const left = timeLeft(context);
  if (left <= 0) return { outcome: 'TIMED_OUT', progress, read };
  return { ...progress, waitSeconds: Math.min(wait, left) / 1000 };
}

export function intervalOf(elapsed: number, { random, load, settings }: DecisionContext): number {
  const { pollIntervalSeconds: chosen } = settings;
  return pollInterval(elapsed, random, load, chosen === undefined ? undefined : chosen * 1000);
}

export function timeLeft({ startedAt, settings, now }: DecisionContext): number {
  return startedAt + settings.timeoutSeconds * 1000 - now;
}

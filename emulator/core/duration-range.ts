import type { KeyedRandom } from './seeded-random';

/** A range of durations in milliseconds. */
export interface DurationRange {
  /** Default: 0. */
  readonly min?: number;
  readonly max: number;
}

/** Draws a duration from a range. */
export function drawDuration({ min = 0, max }: DurationRange, random: KeyedRandom, key: string): number {
  return max === 0 ? 0 : Math.round(min + random(key) * (max - min));
}

import type { Bounds } from '../lib/contract/cancellation';

const SECONDS_PER_UNIT: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Parses a duration such as `90s`, `30m` or `1h` as seconds; undefined if it is none, or out of bounds. */
export function parseDuration(text: string, { min, max }: Bounds): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS_PER_UNIT[unit] ?? Number.NaN);
  return seconds >= min && seconds <= max ? seconds : undefined;
}

/** Formats seconds in the largest unit that they are a multiple of. */
export function formatDuration(seconds: number): string {
  const [unit, size] = Object.entries(SECONDS_PER_UNIT).findLast(([, each]) => seconds % each === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}

/** Formats milliseconds as `1:05`. */
export function formatElapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

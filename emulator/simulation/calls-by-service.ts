import type { RunEvent } from './run';

/** The number of calls of each service, the largest first. */
export function callsByService(history: readonly RunEvent[]): [service: string, count: number][] {
  const counts = new Map<string, number>();
  for (const event of history) {
    if (event.kind === 'call') counts.set(event.service, (counts.get(event.service) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

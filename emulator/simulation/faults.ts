import type { Fault, Faults } from '../core/http-server';

/** Calls of a service that have a fault. Calls are counted for each operation. */
export interface FaultRule {
  readonly service: string;
  /** Default: every operation. */
  readonly operation?: string;
  /** The first call with the fault. Default: 1. */
  readonly from?: number;
  /** The last call with the fault. Default: all calls from the first on. */
  readonly to?: number;
  readonly fault: Fault;
}

/** The faults of one run. They count the calls from now on. */
export function faultsOf(rules: readonly FaultRule[], onMatch: (rule: FaultRule) => void = () => undefined): Faults {
  const next = counter();
  return ({ service, operation }) => {
    const count = next(`${service} ${operation}`);
    const rule = rules.find(
      (candidate) =>
        candidate.service === service && (candidate.operation ?? operation) === operation && isWithin(candidate, count),
    );
    if (rule) onMatch(rule);
    return rule?.fault;
  };
}

/** Returns 1, 2, 3 … for each key. */
export function counter(): (key: string) => number {
  const counts = new Map<string, number>();
  return (key) => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count;
  };
}

export function isWithin({ from = 1, to = Number.POSITIVE_INFINITY }: Pick<FaultRule, 'from' | 'to'>, count: number) {
  return count >= from && count <= to;
}

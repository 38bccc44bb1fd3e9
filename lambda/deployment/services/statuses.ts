import { isOver, type Phase } from '../engine/driver';

/** The phase of each status of a service. Typed by the SDK's enum, it does not compile when the SDK has a new status. */
export type Statuses<Status extends string = string> = Readonly<Record<Status, Phase>>;

/** A status that is not in the table may be newer than this library. */
export function phaseOf(statuses: Statuses, status: string | undefined): Phase {
  return (status !== undefined && Object.hasOwn(statuses, status) && statuses[status]) || 'UNKNOWN';
}

/** Whether it is known to be in flight. */
export function isInFlight(phase: Phase): boolean {
  return phase !== 'UNKNOWN' && !isOver(phase);
}

export function statusesInFlight<Status extends string>(statuses: Statuses<Status>): Status[] {
  return (Object.keys(statuses) as Status[]).filter((status) => isInFlight(statuses[status]));
}

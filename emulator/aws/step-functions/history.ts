import type { JsonObject } from './json';

/** An event of an execution, as in GetExecutionHistory. */
export interface HistoryEvent {
  readonly executionArn: string;
  /** 1, 2, 3 … */
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** `TaskStateEntered`, `TaskFailed`, `ExecutionSucceeded` … */
  readonly type: string;
  /** The details of AWS; in an event of a state, `name` is the name of the state. */
  readonly details?: JsonObject;
}

/** Renders an event as the API returns it. */
export function describeEvent({ id, timestamp, type, details }: HistoryEvent): object {
  return {
    id,
    // Branches are not distinguished, so each event follows the one before it.
    previousEventId: id - 1,
    timestamp: timestamp / 1000,
    type,
    ...(details ? { [detailsMember(type)]: details } : {}),
  };
}

function detailsMember(type: string): string {
  const shared = /State(Entered|Exited)$/.exec(type);
  const name = shared ? `state${shared[1]}` : `${type.charAt(0).toLowerCase()}${type.slice(1)}`;
  return `${name}EventDetails`;
}

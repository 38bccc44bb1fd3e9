import type { JsonObject } from './json';

/** An event in the life of an execution, as GetExecutionHistory tells it. */
export interface HistoryEvent {
  readonly executionArn: string;
  /** 1, 2, 3 … */
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** AWS's name for it: `TaskStateEntered`, `TaskFailed`, `ExecutionSucceeded` … */
  readonly type: string;
  /** What AWS tells about it, under AWS's names; where it is about a state, `name` is the state's. */
  readonly details?: JsonObject;
}

/** An event as the API answers it. */
export function describeEvent({ id, timestamp, type, details }: HistoryEvent): object {
  return {
    id,
    // Without branches to tell apart, each event follows the one before it.
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

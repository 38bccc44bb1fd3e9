import { seconds } from '../../core/json-output';
import type { JsonObject } from './json';
import { integrationOf } from './task';

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

/** The events that have no details in the API. */
const WITHOUT_DETAILS: ReadonlySet<string> = new Set(['LambdaFunctionStarted']);

/** Renders an event as the API returns it. */
export function describeEvent({ id, timestamp, type, details }: HistoryEvent): object {
  return {
    id,
    // Branches are not distinguished, so each event follows the one before it.
    previousEventId: id - 1,
    timestamp: seconds(timestamp),
    type,
    ...(details && !WITHOUT_DETAILS.has(type) ? { [detailsMember(type)]: details } : {}),
  };
}

function detailsMember(type: string): string {
  const shared = /State(Entered|Exited)$/.exec(type);
  const name = shared ? `state${shared[1]}` : `${type.charAt(0).toLowerCase()}${type.slice(1)}`;
  return `${name}EventDetails`;
}

/** The name and the details of the event of a task. AWS has other events for a function that is named by its ARN. */
export function taskEvent(resource: string, what: string, details: JsonObject): [string, JsonObject] {
  const [resourceType, ...rest] = integrationOf(resource)?.split(':') ?? [];
  if (resourceType) return [`Task${what}`, { resourceType, resource: rest.join(':'), ...details }];
  return [`LambdaFunction${what}`, what === 'Scheduled' ? { resource, ...details } : details];
}

/** Removes undefined members, which JSON does not have. */
export function defined(details: Readonly<Record<string, string | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(details).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

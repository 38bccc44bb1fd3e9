import type { CancellationInput } from '../../lib/contract/cancellation';
import type { FleetInput } from '../../lib/contract/fleet';
import type { Clock } from '../clock';
import { tryOrLog } from '../log';
import type { Budget } from '../retry';

/** The services that the CloudFormation function calls. Every method is one request, and rejects when it fails. */
export interface Services {
  readonly stacks: Stacks;
  readonly executions: Executions;
  /** Response targets by the name of the execution that responds. */
  readonly responseTargets: KeyValueStore;
  /** The states of armed guards, by the key of the resource. */
  readonly guardStates: KeyValueStore;
}

/** What the CloudFormation function depends on. The methods of the services retry, and reject with a `CallError`. */
export interface Dependencies extends Services {
  readonly clock: Clock;
  readonly budget: Budget;
  readonly responseSender: ResponseSender;
  /** Whether a URL is one that CloudFormation sends as a `ResponseURL`. */
  readonly isResponseUrl: (url: string) => boolean;
}

/** A stack, as far as it could be read. Every field is missing if the service does not know the stack. */
export interface StackDescription {
  readonly status?: string;
  readonly parentId?: string;
  /** In milliseconds since the epoch, as is the next one. */
  readonly createdAt?: number;
  /** The start of the last update. */
  readonly updatedAt?: number;
}

export interface Stacks {
  describe(stackId: string): Promise<StackDescription>;
}

export interface Executions {
  /** Starts an execution. False if one of that name has ended, or is running with another input. */
  start(stateMachineArn: string, name: string, input: CancellationInput | FleetInput): Promise<boolean>;
  /** The status of an execution; undefined if the service does not know it. */
  statusOf(stateMachineArn: string, name: string): Promise<string | undefined>;
  /** The names of the running executions whose name starts with the prefix. */
  running(stateMachineArn: string, prefix: string): Promise<string[]>;
  stop(stateMachineArn: string, name: string, cause: string): Promise<void>;
}

/** A store whose values are secret: read access to the executions is not enough to read them. */
export interface KeyValueStore {
  /** Stores a value unless the key has one. Returns whether the value was stored. */
  create(key: string, value: string): Promise<boolean>;
  /** @param patience how long a failed request is sent again, in milliseconds; default: as long as the invocation can */
  put(key: string, value: string, patience?: number): Promise<void>;
  get(key: string): Promise<string | undefined>;
  delete(key: string): Promise<void>;
}

export interface ResponseSender {
  /** Sends a response to CloudFormation, in one attempt. */
  send(url: string, body: string): Promise<void>;
}

/** Deletes a value if it can. */
export async function tryDelete(store: KeyValueStore, key: string): Promise<void> {
  await tryOrLog(store.delete(key), 'state-not-deleted', { key });
}

/** Saves a value if it can. Returns whether it was saved. */
export async function tryPut(store: KeyValueStore, key: string, value: string, patience?: number): Promise<boolean> {
  const put = store.put(key, value, patience).then(() => true);
  return (await tryOrLog(put, 'state-not-saved', { key })) ?? false;
}

import type { CancellationInput } from '../../lib/contract/cancellation';
import type { FleetInput } from '../../lib/contract/fleet';
import type { Clock } from '../clock';
import { tryOrLog } from '../log';

/** The systems that the CloudFormation function uses. Every method rejects when its call fails. */
export interface Dependencies {
  readonly clock: Clock;
  readonly stacks: Stacks;
  readonly executions: Executions;
  /** Response URLs by the name of the running execution that responds. */
  readonly responseUrls: KeyValueStore;
  /** The states of armed guards, by the key of the resource. */
  readonly guardStates: KeyValueStore;
  readonly responseSender: ResponseSender;
}

export interface Stacks {
  describe(stackId: string): Promise<{ readonly status?: string; readonly parentId?: string }>;
}

export interface Executions {
  /** Starts an execution, unless one of that name exists. Returns its state. */
  start(stateMachineArn: string, name: string, input: CancellationInput | FleetInput): Promise<'running' | 'ended'>;
  /** Whether an execution of that name is running or has ended. */
  exists(stateMachineArn: string, name: string): Promise<boolean>;
  /** The input of an execution, as JSON. */
  inputOf(executionArn: string): Promise<string | undefined>;
  /** The names of the running executions whose name starts with the prefix. */
  running(stateMachineArn: string, prefix: string): Promise<string[]>;
  stop(stateMachineArn: string, name: string, cause: string): Promise<void>;
}

/** A store whose values are secret: read access to the executions is not enough to read them. */
export interface KeyValueStore {
  put(key: string, value: string): Promise<void>;
  get(key: string): Promise<string | undefined>;
  delete(key: string): Promise<void>;
}

export interface ResponseSender {
  /** Sends a response to CloudFormation, in one attempt. */
  send(url: string, body: string): Promise<void>;
}

/** Deletes a value if it can. A leftover is harmless: a response URL expires, and a guard state is for one trigger. */
export async function tryDelete(store: KeyValueStore, key: string): Promise<void> {
  await tryOrLog(store.delete(key), 'state-not-deleted', { key });
}

/** Saves a value if it can. Only for values that improve a later response. */
export async function tryPut(store: KeyValueStore, key: string, value: string): Promise<void> {
  await tryOrLog(store.put(key, value), 'state-not-saved', { key });
}

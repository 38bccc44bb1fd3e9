import type { CancellationInput } from '../../lib/contract/cancellation';
import type { FleetInput } from '../../lib/contract/fleet';
import type { Clock } from '../clock';
import { errorName, log } from '../log';

/** The outside world of the CloudFormation function: one door per system. Each of them rejects when it cannot do its part. */
export interface Dependencies {
  readonly clock: Clock;
  readonly stacks: Stacks;
  readonly executions: Executions;
  /** By the name of an execution: where to answer to while it runs. */
  readonly responseUrls: KeyValueStore;
  /** By a guard: what it noted when it was armed. */
  readonly guardStates: KeyValueStore;
  readonly responseSender: ResponseSender;
}

export interface Stacks {
  describe(stackId: string): Promise<{ readonly status?: string; readonly parentId?: string }>;
}

export interface Executions {
  /** Starts an execution; one of that name which is running or has ended is left alone. */
  start(stateMachineArn: string, name: string, input: CancellationInput | FleetInput): Promise<'running' | 'ended'>;
  /** Whether there is one of that name, running or not. */
  exists(stateMachineArn: string, name: string): Promise<boolean>;
  /** What one was started with, as JSON. */
  inputOf(executionArn: string): Promise<string | undefined>;
  /** The names of those that are running and whose name begins so. */
  running(stateMachineArn: string, prefix: string): Promise<string[]>;
  stop(stateMachineArn: string, name: string, cause: string): Promise<void>;
}

/** Keeps texts where nobody can read them who may only look. */
export interface KeyValueStore {
  put(name: string, text: string): Promise<void>;
  get(name: string): Promise<string | undefined>;
  delete(name: string): Promise<void>;
}

export interface ResponseSender {
  /** Puts an answer where CloudFormation looks for it; one attempt. */
  send(url: string, body: string): Promise<void>;
}

/** What is not forgotten does no harm: a place to answer to is open for a short while, and a watch speaks of one trigger. */
export async function tryDelete(notes: KeyValueStore, name: string): Promise<void> {
  try {
    await notes.delete(name);
  } catch (error) {
    log('state-not-deleted', { executionName: name, errorName: errorName(error) });
  }
}

/** Keeps what it would be good to have later; nothing depends on it. */
export async function tryPut(notes: KeyValueStore, name: string, text: string): Promise<void> {
  try {
    await notes.put(name, text);
  } catch (error) {
    log('state-not-saved', { executionName: name, errorName: errorName(error) });
  }
}

/** The name of the answer of an execution, which could not be delivered. */
export function undeliveredResponseKey(executionName: string): string {
  return `${executionName}.answer`;
}

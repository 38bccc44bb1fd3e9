import type { StackEvent } from './engine';
import type { Operation, StackDescription } from './stack-description';

/** An event, as in DescribeStackEvents. */
export interface LoggedEvent extends StackEvent {
  readonly eventId: string;
  readonly operationId?: string;
  /** The token of the request that has begun the operation. */
  readonly clientRequestToken?: string;
}

/** The input of ContinueUpdateRollback. */
export interface ContinueRequest {
  readonly resourcesToSkip: readonly string[];
  readonly token?: string;
}

/** The stacks of the API of CloudFormation. */
export interface StackRegistry {
  /**
   * Creates the view of a read: each stack has its state of some moment, which may have passed.
   *
   * @param action the IAM action of the operation
   */
  seenBy(action: string): StackRegistry;
  /** A stack by its name or ID; a deleted stack only by its ID. */
  describeStack(nameOrId: string): StackDescription | undefined;
  /** All stacks that are not deleted, including nested stacks. */
  describeStacks(): readonly StackDescription[];
  /** The events of an existing stack, newest first. */
  stackEvents(nameOrId: string): readonly LoggedEvent[];
  /** @throws ValidationError if no update can be cancelled */
  cancelUpdateStack(nameOrId: string): void;
  /** @throws ValidationError if the rollback of no update has failed, or a resource cannot be skipped */
  continueUpdateRollback(nameOrId: string, request: ContinueRequest): void;
  /** @throws ValidationError if the stack cannot be deleted in its status */
  requestDeletion(nameOrId: string, token?: string): void;
}

/** The message of an error for a stack that does not exist. */
export const doesNotExist = (nameOrId: string) => `Stack [${nameOrId}] does not exist`;

export const NOT_CANCELLABLE = 'CancelUpdateStack cannot be called from current stack status';

/** The newest operation, and the operations that it is a part of. */
export function lastOperations(newestFirst: readonly Operation[]): readonly Operation[] {
  const whole = newestFirst.findIndex(({ type }) => type !== 'ROLLBACK' && type !== 'CONTINUE_ROLLBACK');
  const last = newestFirst.slice(0, whole + 1).map(({ type, id }) => ({ type, id }));
  return last.filter(({ id }, index) => index === 0 || id !== last[index - 1]?.id);
}

/** Merges registries. The first one gets the names that no registry has. */
export function mergeRegistries(first: StackRegistry, ...others: readonly StackRegistry[]): StackRegistry {
  const all = [first, ...others];
  const of = (nameOrId: string) => all.find((registry) => registry.describeStack(nameOrId)) ?? first;
  return {
    seenBy: (action) => mergeRegistries(first.seenBy(action), ...others.map((registry) => registry.seenBy(action))),
    describeStack: (nameOrId) => of(nameOrId).describeStack(nameOrId),
    describeStacks: () => all.flatMap((registry) => registry.describeStacks()),
    stackEvents: (nameOrId) => of(nameOrId).stackEvents(nameOrId),
    cancelUpdateStack: (nameOrId) => of(nameOrId).cancelUpdateStack(nameOrId),
    continueUpdateRollback: (nameOrId, request) => of(nameOrId).continueUpdateRollback(nameOrId, request),
    requestDeletion: (nameOrId, token) => of(nameOrId).requestDeletion(nameOrId, token),
  };
}

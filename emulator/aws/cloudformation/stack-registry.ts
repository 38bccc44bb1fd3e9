import type { StackEvent } from './engine';
import type { Operation, StackDescription } from './stack-description';

/** An event as DescribeStackEvents shows it. */
export interface LoggedEvent extends StackEvent {
  readonly eventId: string;
  readonly operationId?: string;
}

/** Stacks as CloudFormation's API knows them, whatever moves them. */
export interface StackRegistry {
  /** A stack by its name or id; a deleted one only by its id. */
  describeStack(nameOrId: string): StackDescription | undefined;
  /** All stacks that are not deleted, nested ones among them. */
  describeStacks(): readonly StackDescription[];
  /** What has happened to a stack that there is, newest first. */
  stackEvents(nameOrId: string): readonly LoggedEvent[];
  /** Throws a ValidationError when nothing can be cancelled. */
  cancelUpdateStack(nameOrId: string): void;
}

/** What a stack that is not there is called. */
export const doesNotExist = (nameOrId: string) => `Stack [${nameOrId}] does not exist`;

export const NOT_CANCELLABLE = 'CancelUpdateStack cannot be called from current stack status';

/** The newest operation, and what it is a part of. */
export function lastOperations(newestFirst: readonly Operation[]): readonly Operation[] {
  const whole = newestFirst.findIndex(({ type }) => type !== 'ROLLBACK');
  const last = newestFirst.slice(0, whole + 1).map(({ type, id }) => ({ type, id }));
  return last.filter(({ id }, index) => index === 0 || id !== last[index - 1]?.id);
}

/** Several books as one; a name that none knows is for the first. */
export function together(first: StackRegistry, ...others: readonly StackRegistry[]): StackRegistry {
  const all = [first, ...others];
  const of = (nameOrId: string) => all.find((book) => book.describeStack(nameOrId)) ?? first;
  return {
    describeStack: (nameOrId) => of(nameOrId).describeStack(nameOrId),
    describeStacks: () => all.flatMap((book) => book.describeStacks()),
    stackEvents: (nameOrId) => of(nameOrId).stackEvents(nameOrId),
    cancelUpdateStack: (nameOrId) => of(nameOrId).cancelUpdateStack(nameOrId),
  };
}

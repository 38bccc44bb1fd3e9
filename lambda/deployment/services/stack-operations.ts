import type { OperationType, Stack, StackStatus } from '@aws-sdk/client-cloudformation';
import { MAX_NAME_LENGTH, truncate } from '../../text';
import { TIME } from './stack-events';
import { phaseOf, type Statuses } from './statuses';

export const STATUSES: Statuses<StackStatus> = {
  CREATE_IN_PROGRESS: 'NOT_CANCELLABLE',
  CREATE_FAILED: 'FAILED',
  CREATE_COMPLETE: 'COMPLETED',
  ROLLBACK_IN_PROGRESS: 'NOT_CANCELLABLE',
  ROLLBACK_FAILED: 'FAILED',
  ROLLBACK_COMPLETE: 'FAILED',
  DELETE_IN_PROGRESS: 'DELETING',
  DELETE_FAILED: 'DELETION_OVER',
  DELETE_COMPLETE: 'DELETION_OVER',
  UPDATE_IN_PROGRESS: 'IN_PROGRESS',
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'ENDING',
  UPDATE_COMPLETE: 'COMPLETED',
  UPDATE_FAILED: 'FAILED',
  UPDATE_ROLLBACK_IN_PROGRESS: 'CANCELLING',
  UPDATE_ROLLBACK_FAILED: 'FAILED',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'CANCELLING',
  UPDATE_ROLLBACK_COMPLETE: 'CANCELLED',
  // It has a change set that was never executed: see `describe`.
  REVIEW_IN_PROGRESS: 'NOT_CANCELLABLE',
  IMPORT_IN_PROGRESS: 'NOT_CANCELLABLE',
  IMPORT_COMPLETE: 'COMPLETED',
  IMPORT_ROLLBACK_IN_PROGRESS: 'NOT_CANCELLABLE',
  IMPORT_ROLLBACK_FAILED: 'FAILED',
  IMPORT_ROLLBACK_COMPLETE: 'FAILED',
};

/** Operations that are part of the previous deployment, or only a plan. All others, unknown ones included, are deployments. */
const NO_DEPLOYMENTS: ReadonlySet<string | undefined> = new Set<OperationType>([
  'ROLLBACK',
  'CONTINUE_ROLLBACK',
  'CREATE_CHANGESET',
]);

export const ROLLBACK = 'UPDATE_ROLLBACK_';

/**
 * The deployment that the status of a stack belongs to: the id of an operation, or, if the service returns none, the start
 * time. Undefined if it cannot be known whether it is the pinned one.
 */
export function idOf(stack: Stack, pinned: string | undefined): string | undefined {
  const { StackStatus: status, LastOperations } = stack;
  const newest = LastOperations?.find(({ OperationType: type }) => !NO_DEPLOYMENTS.has(type))?.OperationId || undefined;
  const operationId = newest && truncate(newest, MAX_NAME_LENGTH);
  const time = beginningOf(stack)?.toISOString();
  if (pinned === undefined) return operationId ?? time;
  if (!TIME.test(pinned)) return operationId;
  // It is not documented whether a rollback changes the time, so another time may be that of another update or not.
  return time !== pinned && status?.startsWith(ROLLBACK) ? undefined : time;
}

/** The start time of the deployment; undefined during a rollback, which may have changed the time of the stack. */
export function startTimeOf(stack: Stack): Date | undefined {
  return stack.StackStatus?.startsWith(ROLLBACK) ? undefined : beginningOf(stack);
}

export function beginningOf(stack: Stack): Date | undefined {
  const { DeletionTime, LastUpdatedTime, CreationTime } = stack;
  return (isDeletion(stack) ? DeletionTime : undefined) ?? LastUpdatedTime ?? CreationTime;
}

export function isDeletion({ StackStatus }: Stack): boolean {
  return ['DELETING', 'DELETION_OVER'].includes(phaseOf(STATUSES, StackStatus));
}

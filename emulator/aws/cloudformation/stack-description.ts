import type { OperationType } from '@aws-sdk/client-cloudformation';
import type { ParameterDescription } from './parameters';
import type { Output } from './plan';

export type StackStatus =
  | 'CREATE_IN_PROGRESS'
  | 'CREATE_COMPLETE'
  | 'CREATE_FAILED'
  | 'ROLLBACK_IN_PROGRESS'
  | 'ROLLBACK_COMPLETE'
  | 'ROLLBACK_FAILED'
  | 'UPDATE_IN_PROGRESS'
  | 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_FAILED'
  | 'UPDATE_ROLLBACK_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_COMPLETE'
  | 'UPDATE_ROLLBACK_FAILED'
  | 'DELETE_IN_PROGRESS'
  | 'DELETE_COMPLETE'
  | 'DELETE_FAILED';

/** An operation on a stack. */
export interface Operation {
  readonly type: OperationType;
  readonly id: string;
}

/** A stack, as in DescribeStacks. Times are in milliseconds since the epoch. */
export interface StackDescription {
  readonly stackId: string;
  readonly stackName: string;
  readonly status: StackStatus;
  readonly statusReason?: string;
  readonly creationTime: number;
  readonly lastUpdatedTime?: number;
  readonly deletionTime?: number;
  readonly disableRollback: boolean;
  /** The service role. */
  readonly roleArn?: string;
  /** Only of a nested stack, as is `parentId`. */
  readonly rootId?: string;
  readonly parentId?: string;
  readonly description?: string;
  /** The values of its tags, by their keys. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly outputs: readonly Output[];
  readonly parameters: readonly ParameterDescription[];
  /** Newest first. */
  readonly lastOperations: readonly Operation[];
}

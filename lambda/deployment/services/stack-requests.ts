import { createHash } from 'node:crypto';
import type { Stack, StackEvent, StackStatus } from '@aws-sdk/client-cloudformation';
import type { Deployment } from '../../../lib/contract/cancellation';
import { OnRollbackFailed } from '../../../lib/contract/outcome';
import type { Phase } from '../engine/driver';

/** The requests that a cancellation sends only if an option allows it. */
export type OptionalRequest = 'delete' | 'continue-rollback';

/** What the options allow for a stack as it is, and what prevents the request where an option would allow it. */
export interface Allowed {
  readonly request?: OptionalRequest;
  readonly obstacle?: string;
}

type Options = Deployment['options'];

/** Decides which request the options allow for a stack, whose operation is the pinned one or was read first. */
export function allowedRequest(stack: Stack, pinned: string | undefined, options: Options): Allowed {
  const { StackStatus: status } = stack;
  if (status === 'CREATE_IN_PROGRESS' && options?.deleteOnCreate === true) {
    const obstacle = creationObstacle(stack);
    return obstacle === undefined ? { request: 'delete' } : { obstacle };
  }
  // What has failed before it was read first is over.
  if (status !== 'UPDATE_ROLLBACK_FAILED' || !continuesRollback(options) || pinned === undefined) return {};
  const obstacle = rollbackObstacle(stack, pinned);
  return obstacle === undefined ? { request: 'continue-rollback' } : { obstacle };
}

function continuesRollback(options: Options): boolean {
  return options?.onRollbackFailed === OnRollbackFailed.CONTINUE;
}

/** Without a service role, CloudFormation would use the role of the cancellation, which must not reach the resources. */
function creationObstacle({ ParentId, RootId, RoleARN }: Stack): string | undefined {
  if (ParentId !== undefined) return `the creation of a nested stack can be cancelled only with that of ${RootId}`;
  return RoleARN ? undefined : 'the creation of a stack without a service role cannot be cancelled';
}

function rollbackObstacle(stack: Stack, pinned: string): string | undefined {
  const { LastOperations: operations = [], ParentId, RootId, RoleARN } = stack;
  const at = operations.findIndex(({ OperationId: id }) => id === pinned);
  const newer = operations.slice(0, at === -1 ? operations.length : at);
  if (newer.some(({ OperationType: type }) => type === 'CONTINUE_ROLLBACK')) return 'its rollback was continued before';
  // A time could be that of another update.
  if (at === -1) return 'its rollback was not continued: cloudformation does not name its operation';
  if (ParentId !== undefined) return `its rollback was not continued: it is nested in ${RootId}`;
  return RoleARN ? undefined : 'its rollback was not continued: the stack has no service role';
}

/** Whether an option may allow another request than the cancellation of an update. */
export function hasOptionalRequests(options: Options): boolean {
  return options?.deleteOnCreate === true || continuesRollback(options);
}

/** The resources that a continued rollback skips; undefined if there are none. */
export function resourcesToSkip(options: Options): string[] | undefined {
  const names = options?.resourcesToSkip;
  return Array.isArray(names) && names.length > 0 ? [...names] : undefined;
}

/** What to do about a stack, if the user has to do something. */
export function adviceFor(
  status: string | undefined,
  stackName: string,
  { obstacle }: Allowed = {},
): string | undefined {
  if (status !== 'UPDATE_ROLLBACK_FAILED') return undefined;
  const command = `aws cloudformation continue-update-rollback --stack-name ${stackName}`;
  return [obstacle, `to continue its rollback: ${command}`].filter(Boolean).join('; ');
}

/**
 * The token of an optional request. It is the same each time that the request is sent for the same operation of the same
 * stack, so that CloudFormation does not act on the request twice.
 */
export function requestToken(request: OptionalRequest, stackId: string, pinned: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([request, stackId, pinned]))
    .digest('hex');
  return `cdk-deployment-cancellation-${request}-${hash.slice(0, 32)}`;
}

/** The phases of a deletion that is the cancellation of a creation. */
const DELETION_PHASES: Readonly<Partial<Record<StackStatus, Phase>>> = {
  DELETE_IN_PROGRESS: 'CANCELLING',
  DELETE_COMPLETE: 'CANCELLED',
  DELETE_FAILED: 'FAILED',
};

/**
 * The phase of a pinned creation whose stack is being deleted, or was; undefined if the deletion has replaced another
 * deployment.
 *
 * @param creation the last status of the stack before the deletion
 * @param newest the newest event of the stack
 * @param token the token of a deletion that the cancellation has requested
 * @returns `UNKNOWN` if the events are behind, so that they decide nothing
 */
export function creationPhase(
  status: string | undefined,
  creation: string | undefined,
  newest: StackEvent | undefined,
  token: string,
): Phase | undefined {
  if (!newest?.ResourceStatus?.startsWith('DELETE_')) return 'UNKNOWN';
  const isCancelled = newest.ClientRequestToken === token || creation === 'CREATE_IN_PROGRESS';
  return isCancelled ? DELETION_PHASES[status as StackStatus] : undefined;
}

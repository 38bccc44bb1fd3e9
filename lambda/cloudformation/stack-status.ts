import { GUARD_RESOURCE_TYPE } from '../../lib/contract/cancellation';
import { tryOrLog } from '../log';
import type { Dependencies, Stacks } from './dependencies';
import { STACK_DELETION } from './guard-plan';
import type { ParsedRequest } from './parsed-request';

/** Reads the status of the stack if the plan depends on it; undefined if it could not be read. */
export async function stackStatusFor(
  { resourceType, requestType, identity }: ParsedRequest,
  { stacks }: Dependencies,
): Promise<string | undefined> {
  if (requestType === 'Delete' && resourceType !== GUARD_RESOURCE_TYPE) return undefined;
  const { StackId: stackId } = identity;
  return tryOrLog(readStatus(stackId, stacks), 'stack-status-not-read', { stackId });
}

async function readStatus(stackId: string, stacks: Stacks): Promise<string | undefined> {
  const { status, parentId } = await stacks.describe(stackId);
  // The parent knows why a nested stack is deleted.
  return status === STACK_DELETION && parentId !== undefined ? readStatus(parentId, stacks) : status;
}

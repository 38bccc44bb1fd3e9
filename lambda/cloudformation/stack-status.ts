import { GUARD_RESOURCE_TYPE } from '../../lib/contract/cancellation';
import { errorName, log } from '../log';
import type { Dependencies } from './dependencies';
import { STACK_DELETION } from './guard-plan';
import type { ParsedRequest } from './parsed-request';

/** Reads the status of the stack if the plan depends on it; undefined if it could not be read. */
export async function stackStatusFor(
  { resourceType, requestType, identity }: ParsedRequest,
  { stacks }: Dependencies,
): Promise<string | undefined> {
  if (requestType === 'Delete' && resourceType !== GUARD_RESOURCE_TYPE) return undefined;
  try {
    let { status, parentId } = await stacks.describe(identity.StackId);
    // The parent knows why a nested stack is deleted.
    while (status === STACK_DELETION && parentId !== undefined) {
      ({ status, parentId } = await stacks.describe(parentId));
    }
    return status;
  } catch (error) {
    log('stack-status-not-read', { stackId: identity.StackId, errorName: errorName(error) });
    return undefined;
  }
}

import { GUARD_RESOURCE_TYPE } from '../../lib/contract/cancellation';
import { log, tryOrLog } from '../log';
import { attemptsUntil } from '../retry';
import type { Dependencies, StackDescription, Stacks } from './dependencies';
import { needsGuardState, STACK_DELETION } from './guard-plan';
import { readGuardState } from './guard-state';
import type { ParsedRequest } from './parsed-request';
import type { Situation } from './plan';
import { isLate, rereadDelay } from './situation';

/**
 * Reads what the plan for a request depends on, until the reading fits the request or does not change any more. A reading
 * may be older than the request.
 */
export async function observe(request: ParsedRequest, deps: Dependencies): Promise<Situation> {
  const { resourceType, requestType, identity } = request;
  if (requestType === 'Delete' && resourceType !== GUARD_RESOURCE_TYPE) {
    return { stackStatus: undefined, isLate: false };
  }
  const { clock, budget, stacks } = deps;
  const { StackId: stackId, RequestId: requestId } = identity;
  const since = clock.now();
  const until = attemptsUntil(budget, since);
  for (let attempt = 1; ; attempt++) {
    const stack = await tryOrLog(describe(stackId, stacks), 'stack-status-not-read', { stackId });
    const readAt = clock.now();
    if (!stack) return { stackStatus: undefined, isLate: false };
    const stackStatus = stack.status;
    const isOver = isLate(request, stack, readAt);
    const guardState =
      resourceType === GUARD_RESOURCE_TYPE && !isOver && needsGuardState(request, stackStatus)
        ? await readGuardState(request, deps)
        : undefined;
    const timing = { attempt, since, now: clock.now(), until, random: clock.random() };
    const delay = rereadDelay(request, { stack, readAt, guardState }, timing);
    if (delay === undefined) return { stackStatus, isLate: isOver, guardState };
    log('situation-read-again', { requestId, requestType, stackStatus, attempt });
    await clock.sleep(delay);
  }
}

async function describe(stackId: string, stacks: Stacks): Promise<StackDescription> {
  const stack = await stacks.describe(stackId);
  if (stack.status !== STACK_DELETION || stack.parentId === undefined) return stack;
  // The parent knows why a nested stack is deleted.
  const { status } = await describe(stack.parentId, stacks);
  return { ...stack, status };
}

import { isDeepStrictEqual } from 'node:util';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import {
  type AnswerEvent,
  type CancellationInput,
  type CloudFormationRequest,
  GUARD_FAILED,
  type Watch,
} from '../../lib/contract/cancellation';
import { errorName, log } from '../log';
import { parseWatch } from '../parse';
import { type Doors, forget } from './dependencies';
import type { Plan } from './plan';
import { resourceKey } from './request';

/** What a guard that fires asks for; undefined if it does not know what came before it was armed. */
export async function watchedInput(
  event: CloudFormationCustomResourceEvent,
  { input, watchedBy }: Extract<Plan, { do: 'fire' }>,
  { watches }: Doors,
): Promise<CancellationInput | undefined> {
  if (watchedBy === undefined) return input;
  try {
    const watch = parseWatch((await watches.find(resourceKey(event))) ?? '');
    if (watch?.trigger !== watchedBy || watch.endpoint !== input.policy.endpoint) return undefined;
    if (!isDeepStrictEqual(watch.deployment, input.deployment)) return undefined;
    return { ...input, leaveAlone: watch.deploymentId };
  } catch (error) {
    log('watch-not-read', { logicalResourceId: event.LogicalResourceId, errorName: errorName(error) });
    return undefined;
  }
}

/** After an execution for a guard: keeps what is to be known later. Answers whether the guard has done what it is for. */
export async function settleGuard({ request, result }: AnswerEvent, { watches }: Doors): Promise<boolean> {
  const { cloudFormation, deployment, policy } = request;
  const { guard } = cloudFormation;
  if (!guard) return true;
  const key = resourceKey(cloudFormation);
  const { deploymentId } = result.attributes;
  const fine = guard.action === 'ARM' ? result.outcome === 'ARMED' && deploymentId !== undefined : !result.failed;
  if (guard.watchOn === undefined || deploymentId === undefined || !fine) {
    await forget(watches, key);
    return fine;
  }
  const watch: Watch = { deployment, trigger: guard.watchOn, endpoint: policy.endpoint, deploymentId };
  try {
    await watches.keep(key, JSON.stringify(watch));
    return true;
  } catch (error) {
    log('watch-not-kept', { logicalResourceId: cloudFormation.LogicalResourceId, errorName: errorName(error) });
    await forget(watches, key);
    return false;
  }
}

/** A guard does not know what it has to, or could not do what it is for. It never fails the stack, so it is said here. */
export function guardFailed({
  StackId,
  LogicalResourceId,
}: CloudFormationRequest | CloudFormationCustomResourceEvent): void {
  log(GUARD_FAILED, { stackId: StackId, logicalResourceId: LogicalResourceId });
}

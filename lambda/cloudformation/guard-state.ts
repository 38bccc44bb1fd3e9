import { isDeepStrictEqual } from 'node:util';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import {
  type CancellationInput,
  type CloudFormationRequest,
  GUARD_FAILED,
  type GuardState,
  type RespondEvent,
} from '../../lib/contract/cancellation';
import { errorName, log } from '../log';
import { parseGuardState } from '../parse';
import { type Dependencies, tryDelete } from './dependencies';
import type { Plan } from './plan';
import { resourceKey } from './request-identity';

/** What a guard that fires asks for; undefined if it does not know what came before it was armed. */
export async function buildGuardInput(
  event: CloudFormationCustomResourceEvent,
  { input, armedTrigger }: Extract<Plan, { do: 'cancel-since-armed' }>,
  { guardStates }: Dependencies,
): Promise<CancellationInput | undefined> {
  if (armedTrigger === undefined) return input;
  try {
    const watch = parseGuardState((await guardStates.get(resourceKey(event))) ?? '');
    if (watch?.trigger !== armedTrigger || watch.endpoint !== input.settings.endpoint) return undefined;
    if (!isDeepStrictEqual(watch.deployment, input.deployment)) return undefined;
    return { ...input, ignoreDeploymentId: watch.deploymentId };
  } catch (error) {
    log('guard-state-not-read', { logicalResourceId: event.LogicalResourceId, errorName: errorName(error) });
    return undefined;
  }
}

/** After an execution for a guard: keeps what is to be known later. Answers whether the guard has done what it is for. */
export async function updateGuardState(
  { request, result }: RespondEvent,
  { guardStates }: Dependencies,
): Promise<boolean> {
  const { cloudFormation, deployment, settings } = request;
  const { guard } = cloudFormation;
  if (!guard) return true;
  const key = resourceKey(cloudFormation);
  const { deploymentId } = result.attributes;
  const fine = guard.action === 'ARM' ? result.outcome === 'ARMED' && deploymentId !== undefined : !result.failed;
  if (guard.nextTrigger === undefined || deploymentId === undefined || !fine) {
    await tryDelete(guardStates, key);
    return fine;
  }
  const watch: GuardState = { deployment, trigger: guard.nextTrigger, endpoint: settings.endpoint, deploymentId };
  try {
    await guardStates.put(key, JSON.stringify(watch));
    return true;
  } catch (error) {
    log('guard-state-not-saved', { logicalResourceId: cloudFormation.LogicalResourceId, errorName: errorName(error) });
    await tryDelete(guardStates, key);
    return false;
  }
}

/** A guard does not know what it has to, or could not do what it is for. It never fails the stack, so it is said here. */
export function logGuardFailure({
  StackId,
  LogicalResourceId,
}: CloudFormationRequest | CloudFormationCustomResourceEvent): void {
  log(GUARD_FAILED, { stackId: StackId, logicalResourceId: LogicalResourceId });
}

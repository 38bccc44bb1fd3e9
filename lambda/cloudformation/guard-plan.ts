import { isDeepStrictEqual } from 'node:util';
import { CONTRACT_VERSION, GUARD_RESOURCE_TYPE } from '../../lib/contract/cancellation';
import { InvalidRequestError } from '../parse';
import type { ParsedGuardProperties, ParsedGuardRequest, ParsedRequest } from './parsed-request';
import { fail, type Plan } from './plan';
import { RESOURCE_TYPES } from './resource-types';

/** The status of a stack that is being deleted; also of a nested stack that is deleted together with its parent. */
export const STACK_DELETION = 'DELETE_IN_PROGRESS';

/**
 * What a guard does: read which deployment is the latest, cancel a later one (always, or only if the user has chosen
 * `cancelOnStackDeletion`), or nothing.
 */
type Action = 'arm' | 'cancel' | 'cancel-if-chosen' | 'skip';

/** The actions by request and status of the stack. In every other status a guard does nothing. */
const ACTIONS: Readonly<Record<ParsedRequest['requestType'], Readonly<Record<string, Action>>>> = {
  Create: {
    CREATE_IN_PROGRESS: 'arm',
    UPDATE_IN_PROGRESS: 'arm',
  },
  Update: {
    UPDATE_IN_PROGRESS: 'arm',
    UPDATE_ROLLBACK_IN_PROGRESS: 'cancel',
  },
  Delete: {
    ROLLBACK_IN_PROGRESS: 'cancel',
    // The failed update had created the guard.
    UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'cancel',
    [STACK_DELETION]: 'cancel-if-chosen',
  },
};

/** Arming only reads. It delays the deployment of the stack by at most this many seconds. */
const ARMING_TIMEOUT = 60;

/**
 * Decides what a guard does about a request.
 *
 * @param stackStatus the status of the stack, or of the parent that deletes a nested stack; undefined if it could not be read
 */
export function guardPlanFor(request: ParsedGuardRequest, stackStatus: string | undefined): Plan {
  const action = ACTIONS[request.requestType][stackStatus ?? ''] ?? 'skip';
  if (action === 'skip') return skip(stackStatus);
  const { stateMachineArn, properties } = request;
  const armed = request.requestType === 'Update' ? request.oldProperties : properties;
  if (stateMachineArn instanceof InvalidRequestError) return fail(stateMachineArn.message);
  if (properties instanceof InvalidRequestError) return fail(properties.message);
  if (action === 'arm') return arm(request, stateMachineArn, properties);
  if (armed instanceof InvalidRequestError) return fail(armed.message);
  if (action === 'cancel-if-chosen' && !properties.options.cancelOnStackDeletion) return skip(stackStatus);
  return cancel(request, stateMachineArn, properties, armed);
}

function skip(stackStatus: string | undefined): Plan {
  return {
    do: 'succeed',
    attributes: RESOURCE_TYPES[GUARD_RESOURCE_TYPE].notAttempted,
    stackStatusUnknown: stackStatus === undefined,
  };
}

function arm(
  { identity }: ParsedGuardRequest,
  stateMachineArn: string,
  { cancellation, options }: ParsedGuardProperties,
): Plan {
  const { deployment, settings } = cancellation;
  return {
    do: 'cancel',
    stateMachineArn,
    input: {
      contractVersion: CONTRACT_VERSION,
      deployment,
      settings: { ...settings, timeoutSeconds: Math.min(settings.timeoutSeconds, ARMING_TIMEOUT) },
      observeOnly: true,
      cloudFormation: { ...identity, guard: { action: 'ARM', nextTrigger: options.trigger } },
    },
  };
}

/** @param armed the properties that the guard was armed with: in the Update of a rollback, the old ones */
function cancel(
  { identity, requestType }: ParsedGuardRequest,
  stateMachineArn: string,
  current: ParsedGuardProperties,
  armed: ParsedGuardProperties,
): Plan {
  const { deployment, settings } = armed.cancellation;
  const { trigger, cancelPreexisting } = armed.options;
  const nextTrigger = requestType === 'Update' && hasSameTarget(current, armed) ? current.options.trigger : undefined;
  return {
    do: 'cancel-since-armed',
    stateMachineArn,
    input: {
      contractVersion: CONTRACT_VERSION,
      deployment,
      // CloudFormation waits as long as the current properties say.
      settings: { ...settings, timeoutSeconds: current.cancellation.settings.timeoutSeconds },
      cloudFormation: { ...identity, guard: { action: 'CANCEL', nextTrigger } },
    },
    armedTrigger: cancelPreexisting ? undefined : trigger,
  };
}

/** Whether the guard stays armed after a rollback: only if both versions of it watch the same deployment. */
function hasSameTarget(one: ParsedGuardProperties, other: ParsedGuardProperties): boolean {
  const [a, b] = [one, other].map(({ cancellation: { deployment, settings } }) => [deployment, settings.endpoint]);
  return isDeepStrictEqual(a, b);
}

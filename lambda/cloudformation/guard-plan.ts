import { isDeepStrictEqual } from 'node:util';
import { CONTRACT_VERSION, GUARD_RESOURCE_TYPE, type GuardState } from '../../lib/contract/cancellation';
import { InvalidRequestError } from '../parse';
import { directionOf, isArmedFor } from './guard-state';
import {
  type ParsedGuardProperties,
  type ParsedGuardRequest,
  type ParsedRequest,
  requestTimeOf,
} from './parsed-request';
import { fail, type Plan, type Situation } from './plan';
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

/**
 * Arming only reads. It delays the deployment of the stack by at most this many seconds, which is long enough for the
 * policies of a role that the same stack has created to become effective.
 */
const ARMING_TIMEOUT = 200;

/** Whether the plan of a guard depends on its stored state: what it was armed for, or whether an Update is a reverse one. */
export function needsGuardState(
  { requestType, properties }: ParsedGuardRequest,
  stackStatus: string | undefined,
): boolean {
  const action = actionFor(requestType, stackStatus);
  if (action === 'arm') return requestType === 'Update';
  if (action === 'cancel-if-chosen') return isDeletionChosen(properties);
  return action === 'cancel';
}

/** Decides what a guard does about a request. */
export function guardPlanFor(request: ParsedGuardRequest, { stackStatus, isLate, guardState }: Situation): Plan {
  const { notAttempted } = RESOURCE_TYPES[GUARD_RESOURCE_TYPE];
  if (isLate) return { do: 'ignore', attributes: notAttempted };
  const action = actionFor(request.requestType, stackStatus);
  const skip: Plan = { do: 'succeed', attributes: notAttempted, isGuardUnsure: stackStatus === undefined };
  if (action === 'skip') return skip;
  const { stateMachineArn, properties } = request;
  const armed = request.requestType === 'Update' ? request.oldProperties : properties;
  if (stateMachineArn instanceof InvalidRequestError) return fail(stateMachineArn.message);
  if (properties instanceof InvalidRequestError) return fail(properties.message);
  if (action === 'arm') return arm(request, stateMachineArn, properties);
  if (armed instanceof InvalidRequestError) return fail(armed.message);
  if (action === 'cancel-if-chosen' && !isDeletionChosen(properties)) return skip;
  const direction = request.requestType === 'Update' ? directionOf(properties, armed, guardState) : 'reverse';
  // The Update of the failed update itself, which arrives only now.
  if (direction === 'forward') return { do: 'ignore', attributes: notAttempted };
  const known = isArmedFor(guardState, armed) ? guardState : undefined;
  // An Update whose direction is unclear must concern the same deployment in both directions.
  const isSafeWithoutState =
    armed.options.cancelPreexisting && (direction === 'reverse' || hasSameTarget(properties, armed));
  if (known === undefined && !isSafeWithoutState) {
    return { do: 'succeed', attributes: notAttempted, isGuardUnsure: true };
  }
  return cancel(request, stateMachineArn, properties, armed, known);
}

function actionFor(requestType: ParsedRequest['requestType'], stackStatus = ''): Action {
  const actions = ACTIONS[requestType];
  return (Object.hasOwn(actions, stackStatus) && actions[stackStatus]) || 'skip';
}

function isDeletionChosen(properties: ParsedGuardRequest['properties']): boolean {
  return !(properties instanceof InvalidRequestError) && properties.options.cancelOnStackDeletion;
}

function arm(
  request: ParsedGuardRequest,
  stateMachineArn: string,
  { cancellation, options }: ParsedGuardProperties,
): Plan {
  const { deployment, settings } = cancellation;
  const old = request.requestType === 'Update' ? request.oldProperties : undefined;
  const previousTrigger = old === undefined || old instanceof InvalidRequestError ? undefined : old.options.trigger;
  return {
    do: 'cancel',
    stateMachineArn,
    input: {
      contractVersion: CONTRACT_VERSION,
      deployment,
      settings: { ...settings, timeoutSeconds: Math.min(settings.timeoutSeconds, ARMING_TIMEOUT) },
      observeOnly: true,
      ...requestTimeOf(request),
      cloudFormation: { ...request.identity, guard: { action: 'ARM', nextTrigger: options.trigger, previousTrigger } },
    },
    stopsOthers: false,
  };
}

/**
 * @param armed the properties that the guard was armed with: in the Update of a rollback, the old ones
 * @param state the state of the guard; undefined if an earlier deployment is cancelled as well
 */
function cancel(
  request: ParsedGuardRequest,
  stateMachineArn: string,
  current: ParsedGuardProperties,
  armed: ParsedGuardProperties,
  state: GuardState | undefined,
): Plan {
  const { identity, requestType } = request;
  const { deployment, settings } = armed.cancellation;
  const nextTrigger = requestType === 'Update' && hasSameTarget(current, armed) ? current.options.trigger : undefined;
  const ignored = !armed.options.cancelPreexisting &&
    state && { ignoreDeploymentId: state.deploymentId, ignoreStartedBefore: state.armedAt };
  return {
    do: 'cancel',
    stateMachineArn,
    input: {
      contractVersion: CONTRACT_VERSION,
      deployment,
      // CloudFormation waits as long as the current properties say.
      settings: { ...settings, timeoutSeconds: current.cancellation.settings.timeoutSeconds },
      ...ignored,
      ...requestTimeOf(request),
      cloudFormation: { ...identity, guard: { action: 'CANCEL', nextTrigger } },
    },
    stopsOthers: true,
  };
}

/** Whether the guard stays armed after a rollback: only if both versions of it watch the same deployment. */
function hasSameTarget(one: ParsedGuardProperties, other: ParsedGuardProperties): boolean {
  const [a, b] = [one, other].map(({ cancellation: { deployment, settings } }) => {
    const { endpoint, roleArn } = settings;
    return { deployment, endpoint, roleArn };
  });
  return isDeepStrictEqual(a, b);
}

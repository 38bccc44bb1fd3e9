import { isDeepStrictEqual } from 'node:util';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { CONTRACT_VERSION } from '../../lib/contract/cancellation';
import { InvalidRequestError, parseGuard, parseRequest, parseStateMachineArn } from '../parse';
import type { Plan } from './plan';
import { toRequest } from './request-identity';

/** What a guard does: note which deployment is last, cancel what has started since, or nothing. */
type Action = 'arm' | 'cancel' | 'skip';

/** By the status of the stack; in every other the guard stands by. */
const ON_CREATE: Readonly<Record<string, Action>> = {
  CREATE_IN_PROGRESS: 'arm',
  UPDATE_IN_PROGRESS: 'arm',
};
const ON_UPDATE: Readonly<Record<string, Action>> = {
  UPDATE_IN_PROGRESS: 'arm',
  UPDATE_ROLLBACK_IN_PROGRESS: 'cancel',
};
const ON_DELETE: Readonly<Record<string, Action>> = {
  ROLLBACK_IN_PROGRESS: 'cancel',
  // It was new in the update that failed.
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'cancel',
};
/** Of the stack itself, or of the nested one that holds the guard. */
export const STACK_DELETION = 'DELETE_IN_PROGRESS';

/** Arming only looks, and holds up the deployment of the stack for no longer than this, in seconds. */
const ARMING_TIMEOUT = 60;

/**
 * Decides what a guard does about a request.
 *
 * @param stackStatus the status of the stack; of a nested one that is deleted, the status of the stack that has it deleted.
 * Undefined where it could not be read
 */
export function guardPlanFor(event: CloudFormationCustomResourceEvent, stackStatus: string | undefined): Plan {
  try {
    const { cancelOnStackDeletion } = parseGuard(event.ResourceProperties);
    switch (actionFor(event.RequestType, stackStatus, cancelOnStackDeletion)) {
      case 'arm':
        return arm(event);
      case 'cancel':
        return cancel(event);
      case 'skip':
        return {
          do: 'succeed',
          attributes: { outcome: 'NOT_ATTEMPTED' },
          stackStatusUnknown: stackStatus === undefined,
        };
    }
  } catch (error) {
    if (error instanceof InvalidRequestError) return { do: 'fail', reason: `nothing was cancelled: ${error.message}` };
    throw error;
  }
}

function actionFor(
  requestType: CloudFormationCustomResourceEvent['RequestType'],
  stackStatus = '',
  cancelOnStackDeletion: boolean,
): Action {
  switch (requestType) {
    case 'Create':
      return ON_CREATE[stackStatus] ?? 'skip';
    case 'Update':
      return ON_UPDATE[stackStatus] ?? 'skip';
    case 'Delete':
      if (stackStatus === STACK_DELETION && cancelOnStackDeletion) return 'cancel';
      return ON_DELETE[stackStatus] ?? 'skip';
  }
}

function arm(event: CloudFormationCustomResourceEvent): Plan {
  const { deployment, settings } = parseRequest(event.ResourceProperties);
  return {
    do: 'cancel',
    stateMachineArn: parseStateMachineArn(event.ResourceProperties),
    input: {
      contractVersion: CONTRACT_VERSION,
      deployment,
      settings: { ...settings, timeoutSeconds: Math.min(settings.timeoutSeconds, ARMING_TIMEOUT) },
      observeOnly: true,
      cloudFormation: {
        ...toRequest(event),
        guard: { action: 'ARM', nextTrigger: parseGuard(event.ResourceProperties).trigger },
      },
    },
  };
}

/** What was armed is what the failed deployment of the stack had asked for: in a reverse Update, the old properties. */
function cancel(event: CloudFormationCustomResourceEvent): Plan {
  const now = event.ResourceProperties;
  const armed = event.RequestType === 'Update' ? event.OldResourceProperties : now;
  const { deployment, settings } = parseRequest(armed);
  const { trigger, cancelPreexisting } = parseGuard(armed);
  return {
    do: 'cancel-since-armed',
    stateMachineArn: parseStateMachineArn(now),
    input: {
      contractVersion: CONTRACT_VERSION,
      deployment,
      // How long CloudFormation waits is in the properties of now.
      settings: { ...settings, timeoutSeconds: parseRequest(now).settings.timeoutSeconds },
      cloudFormation: { ...toRequest(event), guard: { action: 'CANCEL', nextTrigger: watchAfter(event) } },
    },
    armedTrigger: cancelPreexisting ? undefined : trigger,
  };
}

/** A guard that is back at what it was goes on watching, unless that was about something else. */
function watchAfter(event: CloudFormationCustomResourceEvent): string | undefined {
  if (event.RequestType !== 'Update') return undefined;
  const [now, then] = [event.ResourceProperties, event.OldResourceProperties].map((properties) => {
    const { deployment, settings } = parseRequest(properties);
    return { deployment, endpoint: settings.endpoint };
  });
  return isDeepStrictEqual(now, then) ? parseGuard(event.ResourceProperties).trigger : undefined;
}

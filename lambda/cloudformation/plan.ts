import type { CancellationInput } from '../../lib/contract/cancellation';
import type { FleetInput } from '../../lib/contract/fleet';
import { InvalidRequestError } from '../parse';
import type { ParsedCancellationRequest, ParsedFleetRequest } from './parsed-request';
import { RESOURCE_TYPES } from './resource-types';
import type { ResponseAttributes } from './response';

/** Start the workflow, which responds when the deployment is over. */
export interface CancelPlan {
  readonly do: 'cancel';
  readonly stateMachineArn: string;
  readonly input: CancellationInput | FleetInput;
}

/** For a guard: stop its running executions, and start the workflow for a deployment that began after it was armed. */
export interface CancelSinceArmedPlan {
  readonly do: 'cancel-since-armed';
  readonly stateMachineArn: string;
  readonly input: CancellationInput;
  /** The trigger that the guard was armed with; undefined if an earlier deployment is cancelled as well. */
  readonly armedTrigger: string | undefined;
}

/** What is done about a request of CloudFormation. */
export type Plan =
  | CancelPlan
  | CancelSinceArmedPlan
  /**
   * Cancel nothing, stop the running executions of this resource, and respond SUCCESS. With `stackStatusUnknown`, a guard
   * cannot know whether it had to cancel, which counts as its failure.
   */
  | { readonly do: 'succeed'; readonly attributes: ResponseAttributes; readonly stackStatusUnknown?: boolean }
  /** Do nothing, and respond FAILED. */
  | { readonly do: 'fail'; readonly reason: string };

/** The statuses in which a stack wants the deployment cancelled. In any other, a request is late or part of a rollback. */
const ROLLING_FORWARD: readonly (string | undefined)[] = ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS'];
const ROLLING_BACK = 'UPDATE_ROLLBACK_IN_PROGRESS';

/**
 * Decides what to do about a request.
 *
 * @param stackStatus the status of the stack, which is ignored for a Delete; undefined if it could not be read
 */
export function planFor(
  request: ParsedCancellationRequest | ParsedFleetRequest,
  stackStatus: string | undefined,
): Plan {
  switch (request.requestType) {
    case 'Delete':
      return { do: 'succeed', attributes: {} };
    case 'Create':
    case 'Update':
      if (stackStatus === ROLLING_BACK) {
        return { do: 'succeed', attributes: RESOURCE_TYPES[request.resourceType].notAttempted };
      }
      if (ROLLING_FORWARD.includes(stackStatus)) return cancel(request);
      return fail(undecided(stackStatus));
  }
}

function cancel({ stateMachineArn, properties, identity }: ParsedCancellationRequest | ParsedFleetRequest): Plan {
  if (stateMachineArn instanceof InvalidRequestError) return fail(stateMachineArn.message);
  if (properties instanceof InvalidRequestError) return fail(properties.message);
  return { do: 'cancel', stateMachineArn, input: { ...properties, cloudFormation: identity } };
}

function undecided(stackStatus: string | undefined): string {
  const [status, remedy] =
    stackStatus === undefined
      ? ['in a status that could not be read', 'allow cloudformation:DescribeStacks on the stack and deploy again']
      : [stackStatus, 'deploy again'];
  return `the stack is ${status}, so this request may be late or a rollback; ${remedy}, or continue the rollback and skip this resource`;
}

/** The plan for a request on which nothing can be done. */
export function fail(reason: string): Plan {
  return { do: 'fail', reason: `nothing was cancelled: ${reason}` };
}

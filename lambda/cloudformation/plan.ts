import type { CancellationInput, GuardState } from '../../lib/contract/cancellation';
import type { FleetInput } from '../../lib/contract/fleet';
import { InvalidRequestError } from '../parse';
import { type ParsedCancellationRequest, type ParsedFleetRequest, requestTimeOf } from './parsed-request';
import { RESOURCE_TYPES } from './resource-types';
import type { ResponseAttributes } from './response';

/** What a plan is based on, besides the request. */
export interface Situation {
  /** The status of the stack, or of the parent that deletes a nested stack; undefined if it could not be read. */
  readonly stackStatus: string | undefined;
  /** Whether the request was made before the current operation of the stack began, so that nobody waits for it. */
  readonly isLate: boolean;
  /** The stored state of a guard, if the plan depends on it and there is one. */
  readonly guardState?: GuardState;
}

/** Start the workflow, which responds when the deployment is over. */
export interface CancelPlan {
  readonly do: 'cancel';
  readonly stateMachineArn: string;
  readonly input: CancellationInput | FleetInput;
  /** Whether to stop the running executions of this resource first. */
  readonly stopsOthers: boolean;
}

/** What is done about a request of CloudFormation. */
export type Plan =
  | CancelPlan
  /**
   * Cancel nothing, stop the running executions of this resource, and respond SUCCESS. With `isGuardUnsure`, a guard cannot
   * know whether it had to cancel, or what, which counts as its failure.
   */
  | { readonly do: 'succeed'; readonly attributes: ResponseAttributes; readonly isGuardUnsure?: boolean }
  /** The request is late: cancel nothing, stop nothing, keep the state of a guard, and respond SUCCESS. */
  | { readonly do: 'ignore'; readonly attributes: ResponseAttributes }
  /** Do nothing, and respond FAILED. */
  | { readonly do: 'fail'; readonly reason: string };

/** The statuses in which a stack wants the deployment cancelled. In any other, a request is late or part of a rollback. */
const ROLLING_FORWARD: readonly (string | undefined)[] = ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS'];
const ROLLING_BACK = 'UPDATE_ROLLBACK_IN_PROGRESS';
/** The statuses after a rollback. An Update that arrives then was answered, or was given up. */
const ROLLED_BACK: readonly (string | undefined)[] = [
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
];

/** Decides what to do about a request. The situation is ignored for a Delete. */
export function planFor(
  request: ParsedCancellationRequest | ParsedFleetRequest,
  { stackStatus, isLate }: Situation,
): Plan {
  const { notAttempted } = RESOURCE_TYPES[request.resourceType];
  switch (request.requestType) {
    case 'Delete':
      return { do: 'succeed', attributes: {} };
    case 'Create':
    case 'Update':
      if (stackStatus === ROLLING_BACK) return { do: isLate ? 'ignore' : 'succeed', attributes: notAttempted };
      // It may be a repeated Update of a rollback, which was answered in the same way.
      if (request.requestType === 'Update' && (isLate || ROLLED_BACK.includes(stackStatus))) {
        return { do: 'ignore', attributes: notAttempted };
      }
      if (isLate) return fail('the request is from an earlier operation of the stack, so nobody waits for it');
      if (ROLLING_FORWARD.includes(stackStatus)) return cancel(request);
      return fail(undecided(stackStatus));
  }
}

function cancel(request: ParsedCancellationRequest | ParsedFleetRequest): Plan {
  const { stateMachineArn, properties, identity } = request;
  if (stateMachineArn instanceof InvalidRequestError) return fail(stateMachineArn.message);
  if (properties instanceof InvalidRequestError) return fail(properties.message);
  const input = { ...properties, ...requestTimeOf(request), cloudFormation: identity };
  return { do: 'cancel', stateMachineArn, input, stopsOthers: false };
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

import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { CancellationInput } from '../../lib/contract/cancellation';
import type { FleetInput } from '../../lib/contract/fleet';
import { InvalidRequestError, parseStateMachineArn } from '../parse';
import { toRequest } from './request-identity';
import { resourceTypeOf } from './resource-types';
import type { ResponseAttributes } from './response';

export interface Start {
  readonly do: 'cancel';
  readonly stateMachineArn: string;
  readonly input: CancellationInput | FleetInput;
}

/** What is done about a request of CloudFormation. */
export type Plan =
  /** Start the workflow, which answers when the deployment is over. */
  | Start
  /** As a guard: end what it has running, and start the workflow on what has come since it was armed. */
  | (Pick<Start, 'stateMachineArn'> & {
      readonly do: 'cancel-since-armed';
      readonly input: CancellationInput;
      /** The trigger it was armed with; undefined where what came earlier is cancelled as well. */
      readonly armedTrigger: string | undefined;
    })
  /** Cancel nothing, end what this resource has running, and answer SUCCESS. */
  | { readonly do: 'succeed'; readonly attributes: ResponseAttributes; readonly stackStatusUnknown?: boolean }
  /** Do nothing, and answer FAILED. */
  | { readonly do: 'fail'; readonly reason: string };

/** What a stack does that wants the deployment cancelled. A request that comes in any other status is late, or a rollback. */
const ROLLING_FORWARD: readonly (string | undefined)[] = ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS'];
const ROLLING_BACK = 'UPDATE_ROLLBACK_IN_PROGRESS';

/**
 * Decides what to do about a request.
 *
 * @param stackStatus the status of the stack, of no matter for a Delete; undefined where it could not be read
 */
export function planFor(event: CloudFormationCustomResourceEvent, stackStatus: string | undefined): Plan {
  switch (event.RequestType) {
    case 'Delete':
      return { do: 'succeed', attributes: {} };
    case 'Create':
    case 'Update':
      if (stackStatus === ROLLING_BACK) return { do: 'succeed', attributes: resourceTypeOf(event).notAttempted };
      if (ROLLING_FORWARD.includes(stackStatus)) return cancel(event);
      return { do: 'fail', reason: `nothing was cancelled: ${undecided(stackStatus)}` };
  }
}

function undecided(stackStatus: string | undefined): string {
  const [status, remedy] =
    stackStatus === undefined
      ? ['in a status that could not be read', 'allow cloudformation:DescribeStacks on the stack and deploy again']
      : [stackStatus, 'deploy again'];
  return `the stack is ${status}, so this request may be late or a rollback; ${remedy}, or continue the rollback and skip this resource`;
}

function cancel(event: CloudFormationCustomResourceEvent): Plan {
  try {
    return {
      do: 'cancel',
      stateMachineArn: parseStateMachineArn(event.ResourceProperties),
      input: { ...resourceTypeOf(event).read(event.ResourceProperties), cloudFormation: toRequest(event) },
    };
  } catch (error) {
    if (error instanceof InvalidRequestError) return { do: 'fail', reason: `nothing was cancelled: ${error.message}` };
    throw error;
  }
}

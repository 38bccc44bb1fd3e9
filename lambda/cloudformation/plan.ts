import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { CancellationInput } from '../../lib/contract/cancellation';
import type { FleetInput } from '../../lib/contract/fleet';
import { InvalidRequest, parseStateMachineArn } from '../parse';
import { requestOf } from './request';
import { askedBy } from './resource-types';
import type { AnswerAttributes } from './response';

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
      readonly do: 'fire';
      readonly input: CancellationInput;
      /** The trigger it was armed with; undefined where what came earlier is cancelled as well. */
      readonly watchedBy: string | undefined;
    })
  /** Cancel nothing, end what this resource has running, and answer SUCCESS. */
  | { readonly do: 'let-go'; readonly attributes: AnswerAttributes; readonly inDoubt?: boolean }
  /** Do nothing, and answer FAILED. */
  | { readonly do: 'refuse'; readonly reason: string };

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
      return { do: 'let-go', attributes: {} };
    case 'Create':
    case 'Update':
      if (stackStatus === ROLLING_BACK) return { do: 'let-go', attributes: askedBy(event).notAttempted };
      if (ROLLING_FORWARD.includes(stackStatus)) return cancel(event);
      return { do: 'refuse', reason: `nothing was cancelled: ${undecided(stackStatus)}` };
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
      input: { ...askedBy(event).read(event.ResourceProperties), cloudFormation: requestOf(event) },
    };
  } catch (error) {
    if (error instanceof InvalidRequest) return { do: 'refuse', reason: `nothing was cancelled: ${error.message}` };
    throw error;
  }
}

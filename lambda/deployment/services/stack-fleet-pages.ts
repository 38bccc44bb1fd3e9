import { DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import type { FoundFleet } from '../../../lib/contract/fleet';
import { STACK_UPDATE, validateStackName } from '../../../lib/deployments/cloudformation/kinds';
import type { Listed } from '../fleet/fleet-lister';
import type { AwsContext } from './aws-context';
import type { Request } from './client';
import { timeOf } from './deployment-record';
import { InvalidResponseError } from './errors';
import type { FleetPages } from './polled-driver';
import { idOf, STATUSES, startTimeOf } from './stack-operations';
import { phaseOf } from './statuses';

const { readAction } = STACK_UPDATE;

/**
 * The root stacks with a tag, without the stack that waits for the cancellation and the root stack that contains it.
 *
 * @param ownStackId the ID of the stack that waits for the cancellation; undefined if no stack does
 */
export function stackFleetPages({ identifiers }: FoundFleet, aws: AwsContext, ownStackId?: string): FleetPages {
  const { tagKey, tagValue } = identifiers;
  // In another account or region, no stack is the own one.
  const own = ownStackId?.startsWith(aws.arn('cloudformation', 'stack/')) ? ownStackId : undefined;
  let ownRoot: string | undefined;

  const isMember = ({ StackId, RootId, ParentId, Tags = [] }: Stack) =>
    RootId === undefined &&
    ParentId === undefined &&
    StackId !== ownRoot &&
    Tags.some(({ Key, Value }) => Key === tagKey && Value === tagValue);

  return async (request, from) => {
    if (own !== undefined) ownRoot ??= await rootOf(request, own);
    const { Stacks, NextToken: next } = await request(readAction, '*', new DescribeStacksCommand({ NextToken: from }));
    if (!Stacks) throw new InvalidResponseError('the response has no list of stacks');
    return { listed: Stacks.filter(isMember).map(listed), next };
  };
}

/** The root stack of a stack, which may be the stack itself. */
async function rootOf(request: Request, stackId: string): Promise<string> {
  const { Stacks } = await request(readAction, stackId, new DescribeStacksCommand({ StackName: stackId }));
  const stack = Stacks?.find(({ StackId }) => StackId === stackId);
  if (!stack) throw new InvalidResponseError('the response has no stack of the cancellation');
  return stack.RootId ?? stackId;
}

function listed(stack: Stack): Listed {
  const { StackId: resourceId, StackName: key = '', StackStatus: status } = stack;
  if (validateStackName(key) || !resourceId || !status) {
    throw new InvalidResponseError('the response has a stack without its name, ID or status');
  }
  // Only updates are members of the fleet: nothing else is cancelled or awaited.
  if (!status.startsWith('UPDATE_')) return { key, phase: 'COMPLETED' };
  const startedAt = timeOf(startTimeOf(stack));
  return { key, phase: phaseOf(STATUSES, status), deploymentId: idOf(stack, undefined), startedAt, resourceId };
}

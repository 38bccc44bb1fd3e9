import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CLIENT_OPTIONS, onDemand } from './clients';
import type { Stacks } from './dependencies';

export function cloudFormationStacks(): Stacks {
  const client = onDemand(() => new CloudFormationClient(CLIENT_OPTIONS));
  return {
    async describe(stackId) {
      const { Stacks } = await client().send(new DescribeStacksCommand({ StackName: stackId }));
      return { status: Stacks?.[0]?.StackStatus, parentId: Stacks?.[0]?.ParentId };
    },
  };
}

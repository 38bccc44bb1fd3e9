import {
  CloudFormationClient,
  CloudFormationServiceException,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CLIENT_OPTIONS, onDemand } from './clients';
import type { Stacks } from './dependencies';

export function cloudFormationStacks(): Stacks {
  const client = onDemand(() => new CloudFormationClient(CLIENT_OPTIONS));
  return {
    async describe(stackId) {
      try {
        const { Stacks: [stack] = [] } = await client().send(new DescribeStacksCommand({ StackName: stackId }));
        return {
          status: stack?.StackStatus,
          parentId: stack?.ParentId,
          createdAt: stack?.CreationTime?.getTime(),
          updatedAt: stack?.LastUpdatedTime?.getTime(),
        };
      } catch (error) {
        // A stack that was just created may not be visible yet.
        if (isMissingStack(error)) return {};
        throw error;
      }
    },
  };
}

/** CloudFormation has no error of its own for a stack that does not exist. */
function isMissingStack(error: unknown): boolean {
  return (
    error instanceof CloudFormationServiceException &&
    error.name === 'ValidationError' &&
    error.message.includes('does not exist')
  );
}

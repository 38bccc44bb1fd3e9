import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CLIENT_OPTIONS, onDemand } from './clients';
import type { Executions } from './dependencies';

export function stepFunctions(): Executions {
  const client = onDemand(() => new SFNClient(CLIENT_OPTIONS));
  return {
    async start(stateMachineArn, name, input) {
      try {
        await client().send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
        return true;
      } catch (error) {
        if (error instanceof ExecutionAlreadyExists) return false;
        throw error;
      }
    },

    async statusOf(stateMachineArn, name) {
      const executionArn = arnForExecution(stateMachineArn, name);
      try {
        return (await client().send(new DescribeExecutionCommand({ executionArn }))).status;
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return undefined;
        throw error;
      }
    },

    async running(stateMachineArn, prefix) {
      const names: string[] = [];
      let nextToken: string | undefined;
      do {
        const page = await client().send(
          new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING', maxResults: 1000, nextToken }),
        );
        for (const { name } of page.executions ?? []) if (name?.startsWith(prefix)) names.push(name);
        nextToken = page.nextToken;
      } while (nextToken);
      return names;
    },

    async stop(stateMachineArn, name, cause) {
      const executionArn = arnForExecution(stateMachineArn, name);
      await client().send(new StopExecutionCommand({ executionArn, error: 'NoLongerRequested', cause }));
    },
  };
}

export function arnForExecution(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}

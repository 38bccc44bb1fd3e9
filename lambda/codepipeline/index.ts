import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { CodePipelineEvent } from 'aws-lambda';
import { CODEPIPELINE_ENVIRONMENT } from '../../lib/contract/cancellation';
import { handleJob, type Start } from './handle';

const client = new SFNClient({ maxAttempts: 4 });
const stateMachineArn = process.env[CODEPIPELINE_ENVIRONMENT.stateMachineArn];

const start: Start = async (name, input) => {
  try {
    await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
};

/** The handler of the CodePipeline function, which CodePipeline invokes when a stage fails. */
export const handler = (event: CodePipelineEvent): Promise<void> => handleJob(event, start);

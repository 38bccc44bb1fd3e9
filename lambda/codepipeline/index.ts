import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { CodePipelineEvent } from 'aws-lambda';
import { CODEPIPELINE_ENVIRONMENT } from '../../lib/contract/cancellation';
import { handleJob, type Start } from './handle';

/** Created with the first job: a client looks for configuration files when it is created. */
let client: SFNClient | undefined;
const stateMachineArn = process.env[CODEPIPELINE_ENVIRONMENT.stateMachineArn];

const start: Start = async (name, input) => {
  client ??= new SFNClient({ maxAttempts: 4 });
  try {
    await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
};

/** The handler of the CodePipeline function, which CodePipeline invokes when a stage fails. */
export const handler = (event: CodePipelineEvent): Promise<void> => handleJob(event, start);

import type { CodePipelineEvent } from 'aws-lambda';
import type { CodePipelineJob } from '../../lib/contract/cancellation';
import { log } from '../log';
import type { Call } from '../retry';

export interface JobDependencies {
  readonly stateMachineArn: string;
  /** Starts an execution, unless one of that name is running or has ended. */
  readonly start: (name: string, input: CodePipelineJob) => Promise<void>;
  readonly call: Call;
}

/**
 * Handles a CodePipeline job: starts the execution that reports the result of the job to CodePipeline. A repeated
 * delivery of the job starts nothing.
 */
export async function handleJob(
  event: Partial<CodePipelineEvent>,
  { stateMachineArn, start, call }: JobDependencies,
): Promise<void> {
  const jobId: unknown = event['CodePipeline.job']?.id;
  if (typeof jobId !== 'string' || !/^[\w-]{1,80}$/.test(jobId)) {
    throw new Error(
      'the event has no codepipeline job: only a rule or an action of a pipeline can invoke this function',
    );
  }
  await call('states:StartExecution', stateMachineArn, () => start(jobId, { jobId }));
  log('execution-started', { executionName: jobId });
}

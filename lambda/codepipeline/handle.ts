import type { CodePipelineEvent } from 'aws-lambda';
import type { CodePipelineJob } from '../../lib/contract/cancellation';
import { log } from '../log';

/** Starts an execution, unless one of that name is running or has ended. */
export type Start = (name: string, input: CodePipelineJob) => Promise<void>;

/**
 * Handles a CodePipeline job: starts the execution that reports the result of the job to CodePipeline. A repeated
 * delivery of the job starts nothing.
 */
export async function handleJob(event: Partial<CodePipelineEvent>, start: Start): Promise<void> {
  const jobId: unknown = event['CodePipeline.job']?.id;
  if (typeof jobId !== 'string' || !/^[\w-]{1,80}$/.test(jobId)) {
    throw new Error(
      'the event has no codepipeline job: only a rule or an action of a pipeline can invoke this function',
    );
  }
  await start(jobId, { jobId });
  log('execution-started', { executionName: jobId });
}

import type { CodePipelineEvent } from 'aws-lambda';
import type { CodePipelineJob } from '../../lib/contract/cancellation';
import { log } from '../log';

/** Starts an execution; one of that name which is running or has ended is left alone. */
export type Start = (name: string, input: CodePipelineJob) => Promise<void>;

/**
 * Takes a job of CodePipeline: starts what will tell CodePipeline how the job went. The same job, delivered again, starts
 * nothing again.
 */
export async function handleJob(event: Partial<CodePipelineEvent>, start: Start): Promise<void> {
  const jobId: unknown = event['CodePipeline.job']?.id;
  if (typeof jobId !== 'string' || !/^[\w-]{1,80}$/.test(jobId)) {
    throw new Error(
      'the event holds no job of codepipeline: only a rule or an action of a pipeline can invoke this function',
    );
  }
  await start(jobId, { jobId });
  log('execution-started', { executionName: jobId });
}

import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { CodePipelineEvent, Context } from 'aws-lambda';
import { CODEPIPELINE_ENVIRONMENT } from '../../lib/contract/cancellation';
import { systemClock } from '../clock';
import { createCall } from '../retry';
import { handleJob, type JobDependencies } from './handle';

/** The time in which an invocation returns before Lambda ends it, in milliseconds. */
const MARGIN = 2_000;

/** Created with the first job: a client looks for configuration files when it is created. */
let client: SFNClient | undefined;
const stateMachineArn = process.env[CODEPIPELINE_ENVIRONMENT.stateMachineArn] ?? '';

/** For as long as the environment of the function lives. */
const access = { isAnyCallAllowed: false };

const start: JobDependencies['start'] = async (name, input) => {
  // `retry.ts` decides about further attempts.
  client ??= new SFNClient({ maxAttempts: 1 });
  try {
    await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
};

/** The handler of the CodePipeline function, which CodePipeline invokes when a stage fails. */
export const handler = (
  event: CodePipelineEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<void> => {
  const end = systemClock.now() + context.getRemainingTimeInMillis() - MARGIN;
  const call = createCall({ clock: systemClock, budget: { reserveFrom: end, end }, access });
  return handleJob(event, { stateMachineArn, start, call });
};

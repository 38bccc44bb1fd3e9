import {
  ListPipelineExecutionsCommand,
  type PipelineExecution,
  type PipelineExecutionStatus,
  type PipelineExecutionSummary,
} from '@aws-sdk/client-codepipeline';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { CODEPIPELINE_LIST_ACTION, codePipelinePath } from '../../../../lib/deployments/codepipeline/kinds';
import type { AwsContext } from '../aws-context';
import type { Request } from '../client';
import type { DeploymentRecord } from '../deployment-record';
import { PAGE_SIZE, type Page } from '../lists';
import type { Statuses } from '../statuses';

export const STATUSES: Statuses<PipelineExecutionStatus> = {
  InProgress: 'IN_PROGRESS',
  Stopping: 'CANCELLING',
  Stopped: 'CANCELLED',
  // The pipeline was changed during the execution.
  Cancelled: 'CANCELLED',
  Succeeded: 'COMPLETED',
  Failed: 'FAILED',
  Superseded: 'SUPERSEDED',
};

export type Execution = PipelineExecutionSummary | PipelineExecution;

/**
 * How long an execution can be in flight: an action times out after at most 60 days, the limit of a manual approval, and an
 * execution does not go on after a transition that was disabled for more than 30 days.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/transitions.html
 */
const MAX_DAYS_IN_FLIGHT = 60 + 30;

/** Requests a page of the executions of a pipeline. The list ends where all that follow are too old to be in flight. */
export async function listExecutions(
  request: Request,
  pipelineName: string,
  nextToken: string | undefined,
  aws: AwsContext,
): Promise<Page<PipelineExecutionSummary>> {
  const command = new ListPipelineExecutionsCommand({ pipelineName, maxResults: PAGE_SIZE, nextToken });
  const arn = aws.arn('codepipeline', codePipelinePath({ pipelineName }));
  const response = await request(CODEPIPELINE_LIST_ACTION, arn, command);
  const { pipelineExecutionSummaries: items, nextToken: next } = response;
  const times = items?.map(({ startTime }) => startTime?.getTime()) ?? [];
  return { items, nextToken: isFollowedByOldOnes(times, aws.now()) ? undefined : next };
}

/** Whether a page shows that the list has the newest first, and ends with one that is too old to be in flight. */
function isFollowedByOldOnes(times: readonly (number | undefined)[], now: number): boolean {
  const oldest = times.at(-1) ?? now;
  const isNewestFirst = times.every((time, index) => {
    const before = times[index - 1] ?? Number.POSITIVE_INFINITY;
    return time !== undefined && time <= before;
  });
  const isAscendingAsWell = times[0] === oldest;
  return isNewestFirst && !isAscendingAsWell && now - oldest > MAX_DAYS_IN_FLIGHT * 24 * 60 * 60 * 1000;
}

const ROLLBACK = {
  phase: 'NOT_CANCELLABLE',
  obstacle: 'the execution is a rollback, and a rollback is never stopped',
} as const;

/**
 * What an execution is besides its status: a rollback is never stopped, and one that is stopping can be abandoned, at once or
 * after some time.
 */
export function specialPhase(
  execution: Execution,
  options: Deployment['options'] = {},
): Pick<DeploymentRecord, 'phase' | 'obstacle' | 'forceAfterMs'> {
  const { status } = execution;
  if (isRollback(execution)) return status === 'InProgress' ? ROLLBACK : {};
  if (status !== 'Stopping') return {};
  const { abandon, abandonAfterSeconds } = options;
  if (abandon === true) return { phase: 'CANCELLING_GRACEFULLY' };
  return typeof abandonAfterSeconds === 'number' ? { forceAfterMs: abandonAfterSeconds * 1000 } : {};
}

export function isRollback({ executionType }: Execution): boolean {
  return executionType === 'ROLLBACK';
}

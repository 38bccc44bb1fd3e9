import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  ListPipelineExecutionsCommand,
  type PipelineExecutionStatus,
  type PipelineExecutionSummary,
  StopPipelineExecutionCommand,
} from '@aws-sdk/client-codepipeline';
import {
  abandonName,
  CODEPIPELINE_LIST_ACTION,
  CODEPIPELINE_READ_ACTION,
  CODEPIPELINE_STOP_ACTION,
  codePipelinePath,
} from '../../../lib/deployments/codepipeline/kinds';
import type { DeploymentRecord } from './deployment-record';
import { InvalidResponseError } from './errors';
import { PAGE_SIZE } from './lists';
import { polledService } from './polled-driver';
import type { Statuses } from './statuses';

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

/** Shown in the history of the pipeline. */
const STOP_REASON = 'Cancelled by cdk-deployment-cancellation.';

export const service = polledService({
  Client: CodePipelineClient,
  name: 'aws codepipeline',
  statuses: STATUSES,
  errors: {
    PipelineNotFoundException: 'not-found',
    PipelineExecutionNotFoundException: 'not-found',
    DuplicatedStopRequestException: 'rejected',
    PipelineExecutionNotStoppableException: 'rejected',
    // The pipeline is busy, and the stop can be tried again.
    ConflictException: 'throttled',
  },
  operations({ identifiers }, aws) {
    const { pipelineName, executionId, abandon } = identifiers;
    const arn = aws.arn('codepipeline', codePipelinePath(identifiers));
    const record = (execution: PipelineExecutionSummary): DeploymentRecord => ({
      id: execution.pipelineExecutionId,
      status: execution.status,
      startedAt: execution.startTime,
      statusMessage: execution.statusSummary,
      attributes: { arn, name: pipelineName },
    });
    return {
      specifiedId: executionId,
      startTimeInList: true,
      async list(request, nextToken) {
        const command = new ListPipelineExecutionsCommand({ pipelineName, maxResults: PAGE_SIZE, nextToken });
        const response = await request(CODEPIPELINE_LIST_ACTION, arn, command);
        return { items: response.pipelineExecutionSummaries?.map(record), nextToken: response.nextToken };
      },
      async get(request, pipelineExecutionId) {
        const command = new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId });
        const { pipelineExecution: found = {} } = await request(CODEPIPELINE_READ_ACTION, arn, command);
        if (found.pipelineName !== undefined && found.pipelineName !== pipelineName) {
          throw new InvalidResponseError('the response is about another pipeline');
        }
        return record(found);
      },
      async stop(request, id) {
        const input = { pipelineName, pipelineExecutionId: id, abandon: abandon === abandonName(true) };
        const command = new StopPipelineExecutionCommand({ ...input, reason: STOP_REASON });
        const { pipelineExecutionId } = await request(CODEPIPELINE_STOP_ACTION, arn, command);
        // The response has no status. This is the one that CodePipeline documents for an accepted stop.
        return record({ pipelineExecutionId, status: 'Stopping' });
      },
    };
  },
});

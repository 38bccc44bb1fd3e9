import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  type PipelineExecutionSummary,
  StopPipelineExecutionCommand,
} from '@aws-sdk/client-codepipeline';
import {
  CODEPIPELINE_READ_ACTION,
  CODEPIPELINE_STOP_ACTION,
  codePipelinePath,
} from '../../../../lib/deployments/codepipeline/kinds';
import type { Request } from '../client';
import type { DeploymentRecord } from '../deployment-record';
import { InvalidResponseError } from '../errors';
import { mayBeBehind, readPages } from '../lists';
import { polledService } from '../polled-driver';
import { type Execution, isRollback, listExecutions, STATUSES, specialPhase } from './executions';
import { codePipelineFleetPages } from './fleet-pages';

interface ExecutionRecord extends DeploymentRecord {
  readonly isRollback?: boolean;
}

/** Shown in the history of the pipeline. */
const STOP_REASON = 'Cancelled by cdk-deployment-cancellation.';

export const service = polledService<ExecutionRecord>({
  Client: CodePipelineClient,
  name: 'aws codepipeline',
  statuses: STATUSES,
  fleetPages: codePipelineFleetPages,
  errors: {
    PipelineNotFoundException: 'not-found',
    PipelineExecutionNotFoundException: 'not-found',
    // It is stopping already, or is over: the next read tells.
    DuplicatedStopRequestException: 'conflict',
    PipelineExecutionNotStoppableException: 'conflict',
  },
  operations({ identifiers, options }, aws) {
    const { pipelineName = '', executionId } = identifiers;
    const arn = aws.arn('codepipeline', codePipelinePath(identifiers));
    const record = (execution: Execution): ExecutionRecord => ({
      id: execution.pipelineExecutionId,
      status: execution.status,
      statusMessage: execution.statusSummary,
      attributes: { arn, name: pipelineName },
      ...specialPhase(execution, options),
    });

    const list = (request: Request, nextToken?: string) => listExecutions(request, pipelineName, nextToken, aws);

    /**
     * A change of the pipeline cancels its executions, and may start another one of the same revisions, which goes on with
     * the release.
     */
    async function causeOfCancel(
      request: Request,
      id: string,
    ): Promise<Pick<DeploymentRecord, 'phase' | 'supersededBy'>> {
      const { items } = await readPages((nextToken) => list(request, nextToken));
      const cancelled = items.find(({ pipelineExecutionId }) => pipelineExecutionId === id);
      const revisions = revisionsOf(cancelled);
      const since = cancelled?.startTime;
      if (!revisions || !since) return {};
      const newer = items.filter(({ startTime }) => startTime && startTime > since);
      const successors = newer.filter((one) => !isRollback(one) && revisionsOf(one) === revisions);
      const supersededBy = successors.at(-1)?.pipelineExecutionId;
      if (supersededBy !== undefined) return { phase: 'SUPERSEDED', supersededBy };
      return mayBeBehind(cancelled.lastUpdateTime, aws.now()) ? { phase: 'ENDING' } : {};
    }

    return {
      specifiedId: executionId,
      async list(request, nextToken) {
        const page = await list(request, nextToken);
        const items = page.items?.map((execution) => ({
          ...record(execution),
          startedAt: execution.startTime,
          isQueued: execution.executionMode === 'QUEUED',
          isRollback: isRollback(execution),
        }));
        return { ...page, items };
      },
      isCandidate: (execution) => !execution.isRollback,
      async get(request, pipelineExecutionId) {
        const command = new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId });
        const { pipelineExecution: found = {} } = await request(CODEPIPELINE_READ_ACTION, arn, command);
        if (found.pipelineName !== undefined && found.pipelineName !== pipelineName) {
          throw new InvalidResponseError('the response is about another pipeline');
        }
        if (found.status !== 'Cancelled') return record(found);
        return { ...record(found), ...(await causeOfCancel(request, pipelineExecutionId)) };
      },
      async stop(request, id, force = false) {
        const abandon = force || options?.abandon === true;
        const input = { pipelineName, pipelineExecutionId: id, abandon };
        const command = new StopPipelineExecutionCommand({ ...input, reason: STOP_REASON });
        const { pipelineExecutionId } = await request(CODEPIPELINE_STOP_ACTION, arn, command);
        // The response has no status. This is the one that CodePipeline documents for an accepted stop.
        return record({ pipelineExecutionId, status: 'Stopping' });
      },
    };
  },
});

/** The revisions that an execution releases, as a text to compare. */
function revisionsOf({ sourceRevisions = [] }: PipelineExecutionSummary = {}): string {
  return sourceRevisions
    .map(({ actionName, revisionId }) => `${actionName} ${revisionId}`)
    .sort()
    .join();
}

import {
  DescribePipelineExecutionCommand,
  ListPipelineExecutionsCommand,
  type PipelineExecutionStatus,
  SageMakerClient,
  StopPipelineExecutionCommand,
} from '@aws-sdk/client-sagemaker';
import {
  SAGEMAKER_LIST_ACTION,
  SAGEMAKER_READ_ACTION,
  SAGEMAKER_STOP_ACTION,
  sagemakerPipelinePaths,
} from '../../../lib/deployments/sagemaker/kinds';
import { errorName } from '../../log';
import type { Request } from './client';
import type { DeploymentRecord } from './deployment-record';
import { InvalidResponseError } from './errors';
import { PAGE_SIZE } from './lists';
import { polledService } from './polled-driver';
import type { Statuses } from './statuses';

export const STATUSES: Statuses<PipelineExecutionStatus> = {
  Executing: 'IN_PROGRESS',
  Stopping: 'CANCELLING',
  Stopped: 'CANCELLED',
  Succeeded: 'COMPLETED',
  Failed: 'FAILED',
};

const NOT_FOUND = 'ResourceNotFound';

export const service = polledService({
  Client: SageMakerClient,
  name: 'amazon sagemaker',
  statuses: STATUSES,
  errors: { [NOT_FOUND]: 'not-found' },
  operations({ identifiers }, aws) {
    const { pipelineName, executionId } = identifiers;
    const pipelineArns = sagemakerPipelinePaths(pipelineName).map((path) => aws.arn('sagemaker', path));
    const [pipelineArn = ''] = pipelineArns;
    /** The ARN of the pipeline as SageMaker writes it, once a response has it. */
    let knownArn: string | undefined;

    function record(arn = '', status?: string, more?: Partial<DeploymentRecord>): DeploymentRecord {
      const [ofPipeline = '', id] = arn.split('/execution/');
      // The id alone does not tell whose execution it is.
      if (!pipelineArns.includes(ofPipeline)) throw new InvalidResponseError('the response is about another pipeline');
      knownArn = ofPipeline;
      return { id, status, attributes: { arn, name: pipelineName }, ...more };
    }

    async function describe(request: Request, ofPipeline: string, id: string): Promise<DeploymentRecord> {
      const PipelineExecutionArn = `${ofPipeline}/execution/${id}`;
      const command = new DescribePipelineExecutionCommand({ PipelineExecutionArn });
      const found = await request(SAGEMAKER_READ_ACTION, PipelineExecutionArn, command);
      const { PipelineExecutionStatus: status, CreationTime: startedAt, FailureReason: statusMessage } = found;
      return record(found.PipelineExecutionArn, status, { startedAt, statusMessage });
    }

    return {
      specifiedId: executionId,
      isNewestFirst: true,
      async list(request, NextToken) {
        const order = { SortBy: 'CreationTime', SortOrder: 'Descending' } as const;
        const input = { PipelineName: pipelineName, ...order, MaxResults: PAGE_SIZE, NextToken };
        const response = await request(SAGEMAKER_LIST_ACTION, pipelineArn, new ListPipelineExecutionsCommand(input));
        const items = response.PipelineExecutionSummaries?.map((found) => {
          const { StartTime: startedAt, PipelineExecutionFailureReason: statusMessage } = found;
          return record(found.PipelineExecutionArn, found.PipelineExecutionStatus, { startedAt, statusMessage });
        });
        return { items, nextToken: response.NextToken };
      },
      async get(request, id) {
        const [first = '', other] = knownArn === undefined ? pipelineArns : [knownArn];
        return describe(request, first, id).catch((error) => {
          if (other === undefined || errorName(error) !== NOT_FOUND) throw error;
          return describe(request, other, id);
        });
      },
      async stop(request, id) {
        const PipelineExecutionArn = `${knownArn ?? pipelineArn}/execution/${id}`;
        // At least 32 characters. A repeated request is the same request.
        const ClientRequestToken = `cdk-deployment-cancellation-stop-${id}`;
        const command = new StopPipelineExecutionCommand({ PipelineExecutionArn, ClientRequestToken });
        const response = await request(SAGEMAKER_STOP_ACTION, PipelineExecutionArn, command);
        // The response has no status. This is the one that is documented for an accepted stop.
        return record(response.PipelineExecutionArn, 'Stopping');
      },
    };
  },
});

import type * as api from '@aws-sdk/client-sagemaker';
import { arnOf } from '../../core/environment';
import { ServiceError } from '../../core/http-server';
import type { Operation } from '../../core/json-api';
import { type Input, optionalText } from '../../core/json-input';
import { jsonProtocol } from '../../core/protocols';
import type { ListedDeployment, SimulatedDeployments } from '../../core/simulated-deployments';
import { defineSimulation, pageOf } from '../../simulation/define-simulation';

type Status = api.PipelineExecutionStatus;
type Pipelines = SimulatedDeployments<Status>;

const onExecution = (answer: Operation<Pipelines>['answer']): Operation<Pipelines> => ({
  answer,
  resources: (_, input) => [textIn(input, 'PipelineExecutionArn').split(':').slice(5).join(':')],
});

/** Amazon SageMaker AI, limited to the executions of pipelines. */
export const simulation = defineSimulation<Status>({
  service: 'sagemaker',
  title: 'Amazon SageMaker',
  protocol: jsonProtocol('SageMaker', '1.1'),
  statuses: {
    started: 'Executing',
    cancellable: ['Executing'],
    cancelling: 'Stopping',
    cancelled: 'Stopped',
    failed: 'Failed',
    succeeded: 'Succeeded',
    terminal: ['Succeeded', 'Failed', 'Stopped'],
  },
  errors: { notFound: 'ResourceNotFound', notInProgress: 'ValidationException' },
  refusals: { OVER: 'ValidationException', INVALID: 'ValidationException' },
  newId: (count) => `exec${String(count).padStart(8, '0')}`,
  pathOf: ({ pipelineName = '' }) => pipelineName,
  operations: {
    ListPipelineExecutions: {
      answer: listExecutions,
      resources: (_, input) => [`pipeline/${textIn(input, 'PipelineName')}`],
    },
    DescribePipelineExecution: onExecution(describeExecution),
    StopPipelineExecution: onExecution((pipelines, input) => {
      const { id, resource } = find(pipelines, input);
      pipelines.cancel(resource.path, id);
      return { PipelineExecutionArn: textIn(input, 'PipelineExecutionArn') };
    }),
  },
});

function listExecutions(pipelines: Pipelines, input: Input): api.ListPipelineExecutionsResponse {
  if (input.SortBy !== 'CreationTime' || input.SortOrder !== 'Descending') {
    throw new ServiceError('ValidationException', 'the emulated Amazon SageMaker lists the newest first');
  }
  const executions = pipelines.newestFirst(textIn(input, 'PipelineName'));
  const { page, next } = pageOf(executions, input, { size: 'MaxResults', token: 'NextToken' });
  const summary = (execution: ListedDeployment<Status>): api.PipelineExecutionSummary => ({
    PipelineExecutionArn: executionArn(pipelines, execution),
    StartTime: new Date(execution.createdAt),
    PipelineExecutionStatus: execution.status,
    PipelineExecutionFailureReason: execution.message,
  });
  return { PipelineExecutionSummaries: page.map(summary), NextToken: next };
}

function describeExecution(pipelines: Pipelines, input: Input): api.DescribePipelineExecutionResponse {
  const execution = find(pipelines, input);
  return {
    PipelineExecutionArn: executionArn(pipelines, execution),
    PipelineExecutionStatus: execution.status,
    FailureReason: execution.message,
    CreationTime: new Date(execution.createdAt),
    LastModifiedTime: new Date(execution.lastModifiedAt),
  };
}

function executionArn({ environment }: Pipelines, { id, resource }: ListedDeployment<Status>): string {
  return arnOf(environment, 'sagemaker', `pipeline/${resource.path}/execution/${id}`);
}

function find(pipelines: Pipelines, input: Input): ListedDeployment<Status> {
  const arn = textIn(input, 'PipelineExecutionArn');
  const found = pipelines.find(arn.slice(arn.lastIndexOf('/') + 1));
  if (found && executionArn(pipelines, found) === arn) return found;
  throw new ServiceError('ResourceNotFound', `${arn} does not exist`);
}

function textIn(input: Input, member: string): string {
  const value = optionalText(input, member);
  if (value !== undefined && value !== '') return value;
  throw new ServiceError('ValidationException', `${member} must not be empty`);
}

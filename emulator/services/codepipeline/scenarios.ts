import type { PipelineExecutionStatus } from '@aws-sdk/client-codepipeline';
import type { ServiceSimulation } from '../../simulation/service-simulation';
import { emulateCodePipeline } from './service';

export const simulation: ServiceSimulation<PipelineExecutionStatus> = {
  statuses: {
    CANCELLING: 'Stopping',
    CANCELLED: 'Stopped',
    FAILED: 'Failed',
    SUCCEEDED: 'Succeeded',
    DELETE_IN_PROGRESS: undefined,
  },
  refusals: { OVER: 'PipelineExecutionNotStoppableException', INVALID: 'ValidationException' },
  commands: ({ identifiers: { pipelineName } }, id) => ({
    find: `codepipeline list-pipeline-executions --pipeline-name ${pipelineName}`,
    cancel: `codepipeline stop-pipeline-execution --pipeline-name ${pipelineName} --pipeline-execution-id ${id}`,
  }),
  path: ({ identifiers: { pipelineName = '' } }) => pipelineName,
  account(targets, environment) {
    const pipelines = targets
      .filter(({ deployments }) => deployments.length > 0)
      .map(({ identifiers: { pipelineName = '' }, deployments: executions }) => ({ name: pipelineName, executions }));
    return { services: [(clock, consistency) => emulateCodePipeline({ pipelines }, clock, environment, consistency)] };
  },
};

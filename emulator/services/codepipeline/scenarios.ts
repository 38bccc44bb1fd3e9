import type { PipelineExecutionStatus } from '@aws-sdk/client-codepipeline';
import { CODEPIPELINE_STOP_ACTION } from '../../../lib/deployments/codepipeline/kinds';
import { accessDenied } from '../../aws/iam';
import type { SeededDeployment } from '../../core/plan';
import type { ServiceFactory } from '../../core/service';
import { DEFAULT_ENVIRONMENT } from '../../core/simulated-service';
import type { ScenarioProvider } from '../../simulation/scenario-provider';
import { resolveScenario, type ServiceProfile } from '../../simulation/scenarios';
import { arnOf, embeddedCodePipeline } from './service';

export const DEFAULT_PIPELINE_NAME = 'release';

const CALLER = {
  accountId: DEFAULT_ENVIRONMENT.account,
  roleName: 'deployment-function',
  sessionName: 'deployment-function',
};

export function profileOf(pipelineName: string): ServiceProfile<PipelineExecutionStatus> {
  const resource = arnOf(DEFAULT_ENVIRONMENT, pipelineName);
  return {
    statuses: {
      CANCELLING: 'Stopping',
      CANCELLED: 'Stopped',
      FAILED: 'Failed',
      SUCCEEDED: 'Succeeded',
      DELETE_IN_PROGRESS: undefined,
    },
    refusals: { OVER: 'PipelineExecutionNotStoppableException', INVALID: 'ValidationException' },
    service: 'codepipeline',
    cancelOperation: 'StopPipelineExecution',
    readOperation: 'GetPipelineExecution',
    accessDenied: {
      kind: 'error',
      type: 'AccessDeniedException',
      message: accessDenied(CALLER, { action: CODEPIPELINE_STOP_ACTION, resource }),
    },
    throttled: { kind: 'error', type: 'ThrottlingException', message: 'Rate exceeded' },
  };
}

/** A pipeline of that name, with executions as told; without executions told, no pipeline. */
export function pipeline(
  name: string,
  ...executions: readonly SeededDeployment<PipelineExecutionStatus>[]
): ServiceFactory {
  const pipelines = executions.length > 0 ? [{ name, executions }] : [];
  return (clock) => embeddedCodePipeline({ pipelines }, clock);
}

export const CODEPIPELINE_SCENARIOS: ScenarioProvider = {
  kind: 'codepipeline-execution',
  scenario(name, { pipelineName = DEFAULT_PIPELINE_NAME }) {
    const { description, deployment, faults } = resolveScenario(name, profileOf(pipelineName));
    return { description, seed: {}, services: [pipeline(pipelineName, ...(deployment ? [deployment] : []))], faults };
  },
};

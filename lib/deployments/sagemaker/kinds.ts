import type { KindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

export const SAGEMAKER_STOP_ACTION = 'sagemaker:StopPipelineExecution';
export const SAGEMAKER_READ_ACTION = 'sagemaker:DescribePipelineExecution';
export const SAGEMAKER_LIST_ACTION = 'sagemaker:ListPipelineExecutions';

/**
 * The ARNs that a pipeline may have, after `arn:PARTITION:sagemaker:REGION:ACCOUNT:`: SageMaker has written names in
 * lowercase there, and does not document when.
 */
export function sagemakerPipelinePaths(pipelineName = ''): readonly string[] {
  // A token is not a name yet.
  const names = pipelineName.includes('${') ? [pipelineName] : [pipelineName, pipelineName.toLowerCase()];
  return [...new Set(names)].map((name) => `pipeline/${name}`);
}

export const SAGEMAKER_KINDS = {
  'sagemaker-pipeline-execution': {
    className: 'SageMakerPipelineExecution',
    command: 'sagemaker',
    label: 'sagemaker pipeline',
    identifiers: {
      pipelineName: {
        validate: stringValidator({
          pattern: /^[0-9A-Za-z](-*[0-9A-Za-z])*$/,
          maxLength: 256,
          rule: "hold only letters, digits and '-', and start and end with a letter or digit",
        }),
        sample: 'train',
      },
      executionId: {
        validate: stringValidator({
          pattern: /^[0-9A-Za-z]{1,64}$/,
          rule: 'be the ID of an execution, the last part of its ARN',
        }),
      },
    },
    identifierSets: [['pipelineName', 'executionId'], ['pipelineName']],
    displayName({ pipelineName, executionId }) {
      const pipeline = `sagemaker pipeline ${pipelineName}`;
      return executionId === undefined ? pipeline : `execution ${executionId} of ${pipeline}`;
    },
    cancelAction: SAGEMAKER_STOP_ACTION,
    readAction: SAGEMAKER_READ_ACTION,
    resource: ({ pipelineName, executionId = '*' }) => `pipeline/${pipelineName}/execution/${executionId}`,
    permissions({ identifiers: { pipelineName, executionId } }) {
      const pipelines = sagemakerPipelinePaths(pipelineName);
      const executions = pipelines.map((path) => `${path}/execution/${executionId ?? '*'}`);
      return [
        { actions: [SAGEMAKER_STOP_ACTION, SAGEMAKER_READ_ACTION], resources: executions },
        ...(executionId === undefined ? [{ actions: [SAGEMAKER_LIST_ACTION], resources: pipelines }] : []),
      ];
    },
    consolePath: ({ region }) => `sagemaker/home?region=${region}#/pipelines`,
    attributes: ['arn', 'name'],
    cancelsById: true,
    rollsBack: false,
  },
} as const satisfies Readonly<Record<string, KindDefinition>>;

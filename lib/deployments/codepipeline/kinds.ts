import { TIMEOUT_SECONDS } from '../../contract/cancellation';
import type { Identifiers, KindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

export const CODEPIPELINE_STOP_ACTION = 'codepipeline:StopPipelineExecution';
export const CODEPIPELINE_READ_ACTION = 'codepipeline:GetPipelineExecution';
export const CODEPIPELINE_LIST_ACTION = 'codepipeline:ListPipelineExecutions';

/** The bounds of the time after which an execution that is stopping is abandoned. */
export const ABANDON_AFTER_SECONDS = { min: 1, max: TIMEOUT_SECONDS.max } as const;

/** The ARN of a pipeline after `arn:PARTITION:codepipeline:REGION:ACCOUNT:`. An execution has no ARN. */
export function codePipelinePath({ pipelineName = '' }: Identifiers): string {
  return pipelineName;
}

const validateName = stringValidator({
  pattern: /^[0-9A-Za-z.@_-]+$/,
  maxLength: 100,
  rule: 'be a name that holds only letters, digits and . @ - _',
});

const validateId = stringValidator({
  pattern: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  rule: 'be the ID of an execution, a UUID in lowercase',
});

export const CODEPIPELINE_KINDS = {
  'codepipeline-execution': {
    className: 'CodePipelineExecution',
    command: 'pipeline',
    label: 'pipeline',
    identifiers: {
      pipelineName: { validate: validateName, sample: 'release' },
      executionId: { validate: validateId },
    },
    identifierSets: [['pipelineName', 'executionId'], ['pipelineName']],
    options: {
      abandon: { type: 'boolean', default: false },
      abandonAfterSeconds: { type: 'seconds', ...ABANDON_AFTER_SECONDS, onlyIf: { option: 'abandon', is: false } },
    },
    displayName: ({ pipelineName, executionId }) =>
      executionId === undefined ? `pipeline ${pipelineName}` : `execution ${executionId} of pipeline ${pipelineName}`,
    cancelAction: CODEPIPELINE_STOP_ACTION,
    readAction: CODEPIPELINE_READ_ACTION,
    resource: codePipelinePath,
    permissions: ({ identifiers }) => [
      {
        actions: [CODEPIPELINE_STOP_ACTION, CODEPIPELINE_READ_ACTION, CODEPIPELINE_LIST_ACTION],
        resources: [codePipelinePath(identifiers)],
      },
    ],
    attributes: ['arn', 'name'],
    consolePath: ({ identifiers: { pipelineName }, deploymentId, region }) =>
      `codesuite/codepipeline/pipelines/${pipelineName}/${deploymentId === undefined ? 'view' : `executions/${deploymentId}/visualization`}?region=${region}`,
    cancelsById: true,
    rollsBack: false,
  },
} as const satisfies Readonly<Record<string, KindDefinition>>;

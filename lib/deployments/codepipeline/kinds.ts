import type { Deployment, DeploymentKind } from '../../contract/cancellation';
import type { KindDefinition } from '../kind-definition';

/** What AWS CodePipeline and IAM call an execution of a pipeline, and what its cancellation asks for. */

export type CodePipelineKindName = Extract<DeploymentKind, `codepipeline-${string}`>;

export const CODEPIPELINE_STOP_ACTION = 'codepipeline:StopPipelineExecution';
export const CODEPIPELINE_READ_ACTION = 'codepipeline:GetPipelineExecution';
export const CODEPIPELINE_LIST_ACTION = 'codepipeline:ListPipelineExecutions';

/** The ARN of a pipeline after `arn:PARTITION:codepipeline:REGION:ACCOUNT:`. An execution has none of its own. */
export function codePipelinePath({ pipelineName = '' }: Deployment['identifiers']): string {
  return pipelineName;
}

/** How `abandon` stands among the names of a deployment, which are all texts. */
export function abandonName(abandon: boolean): string {
  return abandon ? 'true' : 'false';
}

const NAME = /^[0-9A-Za-z.@_-]+$/;
const MAX_NAME = 100;
const EXECUTION_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Says what is wrong with the value of a name, or nothing. */
function validate(name: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return `must be a string, not ${value === null ? 'null' : typeof value}`;
  if (name === 'abandon') {
    if (value === abandonName(true) || value === abandonName(false)) return undefined;
    return `must be 'true' or 'false', not '${value.slice(0, MAX_NAME)}'`;
  }
  if (name === 'executionId') {
    if (EXECUTION_ID.test(value)) return undefined;
    return `must be the id of an execution, which is a uuid in small letters, not '${value.slice(0, MAX_NAME)}'`;
  }
  if (value.length < 1 || value.length > MAX_NAME) return `must have 1 to ${MAX_NAME} characters, not ${value.length}`;
  if (!NAME.test(value)) return `must be a name of letters, digits and . @ - _, and no arn, not '${value}'`;
  return undefined;
}

export const CODEPIPELINE_KIND_DEFINITIONS: Readonly<Record<CodePipelineKindName, KindDefinition>> = {
  'codepipeline-execution': {
    identifierSets: [
      ['pipelineName', 'executionId', 'abandon'],
      ['pipelineName', 'abandon'],
    ],
    validate,
    displayName: ({ pipelineName, executionId }) =>
      executionId === undefined ? `pipeline ${pipelineName}` : `execution ${executionId} of pipeline ${pipelineName}`,
  },
};

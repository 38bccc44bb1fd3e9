import type { FleetKindDefinition } from '../kind-definition';
import { CODEPIPELINE_KINDS } from './kinds';

const { identifiers, options } = CODEPIPELINE_KINDS['codepipeline-execution'];

/** The kinds of fleet whose deployments CodePipeline lists. */
export const CODEPIPELINE_FLEETS = {
  'codepipeline-executions': {
    className: 'CodePipelineFleet',
    identifiers: { pipelineName: identifiers.pipelineName },
    options,
    displayName: ({ pipelineName }) => `executions of pipeline ${pipelineName}`,
    deploymentOf: (executionId, { identifiers: { pipelineName = '' }, options: given }) => ({
      kind: 'codepipeline-execution',
      identifiers: { pipelineName, executionId },
      ...(given && { options: given }),
    }),
  },
} as const satisfies Readonly<Record<string, FleetKindDefinition>>;

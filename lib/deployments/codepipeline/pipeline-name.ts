import type { aws_codepipeline as codepipeline } from 'aws-cdk-lib/interfaces';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';

/**
 * The name of a pipeline: of an `IPipeline`, which has no reference in older versions of the CDK, or of a reference.
 *
 * @throws if it is not a pipeline
 */
export function pipelineNameOf(pipeline: codepipeline.IPipelineRef & { readonly pipelineName?: string }): string {
  const pipelineName = pipeline?.pipelineName ?? pipeline?.pipelineRef?.pipelineName;
  if (pipelineName !== undefined) return pipelineName;
  throw new InvalidConfigurationError(
    `pipeline must be a Pipeline of aws-codepipeline, not ${describe(pipeline)}: use fromPipelineName for a name, and, for CDK Pipelines, pipeline.pipeline after buildPipeline()`,
  );
}

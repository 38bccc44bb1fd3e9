import type { ResourceEnvironment, aws_sagemaker as sagemaker } from 'aws-cdk-lib/interfaces';
import type { Deployment } from '../../contract/cancellation';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import { DeclaredDeployment } from '../declared-deployment';

/** The execution of a SageMaker pipeline to cancel. */
export interface SageMakerPipelineExecutionOptions {
  /**
   * The ID of one execution, the last part of its ARN. No other execution is cancelled.
   *
   * @default - the newest execution in flight when the cancellation begins
   */
  readonly executionId?: string;
}

/**
 * An execution of a pipeline of Amazon SageMaker AI.
 *
 * Cancelling it stops it: the steps in progress are stopped, and no further step begins. SageMaker does not stop an
 * execution while a callback or Lambda step runs. It rolls nothing back. A stop names the ID of the execution: a newer one is
 * never stopped by mistake.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopPipelineExecution.html
 */
export class SageMakerPipelineExecution extends DeclaredDeployment {
  /**
   * An execution of a pipeline that is addressed by its name.
   *
   * @param pipelineName the name of the pipeline, not its ARN: 1 to 256 letters, digits and hyphens
   * @param options the execution to cancel
   * @throws if SageMaker does not accept the name or the ID; tokens are checked when the stack is deployed
   */
  public static fromPipelineName(
    pipelineName: string,
    options: SageMakerPipelineExecutionOptions = {},
  ): SageMakerPipelineExecution {
    return new SageMakerPipelineExecution(pipelineName, options);
  }

  /**
   * An execution of a pipeline of the CDK: the same as with `fromPipelineName`.
   *
   * @param pipeline a pipeline of `aws-sagemaker` in the account and region of the stack that cancels
   * @param options the execution to cancel
   * @throws if it is not a pipeline
   */
  public static fromPipeline(
    pipeline: sagemaker.IPipelineRef,
    options: SageMakerPipelineExecutionOptions = {},
  ): SageMakerPipelineExecution {
    const name = pipeline?.pipelineRef?.pipelineName;
    if (name !== undefined) return new SageMakerPipelineExecution(name, options, pipeline.env);
    throw new InvalidConfigurationError(
      `pipeline must be a CfnPipeline of aws-sagemaker, not ${describe(pipeline)}: use fromPipelineName for a name`,
    );
  }

  /** @internal */
  public static _fromContract({ identifiers }: Deployment): SageMakerPipelineExecution {
    const { pipelineName = '', executionId } = identifiers;
    return new SageMakerPipelineExecution(pipelineName, { executionId });
  }

  private constructor(
    pipelineName: string,
    { executionId }: SageMakerPipelineExecutionOptions,
    environment?: ResourceEnvironment,
  ) {
    const identifiers = { pipelineName, ...(executionId !== undefined && { executionId }) };
    super({ kind: 'sagemaker-pipeline-execution', identifiers }, environment);
  }
}

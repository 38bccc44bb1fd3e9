import type { Duration } from 'aws-cdk-lib';
import type { aws_codepipeline as codepipeline, ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { Deployment } from '../../contract/cancellation';
import { DeclaredDeployment } from '../declared-deployment';
import { pipelineNameOf } from './pipeline-name';
import { renderStopOptions, stopOptionsOf } from './stop-options';

/** The execution of a pipeline to cancel, and the way to stop it. */
export interface CodePipelineExecutionOptions {
  /**
   * The ID of one execution, a UUID. No other execution is cancelled.
   *
   * @default - the newest execution in flight when the cancellation begins; of a pipeline in QUEUED mode, the oldest one,
   * for which the others wait
   */
  readonly executionId?: string;

  /**
   * Whether to abandon the actions in progress, so that the execution stops at once. Work that an abandoned action has
   * started may go on, fail, or stay half done, outside of the pipeline. The actions of an
   * execution that is already stopping are abandoned as well.
   *
   * @default false - the actions in progress are completed first, and no further action begins
   */
  readonly abandon?: boolean;

  /**
   * The time after which the execution that is still stopping is abandoned: whole seconds, from 1 second to less than the
   * timeout. It counts from the stop, or from the first read if somebody else has stopped it. The actions in progress have
   * that long to complete. Not with `abandon`.
   *
   * @default - it is not abandoned
   */
  readonly abandonAfter?: Duration;
}

/**
 * An execution of a pipeline of AWS CodePipeline.
 *
 * Cancelling it stops it. CodePipeline rolls nothing back: what the actions have deployed stays deployed. Each execution
 * has an ID, and a stop names the ID: a newer execution is never stopped by mistake. A rollback is never stopped: it is
 * ignored, or, if its ID is specified, `REFUSED`.
 *
 * A pipeline must not cancel its own execution from one of its actions, unless with `abandon` or `abandonAfter`: the action
 * would wait for the execution to stop, and the execution for the action.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html
 */
export class CodePipelineExecution extends DeclaredDeployment {
  /**
   * An execution of a pipeline that is addressed by its name. Without `executionId`, it is the newest execution in flight,
   * or, of a pipeline in QUEUED mode, the one that the others wait for. The others are not cancelled: in SUPERSEDED mode,
   * the newest one may still wait for a stage in which an older one deploys.
   *
   * @param pipelineName the name of the pipeline, not its ARN: 1 to 100 letters, digits and `. @ - _`
   * @param options the execution to cancel, and the way to stop it
   * @throws if CodePipeline does not accept the name or the ID; tokens are checked when the stack is deployed
   * @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ListPipelineExecutions.html
   */
  public static fromPipelineName(
    pipelineName: string,
    options: CodePipelineExecutionOptions = {},
  ): CodePipelineExecution {
    return new CodePipelineExecution(pipelineName, options);
  }

  /**
   * An execution of a pipeline of the CDK: the same as with `fromPipelineName`.
   *
   * The cancellation depends on the pipeline. Use `fromPipelineName` for what the pipeline depends on, such as one of its
   * actions.
   *
   * @param pipeline a pipeline in the account and region of the stack that cancels. A pipeline of CDK Pipelines has it in
   * `pipeline`, after `buildPipeline()`
   * @param options the execution to cancel, and the way to stop it
   * @throws if it is not a pipeline, or CodePipeline does not accept the ID; a token is checked when the stack is deployed
   */
  public static fromPipeline(
    pipeline: codepipeline.IPipelineRef,
    options: CodePipelineExecutionOptions = {},
  ): CodePipelineExecution {
    return new CodePipelineExecution(pipelineNameOf(pipeline), options, pipeline.env);
  }

  /** @internal */
  public static _fromContract({ identifiers, options }: Deployment): CodePipelineExecution {
    const { pipelineName = '', executionId } = identifiers;
    return new CodePipelineExecution(pipelineName, {
      executionId,
      ...stopOptionsOf(options),
    });
  }

  private constructor(
    pipelineName: string,
    { executionId, ...stop }: CodePipelineExecutionOptions,
    environment?: ResourceEnvironment,
  ) {
    const identifiers = { pipelineName, ...(executionId !== undefined && { executionId }) };
    super({ kind: 'codepipeline-execution', identifiers, options: renderStopOptions(stop) }, environment);
  }
}

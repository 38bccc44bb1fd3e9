import type { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { aws_codepipeline as codepipeline, ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { FoundFleet } from '../../contract/fleet';
import { DeclaredFleet } from '../declared-fleet';
import {
  CODEPIPELINE_LIST_ACTION,
  CODEPIPELINE_READ_ACTION,
  CODEPIPELINE_STOP_ACTION,
  codePipelinePath,
} from './kinds';
import { pipelineNameOf } from './pipeline-name';
import { renderStopOptions } from './stop-options';

/** The way to stop the executions of a pipeline. */
export interface CodePipelineFleetOptions {
  /**
   * Whether to abandon the actions in progress, as for a `CodePipelineExecution`.
   *
   * @default false - the actions in progress are completed first, and no further action begins
   */
  readonly abandon?: boolean;

  /**
   * The time after which an execution that is still stopping is abandoned: whole seconds, from 1 second to less than the
   * timeout. It counts from the stop, or from the first read if somebody else has stopped it. The actions in progress have
   * that long to complete. Not with `abandon`.
   *
   * @default - it is not abandoned
   */
  readonly abandonAfter?: Duration;
}

/**
 * All executions of a pipeline that are in flight when the cancellation begins, also those that wait. Executions that start
 * later are not stopped, and a rollback is never stopped.
 *
 * In a pipeline in QUEUED or PARALLEL mode, several executions are in flight at the same time. In SUPERSEDED mode, one may
 * be in each stage.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ListPipelineExecutions.html
 */
export class CodePipelineFleet extends DeclaredFleet {
  /**
   * The executions of a pipeline that is addressed by its name.
   *
   * @param pipelineName the name of the pipeline, not its ARN: 1 to 100 letters, digits and `. @ - _`
   * @param options the way to stop the executions
   * @throws if CodePipeline does not accept the name; a token is checked when the stack is deployed
   */
  public static fromPipelineName(pipelineName: string, options: CodePipelineFleetOptions = {}): CodePipelineFleet {
    return new CodePipelineFleet(pipelineName, options);
  }

  /**
   * The executions of a pipeline of the CDK: the same as with `fromPipelineName`.
   *
   * The cancellation depends on the pipeline. Use `fromPipelineName` for what the pipeline depends on, such as one of its
   * actions.
   *
   * @param pipeline a pipeline in the account and region of the stack that cancels. A pipeline of CDK Pipelines has it in
   * `pipeline`, after `buildPipeline()`
   * @param options the way to stop the executions
   * @throws if it is not a pipeline
   */
  public static fromPipeline(
    pipeline: codepipeline.IPipelineRef,
    options: CodePipelineFleetOptions = {},
  ): CodePipelineFleet {
    return new CodePipelineFleet(pipelineNameOf(pipeline), options, pipeline.env);
  }

  private constructor(pipelineName: string, stop: CodePipelineFleetOptions, environment?: ResourceEnvironment) {
    super(
      { kind: 'codepipeline-executions', identifiers: { pipelineName }, options: renderStopOptions(stop) },
      environment,
    );
  }

  /** @internal */
  protected _statements(identifiers: FoundFleet['identifiers'], arn: (path: string) => string): PolicyStatement[] {
    return [
      new PolicyStatement({
        actions: [CODEPIPELINE_STOP_ACTION, CODEPIPELINE_READ_ACTION, CODEPIPELINE_LIST_ACTION],
        resources: [arn(codePipelinePath(identifiers))],
      }),
    ];
  }
}

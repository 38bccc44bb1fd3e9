import { Stack } from 'aws-cdk-lib';
import type { IPipeline } from 'aws-cdk-lib/aws-codepipeline';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../../contract/cancellation';
import { type ResourceEnvironment, validateEnvironment } from '../../private/environment';
import { CancellableDeployment } from '../cancellable-deployment';
import { validateIdentifiers } from '../checked-subject';
import {
  abandonName,
  CODEPIPELINE_LIST_ACTION,
  CODEPIPELINE_READ_ACTION,
  CODEPIPELINE_STOP_ACTION,
  type CodePipelineKindName,
  codePipelinePath,
} from './kinds';

/** Which execution of a pipeline, and how it is stopped. */
export interface CodePipelineExecutionOptions {
  /**
   * The id of one execution, a UUID; no other one is stopped then.
   *
   * @default - the newest execution in flight when the cancellation begins
   */
  readonly executionId?: string;

  /**
   * Whether the actions in progress are abandoned, so that the execution stops at once. What they have begun may then go on,
   * fail, or stay half done, outside of the pipeline. An execution that somebody has stopped already is waited for, and not
   * abandoned.
   *
   * @default false - the actions in progress are finished first, and no further one begins
   */
  readonly abandon?: boolean;
}

/** Which pipeline of AWS CodePipeline, which execution of it, and how that is stopped. */
export interface CodePipelineExecutionProps extends CodePipelineExecutionOptions {
  /** The name of the pipeline, not its ARN: 1 to 100 letters, digits and `. @ - _`. */
  readonly pipelineName: string;
}

const KIND: CodePipelineKindName = 'codepipeline-execution';

/**
 * An execution of a pipeline of AWS CodePipeline.
 *
 * Cancelling it stops it. What its actions have deployed stays as it is: CodePipeline rolls nothing back. Each execution has
 * an id, and a cancellation names it: a newer one is never reached.
 *
 * A pipeline must not cancel an execution of its own from one of its actions, unless with `abandon`: the action would wait for
 * the execution to stop, which waits for the action.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html
 */
export class CodePipelineExecution extends CancellableDeployment {
  /**
   * An execution of a pipeline that is named. Without an `executionId`, it is the newest that is in flight: of a pipeline that
   * runs several at the same time, or has them queued, the others are left alone, and have to be named.
   *
   * @throws if a name is not one that CodePipeline accepts; names that are tokens are checked when the stack is deployed
   * @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ListPipelineExecutions.html
   */
  public static of(props: CodePipelineExecutionProps): CodePipelineExecution {
    return new CodePipelineExecution(props);
  }

  /**
   * As `of`, with the name of a pipeline that the CDK knows. What cancels it depends on the pipeline then; what the pipeline
   * itself needs, such as one of its actions, has to name it.
   *
   * @param pipeline one of the account and the region of the stack that cancels. One of CDK Pipelines has it after
   * `buildPipeline()`, as `pipeline`
   * @param options which execution, and how it is stopped
   * @throws if `executionId` is no such id; one that is a token is checked when the stack is deployed
   */
  public static ofPipeline(pipeline: IPipeline, options: CodePipelineExecutionOptions = {}): CodePipelineExecution {
    const { account, region } = pipeline.env;
    return new CodePipelineExecution({ ...options, pipelineName: pipeline.pipelineName }, { account, region });
  }

  public readonly displayName: string;
  private readonly identifiers: Record<string, string>;

  private constructor(
    { pipelineName, executionId, abandon = false }: CodePipelineExecutionProps,
    private readonly environment?: ResourceEnvironment,
  ) {
    super();
    this.identifiers = {
      pipelineName,
      ...(executionId !== undefined && { executionId }),
      abandon: abandonName(abandon),
    };
    this.displayName = validateIdentifiers({ kind: KIND, identifiers: this.identifiers });
  }

  /** @throws if it is known to be of another account or region than the stack of `scope` */
  public policyStatements(scope: IConstruct): PolicyStatement[] {
    if (this.environment) validateEnvironment(this.displayName, this.environment, scope);
    const pipeline = Stack.of(scope).formatArn({
      service: 'codepipeline',
      resource: codePipelinePath(this.identifiers),
    });
    return [
      new PolicyStatement({
        actions: [CODEPIPELINE_STOP_ACTION, CODEPIPELINE_READ_ACTION, CODEPIPELINE_LIST_ACTION],
        resources: [pipeline],
      }),
    ];
  }

  /** @internal */
  public _toContract(): Deployment {
    return { kind: KIND, identifiers: this.identifiers };
  }
}

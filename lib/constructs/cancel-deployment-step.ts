import type { IStage } from 'aws-cdk-lib/aws-codepipeline';
import {
  type CodePipelineActionFactoryResult,
  type ICodePipelineActionFactory,
  type ProduceActionOptions,
  Step,
} from 'aws-cdk-lib/pipelines';
import { CancelDeploymentAction } from './cancel-deployment-action';
import type { CancelDeploymentProps } from './cancel-deployment-props';

/**
 * A step of CDK Pipelines that cancels a deployment and waits until it is over: in `pre`, it clears a stale deployment out
 * of the way of a stage or wave; `post` is not reached after a failure, for which there is `CancelOnStageFailure`.
 *
 * Unless told otherwise, it runs the cancellation workflow of the pipeline's own stack, in the account and the region of the
 * pipeline, whatever account and region the stage deploys to.
 */
export class CancelDeploymentStep extends Step implements ICodePipelineActionFactory {
  constructor(
    id: string,
    private readonly props: CancelDeploymentProps,
  ) {
    super(id);
  }

  public produceAction(stage: IStage, options: ProduceActionOptions): CodePipelineActionFactoryResult {
    const { actionName, runOrder, variablesNamespace } = options;
    stage.addAction(new CancelDeploymentAction({ ...this.props, actionName, runOrder, variablesNamespace }));
    return { runOrdersConsumed: 1 };
  }
}

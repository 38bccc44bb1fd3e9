import type { IStage } from 'aws-cdk-lib/aws-codepipeline';
import {
  type CodePipelineActionFactoryResult,
  type ICodePipelineActionFactory,
  type ProduceActionOptions,
  Step,
} from 'aws-cdk-lib/pipelines';
import { OnNotFound } from '../contract/outcome';
import { CancellationWorkflow } from '../workflow/cancellation-workflow';
import { CancelDeploymentAction } from './cancel-deployment-action';
import type { CancelDeploymentProps } from './cancel-deployment-props';
import { warnOfStepElsewhere } from './private/other-environment';

/**
 * A step of CDK Pipelines that cancels a deployment and waits until it is over. In `pre`, it cancels a stale deployment
 * before a stage or wave. `post` does not run after a failure: use `CancelOnStageFailure` for that.
 *
 * By default, it runs the cancellation workflow of the stack of the pipeline, in the region of the pipeline and in its
 * account or that of `role`, no matter which account and region the stage deploys to.
 *
 * Before the first release, the resource that is deployed does not exist. So the default of `onNotFound` is
 * `OnNotFound.SUCCEED` here.
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
    const { onNotFound = OnNotFound.SUCCEED, workflow = CancellationWorkflow.of(stage.pipeline) } = this.props;
    if (!this.props.workflow) warnOfStepElsewhere(this, options, this.props.role);
    stage.addAction(
      new CancelDeploymentAction({ ...this.props, onNotFound, workflow, actionName, runOrder, variablesNamespace }),
    );
    return { runOrdersConsumed: 1 };
  }
}

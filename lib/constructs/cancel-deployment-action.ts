import {
  type ActionBindOptions,
  ActionCategory,
  type ActionConfig,
  type Artifact,
  type CommonActionProps,
  type IStage,
} from 'aws-cdk-lib/aws-codepipeline';
import { Action, StateMachineInput, StepFunctionInvokeAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { TIMEOUT_SECONDS } from '../contract/cancellation';
import { acknowledgeWildcardsAddedTo } from '../private/acknowledgements';
import { renderTimeout } from '../workflow/cancellation-options';
import { CancellationWorkflow } from '../workflow/cancellation-workflow';
import { type CancelDeploymentProps, EXECUTION_NAMES, resolveWorkflow } from './cancel-deployment-props';
import { warnOfActionElsewhere } from './private/other-environment';
import { refuseOwnPipeline } from './private/own-pipeline';

/** Properties of `CancelDeploymentAction`. */
export interface CancelDeploymentActionProps extends CommonActionProps, CancelDeploymentProps {
  /**
   * The role that the pipeline assumes to start the workflow. `role` is the one that calls the service.
   *
   * @default - a new role
   */
  readonly actionRole?: IRole;

  /**
   * The artifact for the result of the cancellation, a JSON document.
   *
   * @default - no artifact
   */
  readonly output?: Artifact;
}

/**
 * An action of CodePipeline that cancels a deployment and waits until it is over. It fails if the cancellation fails.
 *
 * By default, it runs the cancellation workflow of the stack of the pipeline, which is created when the action is added to
 * the pipeline.
 */
export class CancelDeploymentAction extends Action {
  constructor(private readonly props: CancelDeploymentActionProps) {
    const { actionName, runOrder, variablesNamespace, actionRole: role, output } = props;
    super({
      actionName,
      runOrder,
      variablesNamespace,
      role,
      category: ActionCategory.INVOKE,
      provider: 'StepFunctions',
      artifactBounds: { minInputs: 0, maxInputs: 0, minOutputs: 0, maxOutputs: 1 },
      outputs: output ? [output] : [],
    });
  }

  protected bound(scope: Construct, stage: IStage, options: ActionBindOptions): ActionConfig {
    const { actionName, output } = this.props;
    // The workflow allows a longer one.
    renderTimeout(this.props, TIMEOUT_SECONDS, scope);
    const { workflow, input } = resolveWorkflow(this.props, scope);
    refuseOwnPipeline(this.props.deployment, stage.pipeline, scope);
    if (!this.props.workflow) warnOfActionElsewhere(actionName, stage, scope, this.props.role);
    // The permissions for an imported workflow are unknown.
    if (workflow instanceof CancellationWorkflow) workflow._allowReadExecutions(options.role);
    const action = new StepFunctionInvokeAction({
      actionName,
      output,
      stateMachine: workflow.stateMachine,
      stateMachineInput: StateMachineInput.literal(input),
    });
    return acknowledgeWildcardsAddedTo(options.role, EXECUTION_NAMES, () => action.bind(scope, stage, options));
  }
}

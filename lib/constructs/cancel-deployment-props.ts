import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { CancellableDeployment } from '../deployments/cancellable-deployment';
import { type CancellationOptions, renderSettings } from '../workflow/cancellation-options';
import { CancellationWorkflow } from '../workflow/cancellation-workflow';
import type { ICancellationWorkflow } from '../workflow/i-cancellation-workflow';

/** What is cancelled, and by what: the same in every place from which the cancellation workflow is started. */
export interface CancelDeploymentProps extends CancellationOptions {
  /** The deployment to cancel, such as `EcsServiceDeployment.fromServiceName(…)`. */
  readonly deployment: CancellableDeployment;

  /**
   * The workflow that cancels it. It acts in the account and the region in which it is.
   *
   * @default - the workflow of the stack from which it is started
   */
  readonly workflow?: ICancellationWorkflow;
}

/** The workflow to start, and the input to start it with. Whoever starts it from `scope` may be given the permission. */
export function resolveWorkflow(
  props: CancelDeploymentProps,
  scope: IConstruct,
): { readonly workflow: ICancellationWorkflow; readonly input: { [name: string]: unknown } } {
  // First of all, so that an error names the place where the option was given.
  renderSettings(props, scope);
  const workflow = props.workflow ?? CancellationWorkflow.of(scope);
  return { workflow, input: workflow.inputFor(props.deployment, props) };
}

/** What it takes to see the result of an execution. Of a workflow that is known by its ARN, it cannot be known here. */
export function readExecutionStatements(workflow: ICancellationWorkflow): PolicyStatement[] {
  return workflow instanceof CancellationWorkflow ? workflow._readExecutionStatements() : [];
}

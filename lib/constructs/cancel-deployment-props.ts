import type { IConstruct } from 'constructs';
import type { CancellableDeployment } from '../deployments/cancellable-deployment';
import { InvalidConfigurationError } from '../private/errors';
import { type Paths, validatePaths } from '../private/tokens';
import type { CancellationOptions } from '../workflow/cancellation-options';
import { CancellationWorkflow } from '../workflow/cancellation-workflow';
import type { ICancellationWorkflow } from '../workflow/i-cancellation-workflow';

/** The reason for the wildcards in the permissions to wait for an execution. */
export const EXECUTION_NAMES = 'The names of the executions of the cancellation workflow are unknown at synthesis.';

/** Properties of everything that starts the cancellation workflow. */
export interface CancelDeploymentProps extends CancellationOptions {
  /** The deployment to cancel, such as `EcsServiceDeployment.fromServiceName(…)`. */
  readonly deployment: CancellableDeployment;

  /**
   * The workflow that cancels the deployment, in the region of the workflow, and in its account or that of `role`.
   *
   * @default - the workflow of the stack that starts it
   */
  readonly workflow?: ICancellationWorkflow;
}

/**
 * Returns the workflow to start and its input.
 *
 * @param allowed the paths that the input may contain
 * @throws if an option is invalid
 */
export function resolveWorkflow(
  props: CancelDeploymentProps,
  scope: IConstruct,
  allowed?: Paths,
): { readonly workflow: ICancellationWorkflow; readonly input: { [name: string]: unknown } } {
  const workflow = props.workflow ?? CancellationWorkflow.of(scope);
  const input =
    workflow instanceof CancellationWorkflow
      ? { ...workflow._inputFor(props.deployment, props, scope) }
      : InvalidConfigurationError.naming(scope, () => workflow.inputFor(props.deployment, props));
  validatePaths('deployment', input.deployment, scope, allowed);
  return { workflow, input };
}

import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';
import type { CancellableDeployment } from '../deployments/cancellable-deployment';
import type { CancellationOptions } from './cancellation-options';

/** The cancellation workflow of a stack, or an imported one. */
export interface ICancellationWorkflow extends IConstruct {
  /** The state machine of the workflow. `stateMachine.grantStartExecution(role)` lets a role start it. */
  readonly stateMachine: IStateMachine;

  /**
   * Returns the input of an execution that cancels a deployment.
   *
   * The workflow of a stack also gets the permissions that it needs. An imported workflow does not: its own stack must
   * call `inputFor` for the same deployment, or declare a cancellation of it.
   *
   * @param deployment the deployment to cancel
   * @param options the timeout of the cancellation, and the outcomes that are failures
   * @throws if an option is invalid
   */
  inputFor(deployment: CancellableDeployment, options?: CancellationOptions): { [name: string]: unknown };

  /**
   * The number of executions that started: one for each cancellation, and one each time that a guard is armed.
   *
   * @param options metric options
   * @default - sum over 5 minutes
   */
  metricStarted(options?: MetricOptions): Metric;

  /**
   * The number of executions that failed: with an outcome that is a failure under the options, or because a function of
   * the workflow failed after all retries.
   *
   * @param options metric options
   * @default - sum over 5 minutes
   */
  metricFailed(options?: MetricOptions): Metric;

  /**
   * The duration of executions, in milliseconds. Those that arm a guard are short.
   *
   * @param options metric options
   * @default - average over 5 minutes
   */
  metricDuration(options?: MetricOptions): Metric;
}

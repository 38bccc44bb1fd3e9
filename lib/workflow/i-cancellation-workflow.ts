import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IStateMachine, StateMachineGrants } from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';
import type { CancellableDeployment } from '../deployments/cancellable-deployment';
import type { CancellationOptions } from './cancellation-options';

/** What cancels: the cancellation workflow of a stack, or one that is known by its ARN. */
export interface ICancellationWorkflow extends IConstruct {
  /** The state machine of the workflow. */
  readonly stateMachine: IStateMachine;

  /** Lets others start the workflow: `workflow.grants.startExecution(role)`. */
  readonly grants: StateMachineGrants;

  /**
   * The input with which an execution of the state machine cancels a deployment. A workflow that is known by its ARN only
   * cannot be given permissions: its own stack has to call `inputFor` for the same deployment, or declare it otherwise.
   *
   * @param deployment the deployment
   * @param options how long it may take, and what counts as a failure
   * @throws if an option cannot be used
   */
  inputFor(deployment: CancellableDeployment, options?: CancellationOptions): { [name: string]: unknown };

  /**
   * How many executions were started: one for each cancellation, and one whenever a guard is armed.
   *
   * @param options what is different from the default
   * @default - sum over 5 minutes
   */
  metricStarted(options?: MetricOptions): Metric;

  /**
   * How many executions ended as a failure: with an outcome that fails the stack, or without one, since a function of the
   * workflow failed for good.
   *
   * @param options what is different from the default
   * @default - sum over 5 minutes
   */
  metricFailed(options?: MetricOptions): Metric;

  /**
   * How long executions took, in milliseconds. Those that arm a guard are among them, and short.
   *
   * @param options what is different from the default
   * @default - average over 5 minutes
   */
  metricDuration(options?: MetricOptions): Metric;
}

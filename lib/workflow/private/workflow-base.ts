import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

/**
 * The shared part of all workflows. jsii moves its public members to the subclasses.
 *
 * @internal
 */
export abstract class WorkflowBase extends Construct {
  /** The state machine of the workflow. `stateMachine.grantStartExecution(role)` lets a role start it. */
  public abstract readonly stateMachine: IStateMachine;

  /**
   * The number of executions that started: one for each cancellation, and, in a workflow that is not for fleets, one each
   * time that a guard is armed.
   *
   * @param options metric options
   * @default - sum over 5 minutes
   */
  public metricStarted(options?: MetricOptions): Metric {
    return this.stateMachine.metricStarted(options);
  }

  /**
   * The number of executions that failed: with an outcome that is a failure under the options, or because a function of
   * the workflow failed after all retries.
   *
   * @param options metric options
   * @default - sum over 5 minutes
   */
  public metricFailed(options?: MetricOptions): Metric {
    return this.stateMachine.metricFailed(options);
  }

  /**
   * The duration of executions, in milliseconds. Those that arm a guard are short.
   *
   * @param options metric options
   * @default - average over 5 minutes
   */
  public metricDuration(options?: MetricOptions): Metric {
    return this.stateMachine.metricTime(options);
  }
}

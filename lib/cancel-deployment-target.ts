import { Duration } from 'aws-cdk-lib';
import { type IRuleTarget, type RuleTargetConfig, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { aws_events as events } from 'aws-cdk-lib/interfaces';
import { type CancelDeploymentProps, executionOf } from './cancel-deployment-props';

/** What is cancelled, and what becomes of an event that cannot be delivered at once. */
export interface CancelDeploymentTargetProps extends CancelDeploymentProps {
  /**
   * How old an event may be: it cancels what is in flight when it is delivered, which need not be what was in flight when
   * it happened.
   *
   * @default Duration.minutes(1)
   */
  readonly maxEventAge?: Duration;

  /**
   * How often it is tried again to start the workflow, as long as the event is not too old; 0 to 185 times.
   *
   * @default 185
   */
  readonly retryAttempts?: number;

  /**
   * Where an event goes that could not start the workflow.
   *
   * @default - nowhere
   */
  readonly deadLetterQueue?: IQueue;
}

/**
 * A target of an EventBridge rule: each event cancels the deployment that is in flight when it arrives.
 *
 * Unless told otherwise, it runs the cancellation workflow of the rule's stack.
 */
export class CancelDeploymentTarget implements IRuleTarget {
  constructor(private readonly props: CancelDeploymentTargetProps) {}

  public bind(rule: events.IRuleRef, id?: string): RuleTargetConfig {
    const { deadLetterQueue, retryAttempts, maxEventAge = Duration.minutes(1) } = this.props;
    const { workflow, input } = executionOf(this.props, rule);
    return new SfnStateMachine(workflow.stateMachine, {
      input: RuleTargetInput.fromObject(input),
      deadLetterQueue,
      retryAttempts,
      maxEventAge,
    }).bind(rule, id);
  }
}

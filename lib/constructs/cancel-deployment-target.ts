import { Duration } from 'aws-cdk-lib';
import { EventField, type IRuleTarget, type RuleTargetConfig, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { aws_events as events } from 'aws-cdk-lib/interfaces';
import { type CancelDeploymentProps, resolveWorkflow } from './cancel-deployment-props';

/** What is cancelled, and what becomes of an event that cannot be delivered at once. */
export interface CancelDeploymentTargetProps extends CancelDeploymentProps {
  /**
   * How old an event may be when it is delivered, after which it starts nothing: what it tells may not be so any more.
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
 * A target of an EventBridge rule: each event cancels the deployment that was in flight when it happened.
 *
 * An event may be delivered late, or more than once. A deployment that has started since, or of which the service does not
 * tell when it started, is left alone, with the outcome `SKIPPED`. A deployment counts as in flight when it started up to
 * five seconds after the event, since clocks differ.
 *
 * Unless told otherwise, it runs the cancellation workflow of the rule's stack.
 */
export class CancelDeploymentTarget implements IRuleTarget {
  constructor(private readonly props: CancelDeploymentTargetProps) {}

  public bind(rule: events.IRuleRef, id?: string): RuleTargetConfig {
    const { deadLetterQueue, retryAttempts, maxEventAge = Duration.minutes(1) } = this.props;
    const { workflow, input } = resolveWorkflow(this.props, rule);
    return new SfnStateMachine(workflow.stateMachine, {
      input: RuleTargetInput.fromObject({ ...input, requestedAt: EventField.time }),
      deadLetterQueue,
      retryAttempts,
      maxEventAge,
    }).bind(rule, id);
  }
}

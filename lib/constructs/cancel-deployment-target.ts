import { Duration } from 'aws-cdk-lib';
import { EventField, type IRuleTarget, type RuleTargetConfig, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { type CancelDeploymentProps, resolveWorkflow } from './cancel-deployment-props';

/** `IRuleRef`, or `IRule` in older versions of the CDK. */
type Rule = Parameters<IRuleTarget['bind']>[0];

/** Properties of `CancelDeploymentTarget`. */
export interface CancelDeploymentTargetProps extends CancelDeploymentProps {
  /**
   * The maximum age of an event. An older event starts nothing, because its information may be outdated.
   *
   * @default Duration.minutes(1)
   */
  readonly maxEventAge?: Duration;

  /**
   * The maximum number of retries to start the workflow, from 0 to 185. There are none after `maxEventAge`.
   *
   * @default 185
   */
  readonly retryAttempts?: number;

  /**
   * The queue for events that could not start the workflow.
   *
   * @default - no queue
   */
  readonly deadLetterQueue?: IQueue;
}

/**
 * A target of an EventBridge rule. Each event cancels the deployment that was in flight at the time of the event.
 *
 * EventBridge may deliver an event late or more than once. A deployment that started after the event, or whose start time
 * the service does not return, is not cancelled: the outcome is `SKIPPED`. A small tolerance allows for clocks that differ.
 *
 * By default, it runs the cancellation workflow of the stack of the rule.
 */
export class CancelDeploymentTarget implements IRuleTarget {
  constructor(private readonly props: CancelDeploymentTargetProps) {}

  public bind(rule: Rule, id?: string): RuleTargetConfig {
    const { deadLetterQueue, retryAttempts, maxEventAge = Duration.minutes(1) } = this.props;
    const { workflow, input } = resolveWorkflow(this.props, rule, 'event');
    return new SfnStateMachine(workflow.stateMachine, {
      input: RuleTargetInput.fromObject({ ...input, requestedAt: EventField.time }),
      deadLetterQueue,
      retryAttempts,
      maxEventAge,
    }).bind(rule, id);
  }
}

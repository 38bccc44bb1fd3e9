import type { Duration } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';

/** What is different from the default in an alarm. */
export interface CancellationAlarmOptions {
  /**
   * The name of the alarm.
   *
   * @default - made up by CloudFormation
   */
  readonly alarmName?: string;

  /**
   * What whoever is woken by it reads.
   *
   * @default - what has happened, and what to do about it
   */
  readonly alarmDescription?: string;

  /**
   * What is done when it goes off, such as `new SnsAction(topic)`.
   *
   * @default - nothing: `addAlarmAction` adds to it
   */
  readonly actions?: IAlarmAction[];

  /**
   * How long it counts before it looks, and for how long it stays on after the last that has happened.
   *
   * @default Duration.minutes(5)
   */
  readonly period?: Duration;
}

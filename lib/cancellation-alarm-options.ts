import type { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type Metric,
  type MetricOptions,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

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

/** An alarm that goes off when something has happened once that never should. Nothing heard is nothing happened. */
export function alarmOnFirst(
  scope: Construct,
  id: string,
  metric: (options: MetricOptions) => Metric,
  description: string,
  options: CancellationAlarmOptions = {},
): Alarm {
  const { alarmName, alarmDescription = description, actions = [], period } = options;
  const alarm = new Alarm(scope, id, {
    alarmName,
    alarmDescription,
    metric: metric(period ? { period } : {}),
    threshold: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(...actions);
  return alarm;
}

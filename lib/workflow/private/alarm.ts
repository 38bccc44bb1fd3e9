import {
  Alarm,
  ComparisonOperator,
  type Metric,
  type MetricOptions,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { CancellationAlarmOptions } from '../cancellation-alarm-options';

/** Creates an alarm for an event that should never occur. Missing data means that it did not occur. */
export function createOccurrenceAlarm(
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

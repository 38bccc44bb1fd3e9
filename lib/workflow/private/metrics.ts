import { Stack } from 'aws-cdk-lib';
import { Metric, type MetricOptions, Stats, Unit } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup, MetricFilter, type MetricFilterOptions } from 'aws-cdk-lib/aws-logs';
import type { Construct, IConstruct } from 'constructs';
import { DEPLOYMENT_ENDED, GUARD_FAILED, type MetricLogFields } from '../../contract/cancellation';
import type { CancellationOutcome } from '../../contract/outcome';
import { validateCounted } from './outcomes';

/** Metrics come from the logs: a metric filter is created when a metric is first used, so unused metrics cost nothing. */

/** The name of a log field in filters and queries. Lambda puts the output of a function into `message`. */
export function field(name: keyof MetricLogFields | 'event'): string {
  return `message.${name}`;
}

/** Queries of CloudWatch Logs Insights, one line each. */
export const QUERIES = {
  /** The last outcomes. */
  ended: [
    `fields @timestamp, ${field('displayName')}, ${field('outcome')}, ${field('deploymentStatus')}, ${field('durationMs')} / 1000 as seconds`,
    `filter ${field('event')} = "${DEPLOYMENT_ENDED}" and ${field('outcome')} != "ARMED"`,
    'sort @timestamp desc',
    'limit 50',
  ],
  /** Errors, most of which are retried, and guards that failed. */
  errors: [
    `fields @timestamp, ${field('event')}, ${field('displayName')}, ${field('logicalResourceId')}, ${field('operation')}, ${field('errorName')}`,
    `filter ispresent(${field('errorName')}) or ${field('event')} = "${GUARD_FAILED}"`,
    'sort @timestamp desc',
    'limit 50',
  ],
} as const;

/** The namespace of the metrics of a stack. The log has no stack name that could be a dimension. */
export function namespaceOf(scope: IConstruct): string {
  return `DeploymentCancellation/${Stack.of(scope).stackName}`;
}

/**
 * The durations of the cancellations with an outcome. Their sample count is the number of these cancellations.
 *
 * @throws if metrics do not count the outcome
 */
export function outcomeMetric(
  scope: Construct,
  logGroup: ILogGroup,
  outcome: CancellationOutcome,
  options?: MetricOptions,
): Metric {
  validateCounted(outcome, scope);
  const metricName = 'Duration';
  filterOnce(scope, logGroup, {
    metricName,
    metricValue: `$.${field('durationMs')}`,
    unit: Unit.MILLISECONDS,
    dimensions: { Outcome: `$.${field('outcome')}` },
    filterPattern: FilterPattern.all(
      isEvent(DEPLOYMENT_ENDED),
      FilterPattern.stringValue(`$.${field('outcome')}`, '!=', 'ARMED'),
    ),
  });
  return metricOf(scope, metricName, {
    dimensionsMap: { Outcome: outcome },
    statistic: Stats.SAMPLE_COUNT,
    ...options,
  });
}

/** The number of times that a guard of the stack failed. */
export function guardFailedMetric(
  scope: Construct,
  logGroup: ILogGroup,
  logicalId: string,
  options?: MetricOptions,
): Metric {
  const metricName = 'GuardFailed';
  filterOnce(scope, logGroup, {
    metricName,
    unit: Unit.COUNT,
    dimensions: { Guard: `$.${field('logicalResourceId')}` },
    filterPattern: isEvent(GUARD_FAILED),
  });
  return metricOf(scope, metricName, { dimensionsMap: { Guard: logicalId }, statistic: Stats.SUM, ...options });
}

function isEvent(event: string) {
  return FilterPattern.stringValue(`$.${field('event')}`, '=', event);
}

function filterOnce(
  scope: Construct,
  logGroup: ILogGroup,
  options: Omit<MetricFilterOptions, 'metricNamespace'>,
): void {
  const { metricName } = options;
  if (scope.node.tryFindChild(metricName)) return;
  new MetricFilter(scope, metricName, { ...options, logGroup, metricNamespace: namespaceOf(scope) });
}

function metricOf(scope: Construct, metricName: string, options: MetricOptions): Metric {
  return new Metric({ namespace: namespaceOf(scope), metricName, ...options }).attachTo(scope);
}

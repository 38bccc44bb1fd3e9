import { Duration, NestedStack, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type Metric, type MetricOptions, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  CancellationOutcome,
  CancellationWorkflow,
  CancelOnRollback,
  DeploymentCancellation,
  FleetWorkflow,
} from '../../../lib/index';
import { QUERIES } from '../../../lib/workflow/private/metrics';
import { readPage } from '../../helpers/documents';
import { alarmedMetrics } from '../../helpers/metrics';
import { deployment } from '../../helpers/pipeline-fixtures';
import { synthesize } from '../../helpers/template';

const PERIOD = Duration.minutes(1);

/** The properties of a metric that the tests compare. */
function seen(metric: Metric, stack: Stack) {
  const { namespace, metricName, dimensions, statistic, period } = metric;
  return stack.resolve({ namespace, metricName, dimensions, statistic, period: period.toSeconds() });
}

const MACHINE = { StateMachineArn: { Ref: 'DeploymentCancellationWorkflowStateMachineCCA2B105' } };
const FLEET_MACHINE = { StateMachineArn: { Ref: 'FleetCancellationWorkflowStateMachineF2636318' } };
const CLOUDFORMATION = { FunctionName: { Ref: 'DeploymentCancellationWorkflowCloudFormationFunction45ED7DED' } };

type Made = (stack: Stack, options?: MetricOptions) => Metric;

test.each<[string, Made, object]>([
  [
    'started',
    (stack, options) => CancellationWorkflow.of(stack).metricStarted(options),
    { namespace: 'AWS/States', metricName: 'ExecutionsStarted', dimensions: MACHINE, statistic: 'Sum' },
  ],
  [
    'failed',
    (stack, options) => CancellationWorkflow.of(stack).metricFailed(options),
    { namespace: 'AWS/States', metricName: 'ExecutionsFailed', dimensions: MACHINE, statistic: 'Sum' },
  ],
  [
    'duration',
    (stack, options) => CancellationWorkflow.of(stack).metricDuration(options),
    { namespace: 'AWS/States', metricName: 'ExecutionTime', dimensions: MACHINE, statistic: 'Average' },
  ],
  [
    'undelivered responses',
    (stack, options) => CancellationWorkflow.of(stack).metricUndeliveredResponses(options),
    { namespace: 'AWS/Lambda', metricName: 'AsyncEventsDropped', dimensions: CLOUDFORMATION, statistic: 'Sum' },
  ],
  [
    'ended',
    (stack, options) => CancellationWorkflow.of(stack).metricOutcome(CancellationOutcome.CANCELLED, options),
    {
      namespace: 'DeploymentCancellation/Stack',
      metricName: 'Duration',
      dimensions: { Outcome: 'CANCELLED' },
      statistic: 'SampleCount',
    },
  ],
  [
    'failed, of a guard',
    (stack, options) => guardIn(stack).metricFailed(options),
    {
      namespace: 'DeploymentCancellation/Stack',
      metricName: 'GuardFailed',
      dimensions: { Guard: 'Guard64B60F0F' },
      statistic: 'Sum',
    },
  ],
  [
    'started, of a fleet',
    (stack, options) => FleetWorkflow.of(stack).metricStarted(options),
    { namespace: 'AWS/States', metricName: 'ExecutionsStarted', dimensions: FLEET_MACHINE, statistic: 'Sum' },
  ],
  [
    'failed, of a fleet',
    (stack, options) => FleetWorkflow.of(stack).metricFailed(options),
    { namespace: 'AWS/States', metricName: 'ExecutionsFailed', dimensions: FLEET_MACHINE, statistic: 'Sum' },
  ],
  [
    'duration, of a fleet',
    (stack, options) => FleetWorkflow.of(stack).metricDuration(options),
    { namespace: 'AWS/States', metricName: 'ExecutionTime', dimensions: FLEET_MACHINE, statistic: 'Average' },
  ],
])('the metric %s is of this stack, and accepts options', (_name, made, expected) => {
  synthesize((stack) => {
    expect(seen(made(stack), stack)).toEqual({ ...expected, period: 300 });
  });
  synthesize((stack) => {
    const options = { statistic: 'p90', period: PERIOD };
    expect(seen(made(stack, options), stack)).toEqual({ ...expected, statistic: 'p90', period: 60 });
  });
});

function guardIn(stack: Stack, id = 'Guard'): CancelOnRollback {
  return new CancelOnRollback(stack, id, { deployment, trigger: '1' });
}

test('an imported workflow has the metrics of Step Functions', () => {
  synthesize((stack) => {
    const theirs = CancellationWorkflow.fromStateMachineName(stack, 'Theirs', 'their-workflow');
    const arn = stack.resolve(theirs.stateMachine.stateMachineArn);
    const metrics = [theirs.metricStarted(), theirs.metricFailed(), theirs.metricDuration({ statistic: 'p90' })];
    expect(metrics.map((metric) => seen(metric, stack))).toMatchObject([
      { metricName: 'ExecutionsStarted', dimensions: { StateMachineArn: arn } },
      { metricName: 'ExecutionsFailed', dimensions: { StateMachineArn: arn } },
      { metricName: 'ExecutionTime', dimensions: { StateMachineArn: arn }, statistic: 'p90' },
    ]);
  });
});

test('only a metric from the logs adds resources to the stack', () => {
  const resources = (more: (workflow: CancellationWorkflow) => void) => {
    const template = synthesize((stack) => {
      new DeploymentCancellation(stack, 'Cancel', { deployment });
      more(CancellationWorkflow.of(stack));
    });
    return Object.keys(template.toJSON().Resources).length;
  };
  const without = resources(() => undefined);
  const free = resources((workflow) => {
    workflow.metricStarted();
    workflow.metricFailed();
    workflow.metricDuration();
    workflow.metricUndeliveredResponses();
  });
  expect(free).toBe(without);
  const paid = resources((workflow) => {
    workflow.metricOutcome(CancellationOutcome.CANCELLED);
    workflow.metricOutcome(CancellationOutcome.TIMED_OUT, { statistic: 'p90' });
  });
  expect(paid).toBe(without + 1);
});

test('two guards of a stack share a metric filter, and have a metric each', () => {
  const template = synthesize((stack) => {
    const names = ['One', 'Two'].map((id) => guardIn(stack, id).metricFailed().dimensions?.Guard);
    expect(new Set(stack.resolve(names)).size).toBe(2);
  });
  template.resourceCountIs('AWS::Logs::MetricFilter', 1);
});

test('a metric filter is created before the first cancellation', () => {
  const template = synthesize((stack) => {
    new DeploymentCancellation(stack, 'Cancel', { deployment });
    CancellationWorkflow.of(stack).metricOutcome(CancellationOutcome.CANCELLED);
  });
  const [filter] = Object.keys(template.findResources('AWS::Logs::MetricFilter'));
  const policies = template.findResources('AWS::IAM::Policy', { DependsOn: Match.arrayWith([filter]) });
  expect(Object.keys(policies)).toEqual([expect.stringContaining('CloudFormationPolicy')]);
  template.hasResource('Custom::DeploymentCancellation', { DependsOn: Match.arrayWith(Object.keys(policies)) });
});

test('the metrics of a nested stack are in the namespace of that stack', () => {
  let nested: NestedStack | undefined;
  synthesize((stack) => {
    nested = new NestedStack(stack, 'Nested');
    CancellationWorkflow.of(nested).metricOutcome(CancellationOutcome.CANCELLED).createAlarm(nested, 'Alarm', {
      threshold: 1,
      evaluationPeriods: 1,
    });
  });
  const template = Template.fromStack(nested as NestedStack);
  const [{ namespace } = { namespace: '' }] = Object.values(alarmedMetrics(template));
  const [filter] = Object.values(template.findResources('AWS::Logs::MetricFilter'));
  expect(JSON.stringify(filter?.Properties.MetricTransformations)).toContain('AWS::StackName');
  expect(namespace).toBe('DeploymentCancellation/Stack');
});

test.each([
  ['ARMED', ': arming a guard is no cancellation'],
  ['NOT_ATTEMPTED', ': the workflow does not run while the stack rolls back'],
  ['cancelled', ''],
  ['', ''],
])('%p is not counted', (outcome, reason) => {
  synthesize((stack) => {
    expect(() => CancellationWorkflow.of(stack).metricOutcome(outcome as CancellationOutcome)).toThrow(
      `outcome must be one of CANCELLED, COMPLETED_FIRST, NOTHING_TO_CANCEL, SKIPPED, SUPERSEDED, CANCEL_FAILED, NOT_FOUND, TIMED_OUT, REFUSED, ACCESS_DENIED, UNAVAILABLE, ERROR, not '${outcome}'${reason} (at `,
    );
  });
});

test.each(Object.entries(QUERIES))(
  'the page about monitoring contains the query %s of the dashboard',
  (_name, lines) => {
    expect(readPage('docs/monitoring.md')).toContain(`\n${lines.join('\n| ')}\n`);
  },
);

describe('an alarm', () => {
  test('is set by the first occurrence, describes what to do, and is not set by missing data', () => {
    const template = synthesize((stack) => {
      CancellationWorkflow.of(stack).alarmOnUndeliveredResponse('Unanswered');
      guardIn(stack).alarmOnFailure('Failed');
    });
    template.resourceCountIs('AWS::CloudWatch::Alarm', 2);
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 1,
      Threshold: 1,
      Period: 300,
      TreatMissingData: TreatMissingData.NOT_BREACHING,
    });
    expect(Object.values(alarmedMetrics(template))).toEqual([
      {
        namespace: 'AWS/Lambda',
        metricName: 'AsyncEventsDropped',
        dimensions: { FunctionName: CLOUDFORMATION.FunctionName.Ref },
        statistic: 'Sum',
      },
      {
        namespace: 'DeploymentCancellation/Stack',
        metricName: 'GuardFailed',
        dimensions: { Guard: 'Guard64B60F0F' },
        statistic: 'Sum',
      },
    ]);
    const descriptions = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) =>
      JSON.stringify(Properties.AlarmDescription),
    );
    for (const description of descriptions) expect(description).toMatch(/search (the )?log|Search log/i);
  });

  test('accepts a name, a description, a period and actions', () => {
    const template = synthesize((stack) => {
      const topic = new Topic(stack, 'Topic');
      const options = {
        alarmName: 'Stuck',
        alarmDescription: 'call Ann',
        period: PERIOD,
        actions: [new SnsAction(topic)],
      };
      CancellationWorkflow.of(stack).alarmOnUndeliveredResponse('Unanswered', options);
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'Stuck',
      AlarmDescription: 'call Ann',
      Period: 60,
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^Topic') }],
    });
  });

  test('of a guard may have actions with constructs that the guard protects', () => {
    const template = synthesize((stack) => {
      const topic = new Topic(stack, 'Topic');
      const guard = guardIn(stack);
      guard.protect(topic);
      guard.alarmOnFailure('Failed', { actions: [new SnsAction(topic)] });
    });
    template.hasResource('AWS::SNS::Topic', { DependsOn: ['Guard64B60F0F'] });
  });
});

import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  CancellationDashboard,
  type CancellationDashboardProps,
  CancellationWorkflow,
  DeploymentFleet,
  FleetCancellation,
  FleetWorkflow,
} from '../../../lib/index';
import { shownMetrics, type Widget, widgetsOf } from '../../helpers/metrics';
import { deployment } from '../../helpers/pipeline-fixtures';
import { idsOf, synthesize } from '../../helpers/template';

function dashboardWith(propsIn: (stack: Stack) => CancellationDashboardProps | undefined): Template {
  return synthesize((stack) => {
    CancellationWorkflow.of(stack).inputFor(deployment);
    new CancellationDashboard(stack, 'Dashboard', propsIn(stack));
  });
}

function titlesOf(template: Template): (string | undefined)[] {
  return widgetsOf(template).map(({ properties: { markdown, title } }) => markdown ?? title);
}

const EXECUTIONS = ['Executions', 'Duration of executions, in ms'];
const OWN = [
  '## Cancellations of stack Stack',
  'Deployments, by outcome',
  ...EXECUTIONS,
  'Requests without a response',
  'Errors of the functions',
  'Throttles of the functions',
  'Concurrent invocations',
  'Last outcomes',
  'Last errors',
];

test('by default it shows the workflow of its stack', () => {
  expect(titlesOf(dashboardWith(() => undefined))).toEqual(OWN);
});

test('it shows the number of deployments by every outcome, and their durations', () => {
  const shown = shownMetrics(dashboardWith(() => undefined)).filter(
    ({ namespace }) => namespace === 'DeploymentCancellation/Stack',
  );
  expect(shown.map(({ metricName, statistic, dimensions }) => [metricName, statistic, dimensions.Outcome])).toEqual(
    [
      'CANCELLED',
      'COMPLETED_FIRST',
      'NOTHING_TO_CANCEL',
      'SKIPPED',
      'SUPERSEDED',
      'CANCEL_FAILED',
      'NOT_FOUND',
      'TIMED_OUT',
      'REFUSED',
      'ACCESS_DENIED',
      'UNAVAILABLE',
      'ERROR',
    ].map((outcome) => ['Duration', 'SampleCount', outcome]),
  );
});

test('it shows the metrics of AWS for the state machine and both functions', () => {
  const template = dashboardWith(() => undefined);
  const functions = idsOf(template, 'AWS::Lambda::Function');
  const [machine] = idsOf(template, 'AWS::StepFunctions::StateMachine');
  const shown = shownMetrics(template)
    .filter(({ namespace }) => namespace.startsWith('AWS/'))
    .map(({ metricName, dimensions, statistic }) => [metricName, statistic, ...Object.values(dimensions)]);
  const ofEach = (...metric: string[]) =>
    functions
      .toSorted()
      .reverse()
      .map((id) => [...metric, id]);
  expect(shown).toEqual([
    ['ExecutionsStarted', 'Sum', machine],
    ['ExecutionsFailed', 'Sum', machine],
    ['ExecutionTime', 'Average', machine],
    ['ExecutionTime', 'Maximum', machine],
    ['AsyncEventsDropped', 'Sum', expect.stringContaining('CloudFormationFunction')],
    ...ofEach('Errors', 'Sum'),
    ...ofEach('Throttles', 'Sum'),
    ...ofEach('ConcurrentExecutions', 'Maximum'),
  ]);
});

test('its tables query the logs of both functions', () => {
  const template = dashboardWith(() => undefined);
  const logGroups = Object.values(template.findResources('AWS::Lambda::Function')).map(
    ({ Properties }) => Properties.LoggingConfig.LogGroup.Ref as string,
  );
  const queries = widgetsOf(template).flatMap(({ properties: { query } }) => query ?? []);
  expect(queries).toHaveLength(2);
  for (const query of queries) {
    const sources = [...query.matchAll(/SOURCE '([^']+)'/g)].map(([, name]) => name);
    expect(sources.toSorted()).toEqual(logGroups.toSorted());
  }
  expect(queries[0]).toContain('message.event = "ended"');
  expect(queries[1]).toContain('message.event = "guard-failed"');
});

test('it shows the metrics of Step Functions for an imported workflow', () => {
  const template = dashboardWith((stack) => ({
    workflows: [CancellationWorkflow.fromStateMachineName(stack, 'Theirs', 'their-workflow')],
  }));
  const arn = 'arn:aws:states:us-east-1:111122223333:stateMachine:their-workflow';
  expect(titlesOf(template)).toEqual([`## Cancellations of ${arn}`, ...EXECUTIONS]);
  expect(new Set(shownMetrics(template).map(({ dimensions }) => dimensions.StateMachineArn))).toEqual(new Set([arn]));
  template.resourceCountIs('AWS::Logs::MetricFilter', 0);
});

test('it shows fleets, with the workflow that they use', () => {
  const template = dashboardWith((stack) => {
    new FleetCancellation(stack, 'Fleet', { fleet: DeploymentFleet.fromDeployments([deployment]) });
    return { fleets: [FleetWorkflow.of(stack)] };
  });
  expect(titlesOf(template)).toEqual([...OWN, '## Fleets of stack Stack', ...EXECUTIONS]);
  const machines = shownMetrics(template).flatMap(({ dimensions }) => dimensions.StateMachineArn ?? []);
  expect(new Set(machines)).toEqual(new Set(idsOf(template, 'AWS::StepFunctions::StateMachine')));
});

test('it shows several workflows, also of other stacks, which contain the filters of their logs', () => {
  const app = new App();
  const stacks = ['One', 'Two'].map((id) => new Stack(app, id));
  const workflows = stacks.map((stack) => CancellationWorkflow.of(stack));
  const operations = new Stack(app, 'Operations');
  const { dashboard } = new CancellationDashboard(operations, 'Dashboard', {
    workflows,
    dashboardName: 'cancellations',
  });
  expect(Stack.of(dashboard)).toBe(operations);
  const template = Template.fromStack(operations);
  expect(Object.keys(template.toJSON().Resources)).toHaveLength(1);
  template.hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'cancellations' });
  const body = JSON.stringify(template.findResources('AWS::CloudWatch::Dashboard'));
  for (const id of ['One', 'Two']) {
    expect(body).toContain(`Cancellations of stack ${id}`);
    expect(body).toContain(`DeploymentCancellation/${id}`);
  }
  for (const stack of stacks) Template.fromStack(stack).resourceCountIs('AWS::Logs::MetricFilter', 1);
});

test('it can be in a nested stack', () => {
  let nested: NestedStack | undefined;
  synthesize((stack) => {
    nested = new NestedStack(stack, 'Nested');
    CancellationWorkflow.of(nested).inputFor(deployment);
    new CancellationDashboard(nested, 'Dashboard');
  });
  const widgets = widgetsOf(Template.fromStack(nested as NestedStack));
  expect(widgets).toHaveLength(OWN.length);
});

test('its rows fill the width, and no widgets overlap', () => {
  const template = dashboardWith((stack) => {
    new FleetCancellation(stack, 'Fleet', { fleet: DeploymentFleet.fromDeployments([deployment]) });
    return { fleets: [FleetWorkflow.of(stack)] };
  });
  const rows = new Map<number, (Widget & { readonly width: number })[]>();
  for (const widget of widgetsOf(template) as (Widget & { width: number; y: number })[]) {
    rows.set(widget.y, [...(rows.get(widget.y) ?? []), widget]);
  }
  expect(rows.size).toBe(7);
  for (const row of rows.values()) expect(row.reduce((sum, { width }) => sum + width, 0)).toBe(24);
});

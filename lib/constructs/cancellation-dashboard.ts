import { Stack } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryWidget,
  type MetricOptions,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct } from 'constructs';
import { CancellationWorkflow } from '../workflow/cancellation-workflow';
import type { FleetWorkflow } from '../workflow/fleet-workflow';
import type { ICancellationWorkflow } from '../workflow/i-cancellation-workflow';
import { OUTCOMES, QUERIES } from '../workflow/private/metrics';

/** How wide a dashboard is. */
const WIDTH = 24;

/** What a dashboard shows. */
export interface CancellationDashboardProps {
  /**
   * The workflows. Of one that is known by its name or ARN only, the dashboard shows what Step Functions tells.
   *
   * @default - those that the fleets work with; without fleets, the one of the stack that the dashboard is in
   */
  readonly workflows?: ICancellationWorkflow[];

  /**
   * What cancels many deployments at once: `FleetWorkflow.of(stack)`.
   *
   * @default - none
   */
  readonly fleets?: FleetWorkflow[];

  /**
   * The name of the dashboard.
   *
   * @default - made up by CloudFormation
   */
  readonly dashboardName?: string;
}

/**
 * A CloudWatch dashboard of cancellations: how many there were, how they ended and how long they took, how the functions
 * do, and the last of them from the log, with what could not be done.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html
 */
@propertyInjectable
export class CancellationDashboard extends Construct {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-deployment-cancellation.CancellationDashboard';

  /** The dashboard; more can be added to it. */
  public readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: CancellationDashboardProps = {}) {
    super(scope, id);
    const { fleets = [], dashboardName } = props;
    const workflows = props.workflows ?? this.workflowsOf(fleets);
    const widgets = [...workflows.flatMap(rowsOf), ...fleets.flatMap(rowsOfFleet)];
    this.dashboard = new Dashboard(this, 'Dashboard', { dashboardName, widgets });
  }

  private workflowsOf(fleets: readonly FleetWorkflow[]): ICancellationWorkflow[] {
    return fleets.length > 0 ? fleets.map(({ workflow }) => workflow) : [CancellationWorkflow.of(this)];
  }
}

function rowsOf(workflow: ICancellationWorkflow): IWidget[][] {
  if (!(workflow instanceof CancellationWorkflow)) {
    return [[heading(`Cancellations of ${workflow.stateMachine.stateMachineArn}`)], executions(workflow, WIDTH)];
  }
  const functions = Object.entries(workflow._functions);
  const logGroups = functions.map(([, { logGroup }]) => logGroup);
  const ofEach = (metricOf: (one: IFunction, options: MetricOptions) => IMetric) =>
    functions.map(([label, one]) => metricOf(one, { label }));
  const quarter = WIDTH / 4;
  return [
    [heading(`Cancellations of stack ${Stack.of(workflow).stackName}`)],
    [
      new GraphWidget({
        title: 'Deployments, by outcome',
        left: OUTCOMES.map((outcome) => workflow.metricOutcome(outcome, { label: outcome })),
        stacked: true,
        width: WIDTH / 2,
      }),
      ...executions(workflow, WIDTH / 2),
    ],
    [
      graph('Requests without an answer', quarter, [workflow.metricUndeliveredResponses({ label: 'given up' })]),
      graph(
        'Errors of the functions',
        quarter,
        ofEach((one, options) => one.metricErrors(options)),
      ),
      graph(
        'Throttles of the functions',
        quarter,
        ofEach((one, options) => one.metricThrottles(options)),
      ),
      graph(
        'Functions at once',
        quarter,
        ofEach((one, options) => one.metric('ConcurrentExecutions', { ...options, statistic: Stats.MAXIMUM })),
      ),
    ],
    [table('The last that ended', QUERIES.ended, logGroups)],
    [table('What did not go well', QUERIES.troubles, logGroups)],
  ];
}

function rowsOfFleet(fleet: FleetWorkflow): IWidget[][] {
  return [[heading(`Fleets of stack ${Stack.of(fleet).stackName}`)], executions(fleet, WIDTH)];
}

/** What Step Functions tells of a state machine. */
function executions(workflow: ICancellationWorkflow | FleetWorkflow, width: number): IWidget[] {
  return [
    graph('Executions', width / 2, [
      workflow.metricStarted({ label: 'started' }),
      workflow.metricFailed({ label: 'failed' }),
    ]),
    graph('How long they took, in ms', width / 2, [
      workflow.metricDuration({ label: 'average' }),
      workflow.metricDuration({ label: 'longest', statistic: Stats.MAXIMUM }),
    ]),
  ];
}

function heading(text: string): IWidget {
  return new TextWidget({ markdown: `## ${text}`, width: WIDTH, height: 1 });
}

function graph(title: string, width: number, left: IMetric[]): IWidget {
  return new GraphWidget({ title, width, left });
}

function table(title: string, queryLines: readonly string[], logGroups: readonly ILogGroup[]): IWidget {
  const logGroupNames = logGroups.map(({ logGroupName }) => logGroupName);
  return new LogQueryWidget({ title, logGroupNames, queryLines: [...queryLines], width: WIDTH, height: 6 });
}

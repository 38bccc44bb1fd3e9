import { Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { type DefinitionBody, LogLevel, type LogOptions, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct, IConstruct } from 'constructs';
import { EXECUTION_ENDED_EVENT } from '../../contract/cancellation';
import { acknowledge } from '../../private/acknowledgements';
import type { WorkflowOptions } from '../cancellation-workflow-options';
import { encryptStateMachine } from './encryption';
import { createRole } from './handler';
import { createLogGroup } from './log-group';

/**
 * What a state machine needs to write to a log group.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
 */
const LOGGING_ACTIONS = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];

/** What a state machine needs to be traced. */
const TRACING_ACTIONS = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];

interface StateMachineDefinition {
  readonly comment: string;
  readonly definitionBody: DefinitionBody;
  /** The functions that it may invoke. */
  readonly functions: readonly IFunction[];
  readonly logGroup: ILogGroup;
  readonly options: WorkflowOptions;
}

/** A state machine of this package, and what has to be there besides before it can be started. */
export function createStateMachine(
  scope: Construct,
  { comment, definitionBody, functions, logGroup, options }: StateMachineDefinition,
): { readonly stateMachine: StateMachine; readonly permissions: readonly IConstruct[] } {
  const { tracing, encryptionKey } = options;
  const role = createRole(scope, 'StateMachine', 'states.amazonaws.com', [
    new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: functions.map(({ functionArn }) => functionArn),
    }),
    // None of these actions knows a resource type. To the roles of the functions, CDK adds what tracing needs.
    new PolicyStatement({ actions: [...LOGGING_ACTIONS, ...(tracing ? TRACING_ACTIONS : [])], resources: ['*'] }),
  ]);
  const stateMachine = new StateMachine(scope, 'StateMachine', {
    comment,
    definitionBody,
    // Without updates: what CDK would add for the tasks covers every version of the functions as well.
    role: role.withoutPolicyUpdates(),
    logs: logsTo(logGroup),
    tracingEnabled: tracing,
  });
  acknowledge(role, 'noResourceType');
  if (!tracing) acknowledge(stateMachine, 'machineNotTraced');
  const permissions = encryptionKey ? [encryptStateMachine(scope, stateMachine, encryptionKey, role)] : [];
  return { stateMachine, permissions };
}

/** Every event, without what an execution was given and what came of it. */
export function logsTo(destination: ILogGroup): LogOptions {
  return { destination, level: LogLevel.ALL, includeExecutionData: false };
}

/**
 * A log group for state machines. The name begins as AWS advises it, since the policy by which Step Functions may write to
 * others has room for so many of them only.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
 */
export function createStateMachineLogGroup(scope: Construct, options: WorkflowOptions, ...path: string[]): LogGroup {
  const { stackName } = Stack.of(scope);
  const logGroupName = ['/aws/vendedlogs/states/deployment-cancellation', stackName, ...path].join('/');
  return createLogGroup(scope, 'StateMachineLogs', options, { logGroupName });
}

/** Has the function answer for executions that end without having come to their last step, as when a person aborts one. */
export function addAbortedExecutionRule(
  scope: Construct,
  { stateMachineArn }: StateMachine,
  cloudFormation: IFunction,
): Rule {
  const { source, detailType, statuses } = EXECUTION_ENDED_EVENT;
  const rule = new Rule(scope, 'LostExecutions', {
    description: 'Executions that CloudFormation may still wait for',
    eventPattern: {
      source: [source],
      detailType: [detailType],
      detail: { stateMachineArn: [stateMachineArn], status: statuses },
    },
    targets: [new LambdaTarget(cloudFormation)],
  });
  acknowledge(rule, 'notRepeated');
  return rule;
}

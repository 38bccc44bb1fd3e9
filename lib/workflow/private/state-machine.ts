import { Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { type IRole, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import {
  type CfnStateMachine,
  type DefinitionBody,
  LogLevel,
  type LogOptions,
  StateMachine,
} from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct, DependencyGroup, type IDependable } from 'constructs';
import { EXECUTION_ENDED_EVENT } from '../../contract/cancellation';
import { acknowledge } from '../../private/acknowledgements';
import { encryptStateMachine } from './encryption';
import { createLogGroup } from './log-group';
import { createRole } from './role';
import type { SharedOptions } from './shared-options';

/**
 * The actions that a state machine needs to log.
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

/**
 * The actions that a state machine needs for tracing.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
 */
const TRACING_ACTIONS = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];

interface StateMachineDefinition {
  readonly comment: string;
  readonly definitionBody: DefinitionBody;
  /** The functions that its role may invoke. */
  readonly functions: readonly IFunction[];
  readonly logGroup: ILogGroup;
  readonly options: SharedOptions;
}

/** Creates a state machine of this package. It cannot be started before `permissions` exist. */
export function createStateMachine(
  scope: Construct,
  { comment, definitionBody, functions, logGroup, options }: StateMachineDefinition,
): { readonly stateMachine: StateMachine; readonly role: IRole; readonly permissions: IDependable } {
  const { role, document, holder } = createRole(
    scope,
    'StateMachine',
    'states.amazonaws.com',
    [
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: functions.map(({ functionArn }) => functionArn),
      }),
      // These actions have no resource type.
      new PolicyStatement({ actions: LOGGING_ACTIONS, resources: ['*'] }),
    ],
    options.get('stateMachineRole'),
  );
  const stateMachine = new StateMachine(scope, 'StateMachine', {
    comment,
    definitionBody,
    // The CDK would add permissions to invoke every version of the functions.
    role: immutable(scope, role),
    logs: logsTo(logGroup),
    tracingEnabled: false,
  });
  stateMachine.node.defaultChild?.node.addDependency(holder);
  acknowledge(holder, 'noResourceType');
  traceStateMachine(stateMachine, options, (statement) => document.addStatements(statement));
  const permissions = new DependencyGroup();
  options.whenSet('encryptionKey', (key) => permissions.add(encryptStateMachine(scope, stateMachine, key, role)));
  return { stateMachine, role, permissions };
}

function immutable(scope: Construct, role: IRole): IRole {
  if (role instanceof Role) return role.withoutPolicyUpdates();
  return Role.fromRoleArn(scope, 'ImmutableStateMachineRole', role.roleArn, { mutable: false });
}

/** Traces a state machine if the option is set. The CDK can do that only when it creates the state machine. */
export function traceStateMachine(
  stateMachine: StateMachine,
  options: SharedOptions,
  allow: (statement: PolicyStatement) => void,
): void {
  acknowledge(stateMachine, 'stateMachineNotTraced');
  options.whenSet('tracing', (tracing) => {
    if (!tracing) return;
    (stateMachine.node.defaultChild as CfnStateMachine).tracingConfiguration = { enabled: true };
    allow(new PolicyStatement({ actions: TRACING_ACTIONS, resources: ['*'] }));
  });
}

/** Logs every event of executions, without their data. */
export function logsTo(destination: ILogGroup): LogOptions {
  return { destination, level: LogLevel.ALL, includeExecutionData: false };
}

/**
 * Creates a log group for state machines. With this prefix, the log group does not take space in the resource policy of
 * CloudWatch Logs, whose size is limited.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
 */
export function createStateMachineLogGroup(scope: Construct, options: SharedOptions, ...path: string[]): ILogGroup {
  const { stackName } = Stack.of(scope);
  const logGroupName = ['/aws/vendedlogs/states/deployment-cancellation', stackName, ...path].join('/');
  return createLogGroup(scope, 'StateMachineLogs', options, { logGroupName });
}

/** Makes the CloudFormation function respond for executions that ended without a response, such as aborted ones. */
export function addExecutionEndedRule(
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
  acknowledge(rule, 'endsWithServiceTimeout');
  return rule;
}

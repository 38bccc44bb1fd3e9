import { ArnFormat } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { EXECUTION_ENDED } from './contract';
import { makeRole } from './handler';

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
  readonly tracing: boolean;
}

/** A state machine of this package, with its role. */
export function makeStateMachine(scope: Construct, definition: StateMachineDefinition): StateMachine {
  const { comment, definitionBody, functions, tracing } = definition;
  return new StateMachine(scope, 'StateMachine', {
    comment,
    definitionBody,
    // Without updates: what CDK would add for the tasks covers every version of the functions as well.
    role: makeRole(scope, 'StateMachine', 'states.amazonaws.com', [
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: functions.map(({ functionArn }) => functionArn),
      }),
      // To the roles of the functions, CDK adds what tracing needs. The actions of X-Ray know no resource type.
      ...(tracing ? [new PolicyStatement({ actions: TRACING_ACTIONS, resources: ['*'] })] : []),
    ]).withoutPolicyUpdates(),
    tracingEnabled: tracing,
  });
}

/** Has the function answer for executions that end without having come to their last step, as when a person aborts one. */
export function answerForLost(scope: Construct, { stateMachineArn }: StateMachine, cloudFormation: IFunction): Rule {
  const { source, detailType, statuses } = EXECUTION_ENDED;
  return new Rule(scope, 'LostExecutions', {
    description: 'Executions that CloudFormation may still wait for',
    eventPattern: {
      source: [source],
      detailType: [detailType],
      detail: { stateMachineArn: [stateMachineArn], status: statuses },
    },
    targets: [new LambdaTarget(cloudFormation)],
  });
}

/** What it takes to start a state machine, and to find and stop its executions. */
export function drivingStatements({ stateMachineArn, stateMachineName, stack }: StateMachine): PolicyStatement[] {
  const executions = stack.formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${stateMachineName}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return [
    new PolicyStatement({
      actions: ['states:StartExecution', 'states:ListExecutions'],
      resources: [stateMachineArn],
    }),
    new PolicyStatement({ actions: ['states:DescribeExecution', 'states:StopExecution'], resources: [executions] }),
  ];
}

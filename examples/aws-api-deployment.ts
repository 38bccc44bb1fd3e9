// npm start -- --scenario examples/aws-api-deployment
import { App, ArnFormat, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { DefinitionBody, StateMachine, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import { AwsApiDeployment, DeploymentCancellation } from '../lib/index';

/**
 * Stops the newest execution in flight of a state machine that deploys, through the API of Step Functions. The outcome is a
 * stack output. To do it again, deploy the stack with another incident: `-c incident=INC-1234`.
 */
export const app = new App();

const release = new Stack(app, 'Release', { description: 'A state machine that deploys' });
new StateMachine(release, 'Machine', {
  stateMachineName: 'deploy',
  definitionBody: DefinitionBody.fromChainable(
    new Wait(release, 'Bake', { time: WaitTime.duration(Duration.minutes(20)) }),
  ),
});

const stack = new Stack(app, 'StopTheDeployment', { description: 'Stops the newest execution of deploy' });
const arnOf = (resource: string, resourceName: string) =>
  stack.formatArn({ service: 'states', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });

const cancellation = new DeploymentCancellation(stack, 'StopExecution', {
  deployment: AwsApiDeployment.fromDeclaration({
    label: 'execution of deploy',
    service: 'sfn',
    cancel: {
      action: 'states:StopExecution',
      resources: [arnOf('execution', 'deploy:*')],
      parameters: { executionArn: arnOf('execution', `deploy:${AwsApiDeployment.DEPLOYMENT_ID}`) },
    },
    // The executions are listed with the newest first.
    read: {
      action: 'states:ListExecutions',
      resources: [arnOf('stateMachine', 'deploy')],
      parameters: { stateMachineArn: arnOf('stateMachine', 'deploy'), maxResults: 1 },
      idPath: 'executions[0].name',
      statusPath: 'executions[0].status',
      startTimePath: 'executions[0].startDate',
    },
    statuses: {
      inProgress: ['RUNNING'],
      cancelling: [],
      cancelled: ['ABORTED'],
      failed: ['FAILED', 'TIMED_OUT'],
      succeeded: ['SUCCEEDED'],
    },
    notFoundErrors: ['StateMachineDoesNotExist'],
  }),
  trigger: app.node.tryGetContext('incident') ?? 'INC-1',
});

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });

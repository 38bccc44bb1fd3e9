// npm start -- --scenario examples/cloudformation-stack-set-operation
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, StackSetOperation } from '../lib/index';

/**
 * Stops the operation in flight of a stack set. The outcome is a stack output. To do it again, deploy the stack with another
 * incident: `-c incident=INC-1234`.
 */
export const app = new App();

const stack = new Stack(app, 'StopTheDeployment', { description: 'Stops the operation of the stack set baseline' });

const cancellation = new DeploymentCancellation(stack, 'CancelBaseline', {
  deployment: StackSetOperation.fromStackSetName('baseline'),
  trigger: app.node.tryGetContext('incident') ?? 'INC-1',
});

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });

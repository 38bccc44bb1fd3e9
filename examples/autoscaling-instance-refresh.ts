// npm start -- --scenario examples/autoscaling-instance-refresh
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { AutoScalingInstanceRefresh, DeploymentCancellation } from '../lib/index';

/**
 * Rolls back the instance refresh in flight of an Auto Scaling group. The outcome is a stack output. To do it again, deploy
 * the stack with another incident: `-c incident=INC-1234`.
 */
export const app = new App();

const stack = new Stack(app, 'StopTheDeployment', { description: 'Rolls back the instance refresh of the group web' });

const cancellation = new DeploymentCancellation(stack, 'CancelWeb', {
  deployment: AutoScalingInstanceRefresh.fromAutoScalingGroup(
    AutoScalingGroup.fromAutoScalingGroupName(stack, 'Web', 'web'),
  ),
  trigger: app.node.tryGetContext('incident') ?? 'INC-1',
});

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });

// npm start -- --scenario examples/codedeploy-deployment
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { ServerApplication, ServerDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { CodeDeployDeployment, DeploymentCancellation } from '../lib/index';

/**
 * Stops the deployment in flight to a CodeDeploy deployment group and waits until it is rolled back. The outcome is a stack
 * output. To do it again, deploy the stack with another incident: `-c incident=INC-1234`.
 */
export const app = new App();

const stack = new Stack(app, 'StopTheDeployment', { description: 'Stops the deployment to the servers of the shop' });

const servers = ServerDeploymentGroup.fromServerDeploymentGroupAttributes(stack, 'Servers', {
  application: ServerApplication.fromServerApplicationName(stack, 'Shop', 'shop'),
  deploymentGroupName: 'web',
});
const cancellation = new DeploymentCancellation(stack, 'CancelShop', {
  deployment: CodeDeployDeployment.fromDeploymentGroup(servers),
  trigger: app.node.tryGetContext('incident') ?? 'INC-1',
});

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });

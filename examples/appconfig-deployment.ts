// npm start -- --scenario examples/appconfig-deployment
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Environment } from 'aws-cdk-lib/aws-appconfig';
import { AppConfigDeployment, DeploymentCancellation } from '../lib/index';

/**
 * Stops the deployment in flight of a configuration, which AppConfig rolls back. The outcome is a stack output. To do it
 * again, deploy the stack with another incident: `-c incident=INC-1234`.
 */
export const app = new App();

const stack = new Stack(app, 'StopTheDeployment', { description: 'Rolls back the configuration of an environment' });

const arn = 'arn:aws:appconfig:us-east-1:123456789012:application/abc1234/environment/prod123';
const cancellation = new DeploymentCancellation(stack, 'CancelConfiguration', {
  deployment: AppConfigDeployment.fromEnvironment(Environment.fromEnvironmentArn(stack, 'Production', arn)),
  trigger: app.node.tryGetContext('incident') ?? 'INC-1',
});

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });

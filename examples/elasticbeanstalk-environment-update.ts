// npm start -- --scenario examples/elasticbeanstalk-environment-update
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, ElasticBeanstalkEnvironmentUpdate } from '../lib/index';

/**
 * Aborts the update in flight of an Elastic Beanstalk environment, which rolls it back. The outcome is a stack output. To do
 * it again, deploy the stack with another incident: `-c incident=INC-1234`.
 */
export const app = new App();

const stack = new Stack(app, 'StopTheDeployment', { description: 'Aborts the update of the environment shop-prod' });

const cancellation = new DeploymentCancellation(stack, 'CancelShop', {
  deployment: ElasticBeanstalkEnvironmentUpdate.fromEnvironmentName('shop-prod'),
  trigger: app.node.tryGetContext('incident') ?? 'INC-1',
});

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });

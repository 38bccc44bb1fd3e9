// npm start -- --scenario examples/ecs-service-deployment
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { BaseService } from 'aws-cdk-lib/aws-ecs';
import { DeploymentCancellation, EcsServiceDeployment } from '../lib/index';

/**
 * Stops the deployment in flight of an ECS service, which rolls back to its previous revision. The outcome is a stack
 * output. To do it again, deploy the stack with another incident: `-c incident=INC-1234`.
 */
export const app = new App();

const stack = new Stack(app, 'StopTheDeployment', { description: 'Stops the deployment of the service web' });

const web = BaseService.fromServiceArnWithCluster(stack, 'Web', 'arn:aws:ecs:us-east-1:123456789012:service/prod/web');
const cancellation = new DeploymentCancellation(stack, 'CancelWeb', {
  deployment: EcsServiceDeployment.fromService(web),
  trigger: app.node.tryGetContext('incident') ?? 'INC-1',
});

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });
new CfnOutput(stack, 'ServiceDeploymentArn', { value: cancellation.attributes.arn });

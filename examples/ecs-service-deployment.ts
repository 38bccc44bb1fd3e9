// npm start -- --scenario examples/ecs-service-deployment
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { BaseService } from 'aws-cdk-lib/aws-ecs';
import { DeploymentCancellation, EcsServiceDeployment } from '../lib/index';

/**
 * Rolls an ECS service back to what it ran before the deployment that is in flight, and says how that ended. Deployed again
 * with another incident, it does so again: `-c incident=INC-1234`.
 */
export const app = new App();

const stack = new Stack(app, 'StopTheRollout', { description: 'Stops the deployment of the service web' });

const web = BaseService.fromServiceArnWithCluster(stack, 'Web', 'arn:aws:ecs:us-east-1:123456789012:service/prod/web');
const cancellation = new DeploymentCancellation(stack, 'CancelWeb', {
  deployment: EcsServiceDeployment.fromService(web),
  trigger: app.node.tryGetContext('incident') ?? 'INC-1',
});

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });
new CfnOutput(stack, 'ServiceDeploymentArn', { value: cancellation.arn });

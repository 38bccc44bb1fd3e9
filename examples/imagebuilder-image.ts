// npm start -- --scenario examples/imagebuilder-image
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, ImageBuilderImage } from '../lib/index';

/**
 * Cancels the newest build in flight of an image pipeline. The outcome is a stack output. To do it again, deploy the stack
 * with another incident: `-c incident=INC-1234`.
 */
export const app = new App();

const stack = new Stack(app, 'StopTheDeployment', { description: 'Cancels the build of the image pipeline golden' });

const cancellation = new DeploymentCancellation(stack, 'CancelImage', {
  deployment: ImageBuilderImage.fromImagePipelineName('golden'),
  trigger: app.node.tryGetContext('incident') ?? 'INC-1',
});

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });

// npm start -- --scenario examples/sagemaker-pipeline-execution
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, SageMakerPipelineExecution } from '../lib/index';

/**
 * Stops the newest execution in flight of a SageMaker pipeline. The outcome is a stack output. To do it again, deploy the
 * stack with another incident: `-c incident=INC-1234`.
 */
export const app = new App();

const stack = new Stack(app, 'StopTheDeployment', {
  description: 'Stops the execution of the SageMaker pipeline train',
});

const cancellation = new DeploymentCancellation(stack, 'CancelTraining', {
  deployment: SageMakerPipelineExecution.fromPipelineName('train'),
  trigger: app.node.tryGetContext('incident') ?? 'INC-1',
});

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });

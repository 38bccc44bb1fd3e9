// npm start -- --scenario examples/codepipeline-execution
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { CodePipelineExecution, DeploymentCancellation } from '../lib/index';

/**
 * Stops the execution of a pipeline in flight after its actions in progress are over. The outcome is a stack output. To do
 * it again, deploy the stack with another incident: `-c incident=INC-1234`.
 */
export const app = new App();

const stack = new Stack(app, 'StopTheDeployment', { description: 'Stops the execution of the pipeline release' });

const arn = 'arn:aws:codepipeline:us-east-1:123456789012:release';
const cancellation = new DeploymentCancellation(stack, 'CancelRelease', {
  deployment: CodePipelineExecution.fromPipeline(Pipeline.fromPipelineArn(stack, 'Release', arn)),
  trigger: app.node.tryGetContext('incident') ?? 'INC-1',
});

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });

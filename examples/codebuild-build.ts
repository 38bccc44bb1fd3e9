// npm start -- --scenario examples/codebuild-build
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Project } from 'aws-cdk-lib/aws-codebuild';
import { CodeBuildBuild, DeploymentCancellation } from '../lib/index';

/**
 * Stops the newest build in flight of a project. The outcome is a stack output. To do it again, deploy the stack with
 * another incident: `-c incident=INC-1234`.
 */
export const app = new App();

const stack = new Stack(app, 'StopTheDeployment', { description: 'Stops the build of the project web' });

const cancellation = new DeploymentCancellation(stack, 'CancelBuild', {
  deployment: CodeBuildBuild.fromProject(Project.fromProjectName(stack, 'Web', 'web')),
  trigger: app.node.tryGetContext('incident') ?? 'INC-1',
});

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });

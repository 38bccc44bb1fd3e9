// npm start -- --scenario examples/amplify-job
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AmplifyJob, DeploymentCancellation } from '../lib/index';

/**
 * Stops the job in flight of a branch. The outcome is a stack output. To do it again, deploy the stack with another
 * incident: `-c incident=INC-1234`.
 */
export const app = new App();

const stack = new Stack(app, 'StopTheDeployment', { description: 'Stops the job of the branch main' });

const cancellation = new DeploymentCancellation(stack, 'CancelMain', {
  deployment: AmplifyJob.fromBranchName({ appId: 'd1a2b3c4d5e6f7', branchName: 'main' }),
  trigger: app.node.tryGetContext('incident') ?? 'INC-1',
});

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });

import { App, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation } from '../lib/index';
import { toldBy } from './context';

/** What `npm start` runs on the embedded cloud, and `cdk deploy` on AWS. */
const app = new App();
const { kind, deployment } = toldBy((name) => app.node.tryGetContext(name));

const stack = new Stack(app, 'CancelDeployment', {
  description: `Cancels the deployment of an AWS Proton ${kind.replace('-', ' ')}`,
});
new DeploymentCancellation(stack, 'Cancellation', {
  deployment,
  trigger: app.node.tryGetContext('trigger'),
});

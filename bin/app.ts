import { App, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation } from '../lib/index';
import { toldBy } from './context';

/** What `npm start` runs on the embedded cloud, and `cdk deploy` on AWS. */
const app = new App();
const { deployment } = toldBy((name) => app.node.tryGetContext(name));

const stack = new Stack(app, 'CancelDeployment', {
  description: `Cancels the deployment of ${deployment.subject}`,
});
new DeploymentCancellation(stack, 'Cancellation', {
  deployment,
  trigger: app.node.tryGetContext('trigger'),
});

import { App, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation } from '../lib/index';
import { parseContext } from './context';

/** The app that `npm start` deploys on the emulator, and `cdk deploy` on AWS. */
const app = new App();
const { deployment } = parseContext((name) => app.node.tryGetContext(name));

const stack = new Stack(app, 'CancelDeployment', {
  description: `Cancels the deployment of ${deployment.displayName}`,
});
new DeploymentCancellation(stack, 'Cancellation', {
  deployment,
  trigger: app.node.tryGetContext('trigger'),
});

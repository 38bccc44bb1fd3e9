// npm start -- --scenario examples/basic
import { App, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, EcsServiceDeployment } from '../lib/index';

/** Cancels a deployment when the stack is deployed. The final status is a stack output. */
export const app = new App();

const stack = new Stack(app, 'StopTheRelease');
new DeploymentCancellation(stack, 'CancelWeb', {
  deployment: EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' }),
  trigger: '2026-11-24, the release that drops the index',
});

// npx cdk synth --app "npx tsx examples/rollback-automatic.ts"
import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CancelOnRollback, ProtonDeployment } from '../lib/index';

/** A stack that takes a deployment down with it: when it rolls back, the deployment that it has started is cancelled. */
export const app = new App();

const stack = new Stack(app, 'Release');
const release = new Topic(stack, 'WhateverStartsTheDeployment');
const guard = new CancelOnRollback(stack, 'CancelWebProd', {
  deployment: ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' }),
  trigger: '4.2.0',
});
guard.protect(release);

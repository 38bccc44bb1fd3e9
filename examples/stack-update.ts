// npm start -- --scenario examples/stack-update
import { App, Stack } from 'aws-cdk-lib';
import { CancellationOutcome, DeploymentCancellation, StackUpdate } from '../lib/index';

/** Cancels the update of another stack, which rolls back to its state before the update. */
export const app = new App();

const stack = new Stack(app, 'StopTheUpdate');
new DeploymentCancellation(stack, 'CancelWeb', {
  deployment: StackUpdate.fromStackName('web-prod'),
  failOn: [CancellationOutcome.CANCEL_FAILED],
  trigger: '2026-11-24, the update that replaces the database',
});

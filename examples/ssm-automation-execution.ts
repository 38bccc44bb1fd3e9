// npm start -- --scenario examples/ssm-automation-execution
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, SsmAutomationExecution } from '../lib/index';

/**
 * Cancels the newest execution in flight of a runbook. The outcome is a stack output. To do it again, deploy the stack with
 * another incident: `-c incident=INC-1234`.
 */
export const app = new App();

const stack = new Stack(app, 'StopTheDeployment', { description: 'Cancels the automation Deploy' });

const cancellation = new DeploymentCancellation(stack, 'CancelAutomation', {
  deployment: SsmAutomationExecution.fromDocumentName('Deploy'),
  trigger: app.node.tryGetContext('incident') ?? 'INC-1',
});

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });

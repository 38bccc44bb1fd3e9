import type { ExpectedResult, IApiCall, IntegTest } from '@aws-cdk/integ-tests-alpha';
import { Duration, type Stack } from 'aws-cdk-lib';
import type { CancellationWorkflow } from '../../lib/index';

/** Starts an execution of the workflow after `before`, and expects the description of the ended execution. */
export function expectEnd(
  { assertions }: IntegTest,
  stack: Stack,
  workflow: CancellationWorkflow,
  input: object,
  expected: ExpectedResult,
  before?: IApiCall,
): void {
  const { stateMachineArn } = workflow.stateMachine;
  const start = assertions.awsApiCall('StepFunctions', 'startExecution', {
    stateMachineArn: stack.exportValue(stateMachineArn, { name: `${stack.stackName}Workflow` }),
    input: JSON.stringify(input),
  });
  const end = assertions
    .awsApiCall('StepFunctions', 'describeExecution', { executionArn: start.getAttString('executionArn') })
    .expect(expected)
    .waitForAssertions({ totalTimeout: Duration.minutes(10), interval: Duration.seconds(15) });
  before?.next(start);
  start.next(end);
}

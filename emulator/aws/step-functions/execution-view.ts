import { seconds } from '../../core/json-output';
import type { Execution } from './execution';

/** An execution as a read sees it. */
export type ExecutionView = Pick<
  Execution,
  'arn' | 'name' | 'stateMachineArn' | 'input' | 'startDate' | 'status' | 'stopDate' | 'output' | 'error' | 'cause'
>;

/** Renders an execution as ListExecutions returns it. */
export function summary({ arn, name, stateMachineArn, status, startDate, stopDate }: ExecutionView) {
  return {
    executionArn: arn,
    stateMachineArn,
    name,
    status,
    startDate: seconds(startDate),
    stopDate: seconds(stopDate),
  };
}

/** Renders an execution as DescribeExecution returns it. */
export function description(execution: ExecutionView): object {
  const { input, output, error, cause } = execution;
  return {
    ...summary(execution),
    input,
    inputDetails: { included: true },
    output,
    outputDetails: output === undefined ? undefined : { included: true },
    error,
    cause,
  };
}

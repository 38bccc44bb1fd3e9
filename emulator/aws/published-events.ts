import type { StackEvent } from './cloudformation/engine';
import type { PublishedEvent } from './events';
import type { HistoryEvent } from './step-functions/history';
import type { StepFunctions } from './step-functions/step-functions';

/** The event that EventBridge gets for a new stack status; undefined for the events of resources. */
export function stackStatusEvent(event: StackEvent): PublishedEvent | undefined {
  const { stackId, physicalId, status, statusReason = '' } = event;
  if (physicalId !== stackId) return undefined;
  return {
    source: 'aws.cloudformation',
    'detail-type': 'CloudFormation Stack Status Change',
    detail: { 'stack-id': stackId, 'status-details': { status, 'status-reason': statusReason } },
  };
}

/** The event that EventBridge gets for the end of an execution; undefined for other events of executions. */
export function executionEndEvent(
  { type, executionArn }: HistoryEvent,
  { executions }: Pick<StepFunctions, 'executions'>,
): PublishedEvent | undefined {
  const status = ENDS[type];
  const execution = executions.find(({ arn }) => arn === executionArn);
  if (!status || !execution) return undefined;
  const { name, stateMachineArn } = execution;
  // Events have no data that is encrypted with a customer managed key.
  const input = execution.encryptionKey === undefined ? execution.input : undefined;
  return {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: { executionArn, stateMachineArn, name, status, input },
  };
}

const ENDS: Readonly<Record<string, string>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

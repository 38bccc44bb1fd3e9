import type { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Choice,
  Condition,
  DefinitionBody,
  Fail,
  type IChainable,
  JsonPath,
  Pass,
  type RetryProps,
  TaskInput,
  Timeout,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import {
  type EndedDeployment,
  type RespondEvent,
  type Result,
  STEPS,
  type StepEvent,
  UNKNOWN_STATUS,
} from '../../contract/cancellation';
import { INVOCATION_RETRIES, LONG_INVOCATION_RETRIES } from './retries';

/** The description of the state machine. */
export const WORKFLOW_COMMENT = 'Cancels a deployment, waits until it is over, and returns the outcome';

/** An object whose values are JSON paths. Its keys are those of the contract. */
export type Paths<T> = { readonly [K in keyof T]: string };

/**
 * The state machine of a cancellation. Its input is the request, and its state is the `Progress`.
 *
 * It has no timeout of its own, because a timeout would end an execution without a response to CloudFormation.
 */
export function workflowDefinition(scope: Construct, deployment: IFunction, cloudFormation: IFunction): DefinitionBody {
  return DefinitionBody.fromChainable(workflowStates(scope, deployment, cloudFormation));
}

/** @param putEvent creates the state that puts an event before a last state. Default: no event is put */
export function workflowStates(
  scope: Construct,
  deployment: IFunction,
  cloudFormation: IFunction,
  putEvent?: EventStates,
): LambdaInvoke {
  const request = JsonPath.stringAt('$$.Execution.Input');
  const start: Paths<Omit<StepEvent, 'progress'>> = {
    request,
    startTime: JsonPath.stringAt('$$.Execution.StartTime'),
  };
  const step: Paths<StepEvent> = { ...start, progress: JsonPath.stringAt('$.progress') };
  const findDeployment = task(scope, 'FindDeployment', deployment, start, '$.progress', {
    retries: LONG_INVOCATION_RETRIES,
  });
  const requestCancellation = task(scope, 'RequestCancellation', deployment, step, '$.progress', {
    retries: LONG_INVOCATION_RETRIES,
  });
  const time = WaitTime.secondsPath('$.progress.waitSeconds');
  const waitToCancel = new Wait(scope, 'WaitToCancel', { time });
  const wait = new Wait(scope, 'Wait', { time });
  const awaitDeployment = task(scope, 'AwaitDeployment', deployment, step, '$.progress', {
    retries: LONG_INVOCATION_RETRIES,
  });
  const { requestedByCloudFormation, explainFailure } = createEndStates(
    scope,
    cloudFormation,
    { result: unknownFailure(), ended: UNKNOWN_DEPLOYMENT },
    putEvent,
  );
  const cancels = Condition.stringEquals('$.progress.next', STEPS.CANCEL);
  const over = new Choice(scope, 'Over?')
    .when(Condition.stringEquals('$.progress.next', STEPS.END), requestedByCloudFormation)
    // The first request is sent at once; after an error, the next one waits.
    .when(Condition.and(cancels, Condition.numberEquals('$.progress.waitSeconds', 0)), requestCancellation)
    .when(cancels, waitToCancel)
    .otherwise(wait);

  for (const invocation of [findDeployment, requestCancellation, awaitDeployment]) {
    invocation.addCatch(explainFailure, { resultPath: '$.error' }).next(over);
  }
  waitToCancel.next(requestCancellation);
  wait.next(awaitDeployment);
  return findDeployment;
}

/** Creates the state that puts an event before a last state. */
export type EventStates = (last: Fail | Pass) => IChainable;

const UNKNOWN_DEPLOYMENT: EndedDeployment = { kind: '', displayName: '', deploymentId: '' };

/** The result if a function failed. */
function unknownFailure(): Result {
  return {
    outcome: 'ERROR',
    failed: true,
    reason: failureReason(),
    attributes: { outcome: 'ERROR', deploymentStatus: UNKNOWN_STATUS },
  };
}

/** The reason if the deployment function failed. It does not contain the message of the error, which may hold secrets. */
export function failureReason(): string {
  return JsonPath.format(
    'the deployment function of the cancellation failed with {}: see its log and the execution',
    JsonPath.stringAt('$.error.Error'),
  );
}

/**
 * Creates the states at the end of an execution. They respond to CloudFormation if it sent the request.
 *
 * @param unknown the result if a function failed, and what is then known for the event
 * @returns the next state with a result in `$.progress.result`, and the next state with an error in `$.error`
 */
export function createEndStates(
  scope: Construct,
  cloudFormation: IFunction,
  unknown: { readonly result: object; readonly ended: object },
  putEvent?: EventStates,
): { readonly requestedByCloudFormation: Choice; readonly explainFailure: Pass } {
  const response: Paths<RespondEvent> = {
    request: JsonPath.stringAt('$$.Execution.Input'),
    executionArn: JsonPath.stringAt('$$.Execution.Id'),
    result: JsonPath.stringAt('$.progress.result'),
  };
  // One Choice for all four ends: each state transition is billed.
  const byCloudFormation = Condition.isPresent('$.cloudFormation');
  const failed = Condition.booleanEquals('$.progress.result.failed', true);
  const fail = new Fail(scope, 'Failed', {
    errorPath: '$.progress.result.outcome',
    causePath: '$.progress.result.reason',
  });
  const outputPath = '$.progress.result';
  const ended = new Pass(scope, 'Ended', { outputPath });
  const [failure, success] = [putEvent?.(fail) ?? fail, putEvent?.(ended) ?? ended];
  const respondFailure = task(scope, 'AnswerFailure', cloudFormation, response, JsonPath.DISCARD);
  const respondSuccess = putEvent
    ? task(scope, 'AnswerSuccess', cloudFormation, response, JsonPath.DISCARD).next(success)
    : task(scope, 'AnswerSuccess', cloudFormation, response, JsonPath.DISCARD, { outputPath });
  const requestedByCloudFormation = new Choice(scope, 'AskedByCloudFormation?')
    .when(Condition.and(byCloudFormation, failed), respondFailure.next(failure))
    .when(byCloudFormation, respondSuccess)
    .when(failed, failure)
    .otherwise(success);
  const explainFailure = new Pass(scope, 'ExplainFailure', {
    parameters: putEvent ? unknown : { result: unknown.result },
    resultPath: '$.progress',
  });
  explainFailure.next(requestedByCloudFormation);
  return { requestedByCloudFormation, explainFailure };
}

interface TaskOptions {
  readonly outputPath?: string;
  /**
   * The timeout of one attempt.
   *
   * @default - the function ends by its own timeout
   */
  readonly timeout?: Duration;
  readonly retries?: readonly RetryProps[];
}

/** Creates a task that invokes a function, with retries: a function can repeat a step that was interrupted. */
export function task(
  scope: Construct,
  id: string,
  lambdaFunction: IFunction,
  payload: Record<string, unknown>,
  resultPath: string,
  { outputPath, timeout, retries = INVOCATION_RETRIES }: TaskOptions = {},
): LambdaInvoke {
  const invoke = new LambdaInvoke(scope, id, {
    lambdaFunction,
    payload: TaskInput.fromObject(payload),
    payloadResponseOnly: true,
    resultPath,
    outputPath,
    taskTimeout: timeout && Timeout.duration(timeout),
    retryOnServiceExceptions: false,
  });
  for (const retry of retries) invoke.addRetry(retry);
  return invoke;
}

import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Choice,
  Condition,
  DefinitionBody,
  Errors,
  Fail,
  JitterType,
  JsonPath,
  Pass,
  TaskInput,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { type RespondEvent, type Result, STEPS, type StepEvent, UNKNOWN_STATUS } from '../../contract/cancellation';

/** The values of these are JSON paths; the keys are held to the contract by the compiler. */
export type Paths<T> = { readonly [K in keyof T]: string };

/**
 * The cancellation workflow: what was asked for goes in, and the `Progress` of it is carried along beside it.
 *
 * There is no timeout of the machine's own: one that ends an execution would leave CloudFormation without an answer.
 */
export function workflowDefinition(scope: Construct, deployment: IFunction, cloudFormation: IFunction): DefinitionBody {
  const request = JsonPath.stringAt('$$.Execution.Input');
  const beginning: Paths<Omit<StepEvent, 'progress'>> = {
    request,
    startTime: JsonPath.stringAt('$$.Execution.StartTime'),
  };
  const further: Paths<StepEvent> = { ...beginning, progress: JsonPath.stringAt('$.progress') };
  const findDeployment = task(scope, 'FindDeployment', deployment, beginning, '$.progress');
  const requestCancellation = task(scope, 'RequestCancellation', deployment, further, '$.progress');
  const wait = new Wait(scope, 'Wait', { time: WaitTime.secondsPath('$.progress.waitSeconds') });
  const awaitDeployment = task(scope, 'AwaitDeployment', deployment, further, '$.progress');
  const { requestedByCloudFormation, explainFailure } = createEndStates(scope, cloudFormation, unknownFailure());
  const over = new Choice(scope, 'Over?')
    .when(Condition.stringEquals('$.progress.next', STEPS.END), requestedByCloudFormation)
    .when(Condition.stringEquals('$.progress.next', STEPS.CANCEL), requestCancellation)
    .otherwise(wait);

  for (const step of [findDeployment, requestCancellation, awaitDeployment]) {
    step.addCatch(explainFailure, { resultPath: '$.error' }).next(over);
  }
  wait.next(awaitDeployment);
  return DefinitionBody.fromChainable(findDeployment);
}

/** The result when a function gave none. */
function unknownFailure(): Result {
  return {
    outcome: 'ERROR',
    failed: true,
    reason: failureReason(),
    attributes: { outcome: 'ERROR', deploymentStatus: UNKNOWN_STATUS },
  };
}

/** Why the deployment function gave no result. Its message stays where it is: it may hold secrets. */
export function failureReason(): string {
  return JsonPath.format(
    'the deployment function of the cancellation failed with {}; look into its log and the execution',
    JsonPath.stringAt('$.error.Error'),
  );
}

/**
 * How a machine comes to its end, whatever has happened: with an answer, if CloudFormation has asked.
 *
 * @returns where to go when there is a result in `$.progress.result`, and when there is none, but an error in `$.error`
 */
export function createEndStates(
  scope: Construct,
  cloudFormation: IFunction,
  noResult: object,
): { readonly requestedByCloudFormation: Choice; readonly explainFailure: Pass } {
  const answer: Paths<RespondEvent> = {
    request: JsonPath.stringAt('$$.Execution.Input'),
    executionArn: JsonPath.stringAt('$$.Execution.Id'),
    result: JsonPath.stringAt('$.progress.result'),
  };
  // A state for each of the four ends: asking one after the other would be paid for with every cancellation.
  const byCloudFormation = Condition.isPresent('$.cloudFormation');
  const failed = Condition.booleanEquals('$.progress.result.failed', true);
  const fail = new Fail(scope, 'Failed', {
    errorPath: '$.progress.result.outcome',
    causePath: '$.progress.result.reason',
  });
  const outputPath = '$.progress.result';
  const answerFailure = task(scope, 'AnswerFailure', cloudFormation, answer, JsonPath.DISCARD);
  const answerSuccess = task(scope, 'AnswerSuccess', cloudFormation, answer, JsonPath.DISCARD, outputPath);
  const requestedByCloudFormation = new Choice(scope, 'AskedByCloudFormation?')
    .when(Condition.and(byCloudFormation, failed), answerFailure.next(fail))
    .when(byCloudFormation, answerSuccess)
    .when(failed, fail)
    .otherwise(new Pass(scope, 'Ended', { outputPath }));
  const explainFailure = new Pass(scope, 'ExplainFailure', {
    parameters: { result: noResult },
    resultPath: '$.progress',
  });
  explainFailure.next(requestedByCloudFormation);
  return { requestedByCloudFormation, explainFailure };
}

/** A task that is tried again: Lambda may be busy, and a function that was cut off can take its step again. */
export function task(
  scope: Construct,
  id: string,
  lambdaFunction: IFunction,
  payload: Record<string, unknown>,
  resultPath: string,
  outputPath?: string,
): LambdaInvoke {
  const invoke = new LambdaInvoke(scope, id, {
    lambdaFunction,
    payload: TaskInput.fromObject(payload),
    payloadResponseOnly: true,
    resultPath,
    outputPath,
    retryOnServiceExceptions: false,
  });
  // One of these has taken minutes already.
  invoke.addRetry({ errors: ['Sandbox.Timedout', Errors.TIMEOUT], interval: Duration.seconds(1), maxAttempts: 1 });
  invoke.addRetry({
    errors: [Errors.ALL],
    interval: Duration.seconds(1),
    backoffRate: 2,
    maxDelay: Duration.seconds(20),
    jitterStrategy: JitterType.FULL,
    maxAttempts: 6,
  });
  return invoke;
}

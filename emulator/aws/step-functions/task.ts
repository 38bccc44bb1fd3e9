import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../core/http-server';
import type { Authorize } from '../iam';
import type { Lambda } from '../lambda/lambda';
import type { Json, JsonObject } from './json';

/** The maximum size of the data between states, in bytes. */
export const MAX_DATA = 256 * 1024;

/** An error as a Retry or a Catch sees it: `Error` is the name, `Cause` the message. */
export class TaskError extends Error {
  constructor(error: string, cause: string) {
    super(cause);
    this.name = error;
  }
}

/** An error that ends the execution: no Retry or Catch handles it, not even one with `States.ALL`. */
export class TerminalError extends TaskError {
  readonly isRetryable = false;
  readonly isCatchable = false;
}

/** A task that has begun. */
export interface RunningTask {
  readonly result: Promise<Json>;
  /** Ends the work when its result is no longer needed. Functions cannot be ended. */
  readonly cancel?: () => void;
}

/** An execution that a task has started. */
export interface StartedExecution {
  readonly arn: string;
  readonly name: string;
  readonly input: string;
  readonly stateMachineArn: string;
  readonly startDate: number;
  /** Resolves at its end, when the members below are known. */
  readonly ended: Promise<void>;
  readonly status: string;
  readonly stopDate: number | undefined;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  stop(): void;
}

/** The services for tasks. */
export interface TaskDependencies {
  readonly lambda: Pick<Lambda, 'invoke'>;
  /** As in `Authorize`, for the role of the machine. */
  readonly denied: (request: Parameters<Authorize>[1]) => string | undefined;
  readonly startExecution: (request: { stateMachineArn: string; input: string; name?: string }) => StartedExecution;
  /** Calls another service as the role of the machine. */
  readonly call: (call: { service: string; operation: string; input: JsonObject }) => object;
}

/** The part after `arn:aws:states:::` in the resource of an integration; undefined for the ARN of a function. */
export function integrationOf(resource: string): string | undefined {
  return /^arn:[^:]+:states:::(.+)$/.exec(resource)?.[1];
}

/** Starts the work of a Task. When this returns, an invoked function holds the clock. */
export function startTask(resource: string, input: Json, deps: TaskDependencies): RunningTask {
  try {
    checkSize(resource, JSON.stringify(input));
    switch (integrationOf(resource)) {
      case undefined:
        return { result: invoke(resource, input, deps).then(({ payload }) => payload) };
      case 'lambda:invoke':
        return { result: invokeFunction(input as JsonObject, deps) };
      case 'states:startExecution.sync:2':
        return startExecution(input as JsonObject, deps);
      case 'sns:publish':
        return { result: callService('SNS', 'sns', 'Publish', input as JsonObject, deps) };
      case 'events:putEvents':
        return { result: callService('EventBridge', 'events', 'PutEvents', input as JsonObject, deps) };
      default:
        return { result: callSdk(resource, input as JsonObject, deps) };
    }
  } catch (error) {
    return { result: Promise.reject(error) };
  }
}

/** Rejects data that is too large for a state. */
export function checkSize(what: string, data: string): void {
  if (Buffer.byteLength(data) <= MAX_DATA) return;
  throw new TerminalError(
    'States.DataLimitExceeded',
    `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}

async function invokeFunction(input: JsonObject, deps: TaskDependencies): Promise<Json> {
  const { FunctionName, Payload = {}, InvocationType = 'RequestResponse' } = input;
  if (InvocationType !== 'RequestResponse') {
    throw new Error(`the emulated Step Functions does not support the invocation type ${InvocationType}`);
  }
  const { payload, requestId } = await invoke(String(FunctionName), Payload, deps);
  return {
    ExecutedVersion: '$LATEST',
    Payload: payload,
    SdkHttpMetadata: { HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
}

async function invoke(
  functionArn: string,
  event: Json,
  { lambda, denied }: TaskDependencies,
): Promise<{ payload: Json; requestId: string }> {
  const denial = denied({ action: 'lambda:InvokeFunction', resource: functionArn });
  if (denial) throw serviceError('Lambda', 'AWSLambdaException', denial, 403);
  let answer: Awaited<ReturnType<Lambda['invoke']>>;
  try {
    answer = await lambda.invoke(functionArn, event);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw serviceError('Lambda', error.type, error.message, error.statusCode);
  }
  if (answer.functionError) {
    const { errorType } = JSON.parse(answer.payload) as { errorType?: string };
    throw new TaskError(errorType ?? 'Lambda.Unknown', answer.payload);
  }
  checkSize(functionArn, answer.payload);
  return { payload: JSON.parse(answer.payload), requestId: answer.requestId };
}

function startExecution(input: JsonObject, deps: TaskDependencies): RunningTask {
  const stateMachineArn = String(input.StateMachineArn);
  const denial = deps.denied({ action: 'states:StartExecution', resource: stateMachineArn });
  if (denial) throw serviceError('StepFunctions', 'AccessDeniedException', denial, 400);
  const name = input.Name === undefined ? undefined : String(input.Name);
  const text = typeof input.Input === 'string' ? input.Input : JSON.stringify(input.Input ?? {});
  let execution: StartedExecution;
  try {
    execution = deps.startExecution({ stateMachineArn, input: text, name });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const type = error.type.endsWith('Exception') ? error.type : `${error.type}Exception`;
    throw serviceError('StepFunctions', type, error.message, error.statusCode);
  }
  return { result: endOf(execution), cancel: () => execution.stop() };
}

async function endOf(execution: StartedExecution): Promise<Json> {
  await execution.ended;
  const description: JsonObject = {
    ExecutionArn: execution.arn,
    Input: JSON.parse(execution.input),
    InputDetails: { Included: true },
    Name: execution.name,
    StartDate: execution.startDate,
    StateMachineArn: execution.stateMachineArn,
    Status: execution.status,
    StopDate: execution.stopDate ?? null,
  };
  if (execution.status === 'SUCCEEDED') {
    return { ...description, Output: JSON.parse(execution.output ?? 'null'), OutputDetails: { Included: true } };
  }
  const { error, cause } = execution;
  throw new TaskError(
    'States.TaskFailed',
    JSON.stringify({ ...description, Input: execution.input, Error: error, Cause: cause }),
  );
}

/** Calls a service by the AWS SDK integration, in which every name begins with a capital letter. */
async function callSdk(resource: string, input: JsonObject, deps: TaskDependencies): Promise<Json> {
  const [, service = '', action = ''] = integrationOf(resource)?.split(':') ?? [];
  const answer = await callService(capital(service), service, capital(action), recased(input, small), deps);
  return recased(answer, capital);
}

async function callService(
  name: string,
  service: string,
  operation: string,
  input: JsonObject,
  { call }: TaskDependencies,
): Promise<JsonObject> {
  try {
    return JSON.parse(JSON.stringify(call({ service, operation, input }))) as JsonObject;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw serviceError(name, error.type, error.message, error.statusCode);
  }
}

function recased(value: JsonObject, recase: (name: string) => string): JsonObject {
  const deep = (inner: Json): Json =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner) ? recased(inner, recase) : inner;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [recase(name), deep(inner)]));
}

const capital = (name: string) => name.slice(0, 1).toUpperCase() + name.slice(1);
const small = (name: string) => name.slice(0, 1).toLowerCase() + name.slice(1);

function serviceError(service: string, type: string, message: string, statusCode: number): TaskError {
  const about = `Service: ${service}, Status Code: ${statusCode}, Request ID: ${randomUUID()}`;
  return new TaskError(`${service}.${type}`, `${message} (${about})`);
}

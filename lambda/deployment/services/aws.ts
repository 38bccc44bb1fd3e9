import type { Context } from 'aws-lambda';
import { systemClock } from '../../clock';
import { errorName } from '../../log';
import type { CallError } from '../engine/driver';
import { CALL_TIMEOUT_MS } from '../engine/polling';

/** What a driver needs to know of the account it runs in. */
export interface AwsContext {
  /**
   * Options that every client takes. One attempt a call: what to do about a failure is decided in `decide.ts`, where the
   * deadline and the pinned deployment are known. A cancel is never sent a second time without a look in between.
   */
  readonly clientOptions: { readonly maxAttempts: 1 };
  /** After how many milliseconds a call is given up. */
  readonly callTimeout: number;
  /** Milliseconds since the epoch. */
  now(): number;
  arn(service: string, resource: string): string;
}

export function awsContextOf(context: Pick<Context, 'invokedFunctionArn'>): AwsContext {
  const [, partition, , region, account] = context.invokedFunctionArn.split(':');
  return {
    clientOptions: { maxAttempts: 1 },
    callTimeout: CALL_TIMEOUT_MS,
    now: () => systemClock.now(),
    arn: (service, resource) => `arn:${partition}:${service}:${region}:${account}:${resource}`,
  };
}

/** What AWS's APIs say of something that does not exist; whether that is trouble depends on what was asked. */
export const NOT_FOUND = 'ResourceNotFoundException';

/** What a service of the query protocol says of whatever it will not do; why, only its message tells. */
export const INVALID = 'ValidationError';

/** The typed errors of AWS's APIs, and what each means for a deployment. Whatever is not in here is no answer. */
const ERROR_TYPES: Readonly<Record<string, CallError['errorType']>> = {
  AccessDeniedException: 'denied',
  ConflictException: 'rejected',
  ValidationException: 'rejected',
  [NOT_FOUND]: 'rejected',
  ThrottlingException: 'throttled',
  InternalServerException: 'server-error',
  // As Amazon ECS calls it.
  ServerException: 'server-error',
  // The same, as the services of the query protocol call it.
  AccessDenied: 'denied',
  [INVALID]: 'rejected',
  Throttling: 'throttled',
  InternalFailure: 'server-error',
};

/** An answer that is not there in time, or in which that which was asked for is not. */
export class InvalidResponseError extends Error {
  override readonly name = 'InvalidResponseError';
}

/**
 * Puts whatever an SDK client has thrown into one of five boxes.
 *
 * @param rejections the names of the service's own errors that are refusals
 */
export function classifyError(
  error: unknown,
  action: string,
  resourceArn: string,
  endpoint: string,
  rejections?: ReadonlySet<string>,
): CallError {
  const name = errorName(error);
  const known = rejections?.has(name) ? 'rejected' : Object.hasOwn(ERROR_TYPES, name) && ERROR_TYPES[name];
  const errorType = known || 'unreachable';
  const message = messageOf(error);
  const httpStatus = errorType === 'unreachable' ? httpStatusOf(error) : undefined;
  return {
    kind: 'error',
    errorType,
    action,
    resourceArn,
    endpoint,
    errorName: name,
    message: httpStatus === undefined ? message : `${message} (http ${httpStatus})`,
  };
}

/** What the error says, without the SDK's advice on how to debug an answer that it could not read. */
function messageOf(error: unknown): string {
  const message = String(error instanceof Error ? error.message : error);
  const own = message.replace(/\s*Deserialization error: to see the raw response,.*$/s, '');
  return truncate(own, MESSAGE_LENGTH).replace(/\.+$/, '');
}

function httpStatusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}

/** Short enough that what else a reason says is not cut off by it. */
const MESSAGE_LENGTH = 300;

/** Longer than anything in the API but a status message, and short enough for a state machine to carry. */
const TEXT_LENGTH = 2_000;

/** Longer than any status or id in the API. */
export const WORD_LENGTH = 100;

/** A text of a service as it may be carried along: on one line, of a bounded length, and never ending in half a character. */
export function truncate(text: string, length = TEXT_LENGTH): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length <= length ? line : `${line.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Where a request of the SDK went, from what its middleware sees of it. */
export function endpointOf(request: unknown): string {
  const { protocol, hostname, port } = request as { protocol?: string; hostname?: string; port?: number };
  return `${protocol ?? 'https:'}//${hostname ?? 'unknown'}${port === undefined ? '' : `:${port}`}`;
}

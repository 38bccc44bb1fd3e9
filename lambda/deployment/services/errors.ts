import { errorName } from '../../log';
import { truncate } from '../../text';
import type { CallError, NotFound } from '../engine/driver';

/** The meaning of errors, by name. `not-found` is a result of a read; of a cancellation, it is a rejection. */
export type ErrorTypes = Readonly<Record<string, CallError['errorType'] | 'not-found'>>;

/** The errors that AWS services have in common. An error that is not known does not count as a response of the service. */
const COMMON_ERRORS: ErrorTypes = {
  AccessDeniedException: 'denied',
  ConflictException: 'rejected',
  ValidationException: 'rejected',
  ResourceNotFoundException: 'rejected',
  ThrottlingException: 'throttled',
  InternalServerException: 'server-error',
  // The names in the query protocol.
  AccessDenied: 'denied',
  ValidationError: 'rejected',
  Throttling: 'throttled',
  InternalFailure: 'server-error',
};

/** A response that is too late, or lacks the data that was requested. */
export class InvalidResponseError extends Error {
  override readonly name = 'InvalidResponseError';
}

/** Classifies an error that an SDK client has thrown, by the service's own errors and then by the common ones. */
export function classifyError(
  error: unknown,
  request: Pick<CallError, 'action' | 'resourceArn' | 'endpoint'>,
  errors: ErrorTypes = {},
): CallError {
  const name = errorName(error);
  const known = errorTypeOf(name, errors) ?? errorTypeOf(name, COMMON_ERRORS) ?? 'unreachable';
  const errorType = known === 'not-found' ? 'rejected' : known;
  const message = messageOf(error);
  const httpStatus = errorType === 'unreachable' ? httpStatusOf(error) : undefined;
  return {
    kind: 'error',
    errorType,
    ...request,
    errorName: name,
    message: httpStatus === undefined ? message : `${message} (http ${httpStatus})`,
  };
}

/** Turns the error of a read into its result, if what is read does not exist. */
export function orNotFound<R extends { readonly kind: string }>(
  result: R | CallError,
  errors: ErrorTypes,
  deploymentStatus: string,
): R | CallError | NotFound {
  const notFound = 'errorName' in result && errorTypeOf(result.errorName, errors) === 'not-found';
  return notFound ? { kind: 'not-found', deploymentStatus } : result;
}

function errorTypeOf(name: string, errors: ErrorTypes): ErrorTypes[string] | undefined {
  return Object.hasOwn(errors, name) ? errors[name] : undefined;
}

/** Short enough to leave room for the rest of a reason. */
const MAX_MESSAGE_LENGTH = 300;

/** The message of an error, without the SDK's advice on how to debug a response that it could not read. */
function messageOf(error: unknown): string {
  const message = String(error instanceof Error ? error.message : error);
  const own = message.replace(/\s*Deserialization error: to see the raw response,.*$/s, '');
  return truncate(own, MAX_MESSAGE_LENGTH).replace(/\.+$/, '');
}

function httpStatusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}

import { ServiceException } from '@smithy/core/client';
import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import { errorName } from '../../log';
import { truncate } from '../../text';
import type { CallError, NotFound } from '../engine/driver';

/** The meaning of errors, by name. `not-found` is a result of a read; a cancellation is asked for again after a read. */
export type ErrorTypes = Readonly<Record<string, CallError['errorType'] | 'not-found'>>;

/** The errors that AWS services have in common, beside those that the SDK knows to be throttled or transient. */
const COMMON_ERRORS: ErrorTypes = {
  AccessDeniedException: 'denied',
  ConflictException: 'conflict',
  // The name in the query protocol.
  AccessDenied: 'denied',
  // From an endpoint that does not know the operation, or the account: it is not the service that was meant.
  UnknownOperationException: 'unreachable',
  UnrecognizedClientException: 'unreachable',
  InvalidClientTokenId: 'unreachable',
};

/** A response that is too late, or lacks the data that was requested. */
export class InvalidResponseError extends Error {
  override readonly name = 'InvalidResponseError';
}

/** A role could not be assumed, so the service was not called. */
export class AssumeRoleError extends Error {
  override readonly name = 'AssumeRoleError';

  constructor(readonly callError: CallError) {
    super(callError.message);
  }
}

/** Classifies an error that an SDK client has thrown, by the service's own errors, the common ones, and the rules of the SDK. */
export function classifyError(
  error: unknown,
  request: Pick<CallError, 'action' | 'resourceArn' | 'endpoint'>,
  errors: ErrorTypes = {},
): CallError {
  const name = errorName(error);
  const known = errorTypeOf(name, errors) ?? errorTypeOf(name, COMMON_ERRORS) ?? errorTypeBySdk(error, name);
  // A deployment that was read just before is there: the cancellation has met a part of the service that is behind.
  const errorType = known === 'not-found' ? 'conflict' : known;
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

/** Names that the SDK, or `errorName`, gives to an error whose response has no valid name. */
const NO_NAMES: ReadonlySet<string> = new Set(['Unknown', 'UnknownError', 'Error']);

/** The type of an error without a known name. It is one of the service only if the service has named it in its protocol. */
function errorTypeBySdk(error: unknown, name: string): CallError['errorType'] {
  if (!isOfService(error) || NO_NAMES.has(name)) return 'unreachable';
  if (isThrottlingError(error)) return 'throttled';
  if (isTransientError(error) || isServerError(error)) return 'server-error';
  return 'rejected';
}

function isOfService(error: unknown): error is Parameters<typeof isTransientError>[0] {
  return ServiceException.isInstance(error);
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

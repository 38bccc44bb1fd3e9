import { ServiceError } from '../core/http-server';
import type { Protocol } from '../core/protocols';

/** The error of a call that IAM does not allow. */
export function accessDeniedError(
  { accessDenied: { type, statusCode } }: Protocol['errors'],
  message: string,
): ServiceError {
  return new ServiceError(type, message, statusCode);
}

/** The error of a call that exceeds a quota. */
export function throttlingError({ throttled: { type, statusCode } }: Protocol['errors']): ServiceError {
  return new ServiceError(type, 'Rate exceeded', statusCode);
}

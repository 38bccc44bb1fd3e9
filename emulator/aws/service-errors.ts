import { ServiceError } from '../core/http-server';

interface ErrorType {
  readonly type: string;
  readonly statusCode?: number;
}

/** The types of errors that all services with a JSON protocol share. */
const JSON_ERRORS = {
  accessDenied: { type: 'AccessDeniedException' },
  throttled: { type: 'ThrottlingException' },
} as const satisfies Readonly<Record<string, ErrorType>>;

/** CloudFormation has the error codes of the query protocol. */
const QUERY_ERRORS: Readonly<Record<keyof typeof JSON_ERRORS, ErrorType>> = {
  accessDenied: { type: 'AccessDenied', statusCode: 403 },
  throttled: { type: 'Throttling' },
};

/** The error of a call that IAM does not allow. */
export function accessDeniedError(service: string, message: string): ServiceError {
  return errorOf(service, 'accessDenied', message);
}

/** The error of a call that exceeds a quota. */
export function throttlingError(service: string): ServiceError {
  return errorOf(service, 'throttled', 'Rate exceeded');
}

function errorOf(service: string, kind: keyof typeof JSON_ERRORS, message: string): ServiceError {
  const errors: Readonly<Record<keyof typeof JSON_ERRORS, ErrorType>> =
    service === 'cloudformation' ? QUERY_ERRORS : JSON_ERRORS;
  const { type, statusCode } = errors[kind];
  return new ServiceError(type, message, statusCode);
}

import { ServiceError } from '../../core/http-server';

/** Creates the error with which CloudFormation rejects a request or a template. */
export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationError', message);
}

/** The status reason for an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Runs the work. Returns the reason if it fails. */
export function reasonAgainst(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

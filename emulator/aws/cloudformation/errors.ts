import { ServiceError } from '../../core/http-server';

/** How CloudFormation says no to a request or to a template. */
export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationError', message);
}

/** What a status reason says of an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Does it, or gives the reason why not. */
export function reasonAgainst(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

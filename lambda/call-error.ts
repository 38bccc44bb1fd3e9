/**
 * A call of a service has failed for good. It replaces the service's error, whose message may hold secrets and must reach
 * neither the log of Lambda nor a response.
 */
export class CallError extends Error {
  override readonly name = 'CallError';

  /**
   * @param action the IAM action
   * @param resource the ARN that the action needs
   * @param errorName the name of the service's error
   * @param isDenied whether the service denied access
   * @param mayHaveActed whether an attempt had no valid response, so that it may have had its effect
   */
  constructor(
    readonly action: string,
    readonly resource: string,
    readonly errorName: string,
    readonly isDenied: boolean,
    readonly mayHaveActed: boolean,
  ) {
    super(`${action} on ${resource} failed with ${errorName}`);
  }
}

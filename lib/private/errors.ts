import type { IConstruct } from 'constructs';

/** The error of a configuration that is not valid. Its message names the construct, as in the errors of the CDK. */
export class InvalidConfigurationError extends Error {
  override readonly name = 'InvalidConfigurationError';

  constructor(
    private readonly problem: string,
    at?: IConstruct | string,
  ) {
    super(at ? `${problem} (at ${typeof at === 'string' ? at : at.node.path})` : problem);
  }

  /**
   * Runs a function, whose errors then name the construct that the user wrote, and not one of this package.
   *
   * @param at the construct, or its path if it does not exist yet
   * @throws the error of the function
   */
  static naming<T>(at: IConstruct | string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw error instanceof InvalidConfigurationError ? new InvalidConfigurationError(error.problem, at) : error;
    }
  }
}

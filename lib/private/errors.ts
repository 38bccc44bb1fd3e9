import type { IConstruct } from 'constructs';

/** The error of a configuration that is not valid. Its message names the construct, as in the errors of the CDK. */
export class InvalidConfigurationError extends Error {
  override readonly name = 'InvalidConfigurationError';

  constructor(message: string, scope?: IConstruct) {
    super(scope ? `${message} (at ${scope.node.path})` : message);
  }
}

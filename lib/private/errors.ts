import type { IConstruct } from 'constructs';

/** Something was asked for that cannot be built. Names the construct, as CDK's own errors do. */
export class InvalidConfigurationError extends Error {
  override readonly name = 'InvalidConfigurationError';

  constructor(message: string, scope?: IConstruct) {
    super(scope ? `${message} (at ${scope.node.path})` : message);
  }
}

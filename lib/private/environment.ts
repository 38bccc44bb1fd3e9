import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { IConstruct } from 'constructs';
import { InvalidConfigurationError } from './errors';

/**
 * Checks that a deployment is in the account and region of the stack of `scope`, as far as these are known.
 *
 * @throws if it is in another account or region
 */
export function validateEnvironment(displayName: string, environment: ResourceEnvironment, scope: IConstruct): void {
  const stack = Stack.of(scope);
  for (const property of ['account', 'region'] as const) {
    const value = environment[property];
    if (Token.compareStrings(value, stack[property]) !== TokenComparison.DIFFERENT) continue;
    throw new InvalidConfigurationError(
      `the ${property} of ${displayName} is ${value}, and that of the stack is ${stack[property]}: declare its cancellation in a stack of ${value}`,
      scope,
    );
  }
}

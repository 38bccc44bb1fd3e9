import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { IConstruct } from 'constructs';
import { InvalidConfigurationError } from './errors';

/**
 * Checks that a deployment is where the calls for it are made, as far as this is known: in the account of the stack of
 * `scope`, or of the role that makes the calls, and in the region of the stack.
 *
 * @throws if it is in another account or region
 */
export function validateEnvironment(
  displayName: string,
  environment: ResourceEnvironment,
  scope: IConstruct,
  roleAccount?: string,
): void {
  const { account, region } = Stack.of(scope);
  if (roleAccount !== undefined && areDifferent(environment.account, roleAccount)) {
    throw new InvalidConfigurationError(
      `the account of ${displayName} is ${environment.account}, and that of the role is ${roleAccount}: use a role of ${environment.account}`,
      scope,
    );
  }
  const own = roleAccount === undefined ? { account, region } : { region };
  for (const [property, found] of Object.entries(own)) {
    const value = environment[property as keyof typeof own];
    if (!areDifferent(value, found)) continue;
    throw new InvalidConfigurationError(
      `the ${property} of ${displayName} is ${value}, and that of the stack is ${found}: declare its cancellation in a stack of ${value}`,
      scope,
    );
  }
}

/** Whether two accounts or regions are known to be different. */
export function areDifferent(one: string, other: string): boolean {
  return Token.compareStrings(one, other) === TokenComparison.DIFFERENT;
}

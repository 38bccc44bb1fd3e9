import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { InvalidConfigurationError } from './errors';

/** Where something is, as far as that is known when the stack is synthesised. */
export interface ResourceEnvironment {
  readonly account: string;
  readonly region: string;
}

/** Throws if it is known to be elsewhere than the stack of `scope`: a cancellation acts where its stack is. */
export function validateEnvironment(displayName: string, its: ResourceEnvironment, scope: IConstruct): void {
  const stack = Stack.of(scope);
  for (const what of ['account', 'region'] as const) {
    if (Token.compareStrings(its[what], stack[what]) !== TokenComparison.DIFFERENT) continue;
    throw new InvalidConfigurationError(
      `the ${what} of ${displayName} is ${its[what]}, and that of the stack is ${stack[what]}: declare its cancellation in a stack of ${its[what]}`,
      scope,
    );
  }
}

import { DefaultTokenResolver, type IResolvable, Reference, StringConcat, Tokenization } from 'aws-cdk-lib';
import { EventField } from 'aws-cdk-lib/aws-events';
import { JsonPath } from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';
import { InvalidConfigurationError } from './errors';

/** The paths that a value may contain: those of the event of a rule, or of the state of a state machine. */
export type Paths = 'event' | 'state' | 'none';

const PATHS = {
  event: 'EventField, which only the target of a rule can read',
  state: 'JsonPath, which only a task of a state machine can read',
};

/**
 * Checks that a value contains no paths but those that can be read where the cancellation is declared.
 *
 * @throws if it contains others
 */
export function validatePaths(name: string, value: unknown, scope: IConstruct, allowed: Paths = 'none'): void {
  const other = pathsIn(value, scope).find((path) => path !== allowed);
  if (!other) return;
  throw new InvalidConfigurationError(
    `${name} contains a path of ${PATHS[other]}: use a name, or declare the cancellation there`,
    scope,
  );
}

/** The kinds of paths in a value. */
export function pathsIn(value: unknown, scope: IConstruct): (keyof typeof PATHS)[] {
  return tokensIn(value, scope).flatMap((token) => {
    if (token instanceof EventField) return ['event'];
    return JsonPath.isEncodedJsonPath(token.toString()) ? ['state'] : [];
  });
}

/** The constructs that a value refers to. */
export function referencesIn(value: unknown, scope: IConstruct): IConstruct[] {
  return tokensIn(value, scope).flatMap((token) => (Reference.isReference(token) ? [token.target] : []));
}

/** The tokens of a value, including those inside of other tokens. */
function tokensIn(value: unknown, scope: IConstruct): readonly IResolvable[] {
  const resolver = new TokenCollector();
  Tokenization.resolve(value, { scope, resolver, preparing: true });
  return resolver.tokens;
}

class TokenCollector extends DefaultTokenResolver {
  readonly tokens: IResolvable[] = [];

  constructor() {
    super(new StringConcat());
  }

  override resolveToken(...[token, ...others]: Parameters<DefaultTokenResolver['resolveToken']>): unknown {
    this.tokens.push(token);
    return super.resolveToken(token, ...others);
  }
}

import { Token } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../contract/cancellation';
import { describe } from '../private/describe';
import { InvalidConfigurationError } from '../private/errors';
import type { IdentifierDefinition, Identifiers } from './kind-definition';

/**
 * A deployment that can be cancelled. It does not depend on where its cancellation is declared.
 *
 * The factory methods of its subclasses create it, such as `EcsServiceDeployment.fromServiceName(…)`.
 */
export abstract class CancellableDeployment {
  /** The name of the deployment for people: `ecs service prod/web`. It contains tokens where a name is a token. */
  public abstract readonly displayName: string;

  /**
   * The permissions that cancelling the deployment and reading its status take, and no others.
   *
   * @param scope where the cancellation is declared; the deployment is in the account and region of its stack
   */
  public abstract policyStatements(scope: IConstruct): PolicyStatement[];

  /**
   * Checks that the deployment is where the calls are made.
   *
   * @param roleAccount the account of the role that makes the calls; undefined for the account of the stack
   * @throws if it is known to be in another account or region
   * @internal
   */
  public abstract _validateEnvironment(scope: IConstruct, roleAccount?: string): void;

  /**
   * The deployment as the handlers read it.
   *
   * @internal
   */
  public abstract _toContract(): Deployment;
}

/**
 * Checks that a value is a deployment: the compiler does not check JavaScript, and languages without it.
 *
 * @throws if it is something else
 */
export function validateDeployment(value: CancellableDeployment, scope?: IConstruct): void {
  // Not with instanceof: an app may have several copies of this package.
  if (typeof value?._toContract === 'function') return;
  throw new InvalidConfigurationError(
    `deployment must be a CancellableDeployment, such as EcsServiceDeployment.fromService(…), not ${describe(value)}`,
    scope,
  );
}

/**
 * Checks identifiers. Those that are tokens are checked by the handlers.
 *
 * @throws if one of them is not valid
 */
export function validateIdentifiers(
  identifiers: Identifiers,
  definitions: Readonly<Record<string, IdentifierDefinition>>,
): void {
  for (const [name, value] of Object.entries(identifiers)) {
    const problem = Token.isUnresolved(value) ? undefined : definitions[name]?.validate(value);
    if (problem) throw new InvalidConfigurationError(`${name} ${problem}`);
  }
}

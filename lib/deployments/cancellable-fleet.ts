import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Fleet } from '../contract/fleet';
import { describe } from '../private/describe';
import { InvalidConfigurationError } from '../private/errors';

/**
 * Deployments that can be cancelled together. They do not depend on where their cancellation is declared.
 *
 * The factory methods of its subclasses create it, such as `DeploymentFleet.fromDeployments(…)`.
 */
export abstract class CancellableFleet {
  /** The name of the fleet for people: `service instances of web`. It contains tokens where a name is a token. */
  public abstract readonly displayName: string;

  /**
   * The permissions that listing the deployments, cancelling them and reading their status take, and no others.
   *
   * @param scope where the cancellation is declared; the deployments are in the account and region of its stack
   */
  public abstract policyStatements(scope: IConstruct): PolicyStatement[];

  /**
   * Checks that the deployments are where the calls are made.
   *
   * @param roleAccount the account of the role that makes the calls; undefined for the account of the stack
   * @throws if one of them is known to be in another account or region
   * @internal
   */
  public abstract _validateEnvironment(scope: IConstruct, roleAccount?: string): void;

  /**
   * The fleet as the handlers read it.
   *
   * @internal
   */
  public abstract _toContract(): Fleet;
}

/**
 * Checks that a value is a fleet: the compiler does not check JavaScript, and languages without it.
 *
 * @throws if it is something else
 */
export function validateFleet(value: CancellableFleet, scope: IConstruct): void {
  // Not with instanceof: an app may have several copies of this package.
  if (typeof value?._toContract === 'function') return;
  throw new InvalidConfigurationError(
    `fleet must be a CancellableFleet, such as DeploymentFleet.fromDeployments([…]), not ${describe(value)}`,
    scope,
  );
}

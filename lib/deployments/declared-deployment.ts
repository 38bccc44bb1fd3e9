import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../contract/cancellation';
import { validateEnvironment } from '../private/environment';
import { CancellableDeployment, validateDeployment } from './cancellable-deployment';
import { displayNameOf, serviceOf } from './kinds';

/**
 * The shared part of the deployments of all kinds. jsii moves its public members to the subclasses.
 *
 * @internal
 */
export abstract class DeclaredDeployment extends CancellableDeployment {
  public readonly displayName: string;

  /** @param environment the account and region of the deployment; undefined if they are not known to differ from the stack's */
  protected constructor(
    private readonly deployment: Deployment,
    private readonly environment?: ResourceEnvironment,
  ) {
    super();
    validateDeployment(deployment);
    this.displayName = displayNameOf(deployment);
  }

  /** @throws if the deployment is known to be in another account or region than the stack of `scope` */
  public policyStatements(scope: IConstruct): PolicyStatement[] {
    if (this.environment) validateEnvironment(this.displayName, this.environment, scope);
    const { kind, identifiers } = this.deployment;
    const arn = (path: string) => Stack.of(scope).formatArn({ service: serviceOf(kind), resource: path });
    return this._statements(identifiers, arn, scope);
  }

  /** @internal */
  public _toContract(): Deployment {
    return this.deployment;
  }

  /**
   * The permissions, for `policyStatements`.
   *
   * @param arn creates an ARN of the service in the account and region of the stack
   * @internal
   */
  protected abstract _statements(
    identifiers: Deployment['identifiers'],
    arn: (path: string) => string,
    scope: IConstruct,
  ): PolicyStatement[];
}

import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { IConstruct } from 'constructs';
import type { FoundFleet } from '../contract/fleet';
import { validateEnvironment } from '../private/environment';
import { validateIdentifiers } from './cancellable-deployment';
import { CancellableFleet } from './cancellable-fleet';
import { validateOptions } from './declared-deployment';
import { fleetKindDefinition } from './fleet-kinds';
import { serviceOf } from './kinds';

/**
 * The shared part of the fleets that a service lists. jsii moves its public members to the subclasses.
 *
 * @internal
 */
export abstract class DeclaredFleet extends CancellableFleet {
  public readonly displayName: string;

  /** @param environment the account and region of the deployments; undefined if they are not known to differ from the stack's */
  protected constructor(
    private readonly fleet: FoundFleet,
    private readonly environment?: ResourceEnvironment,
  ) {
    super();
    const { kind, identifiers, options = {} } = fleet;
    const definition = fleetKindDefinition(kind);
    validateIdentifiers(identifiers, definition.identifiers);
    validateOptions(options, definition.options ?? {});
    this.displayName = definition.displayName(identifiers);
  }

  /** @throws if the deployments are known to be in another account or region than the stack of `scope` */
  public policyStatements(scope: IConstruct): PolicyStatement[] {
    this._validateEnvironment(scope);
    const { kind, identifiers } = this.fleet;
    const arn = (path: string) => Stack.of(scope).formatArn({ service: serviceOf(kind), resource: path });
    return this._statements(identifiers, arn, scope);
  }

  /** @internal */
  public _validateEnvironment(scope: IConstruct, roleAccount?: string): void {
    if (this.environment) validateEnvironment(this.displayName, this.environment, scope, roleAccount);
  }

  /** @internal */
  public _toContract(): FoundFleet {
    return this.fleet;
  }

  /**
   * The permissions, for `policyStatements`.
   *
   * @param arn creates an ARN of the service in the account and region of the stack
   * @param scope where the cancellation is declared
   * @internal
   */
  protected abstract _statements(
    identifiers: FoundFleet['identifiers'],
    arn: (path: string) => string,
    scope: IConstruct,
  ): PolicyStatement[];
}

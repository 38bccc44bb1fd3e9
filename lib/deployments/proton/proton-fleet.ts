import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { FoundFleet } from '../../contract/fleet';
import { validateIdentifiers } from '../cancellable-deployment';
import { CancellableFleet } from '../cancellable-fleet';
import { fleetKindDefinition } from '../fleet-kinds';
import { PROTON_DEPLOYMENT_READ_ACTION, PROTON_KINDS } from './kinds';

/**
 * The deployments of AWS Proton service instances that are in flight when the cancellation begins. Deployments that start
 * later are not cancelled.
 *
 * @see https://docs.aws.amazon.com/proton/latest/APIReference/API_ListServiceInstances.html
 */
export class ProtonFleet extends CancellableFleet {
  /**
   * The deployments of all service instances of a service.
   *
   * Needs `proton:ListServiceInstances` on `*`, because that action has no resource type, the cancel and read actions on
   * the service instances of this service, and `proton:GetDeployment` on deployments.
   *
   * @param serviceName the name of the service: 1 to 100 letters, digits, `-` and `_`, starting with a letter or digit
   * @throws if Proton does not accept the name; a token is checked when the stack is deployed
   */
  public static fromServiceName(serviceName: string): ProtonFleet {
    return new ProtonFleet({ kind: 'proton-service-instances', identifiers: { serviceName } });
  }

  /**
   * The deployments of all service instances in an environment.
   *
   * Needs the same permissions as for a service, but on the service instances of all services: their ARNs do not contain
   * the environment. Service instances in other environments are not cancelled.
   *
   * @param environmentName the name of the environment: 1 to 100 letters, digits, `-` and `_`, starting with a letter or
   * digit
   * @throws if Proton does not accept the name; a token is checked when the stack is deployed
   */
  public static fromEnvironmentName(environmentName: string): ProtonFleet {
    return new ProtonFleet({ kind: 'proton-environment-instances', identifiers: { environmentName } });
  }

  public readonly displayName: string;

  private constructor(private readonly fleet: FoundFleet) {
    super();
    const { kind, identifiers } = fleet;
    const definition = fleetKindDefinition(kind);
    validateIdentifiers(identifiers, definition.identifiers);
    this.displayName = definition.displayName(identifiers);
  }

  public policyStatements(scope: IConstruct): PolicyStatement[] {
    const { kind, identifiers } = this.fleet;
    const { listAction, resource } = fleetKindDefinition(kind);
    const { cancelAction, readAction } = PROTON_KINDS['proton-service-instance'];
    const arn = (path: string) => Stack.of(scope).formatArn({ service: 'proton', resource: path });
    return [
      new PolicyStatement({ actions: [listAction], resources: ['*'] }),
      new PolicyStatement({ actions: [cancelAction, readAction], resources: [arn(resource(identifiers))] }),
      // The IDs of deployments are unknown at synthesis.
      new PolicyStatement({ actions: [PROTON_DEPLOYMENT_READ_ACTION], resources: [arn('deployment/*')] }),
    ];
  }

  /** @internal */
  public _toContract(): FoundFleet {
    return this.fleet;
  }
}

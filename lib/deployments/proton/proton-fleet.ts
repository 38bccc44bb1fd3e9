import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { FoundFleet } from '../../contract/fleet';
import { DeclaredFleet } from '../declared-fleet';
import { PROTON_LIST_ACTION, type ProtonFleetKind } from './fleet-kinds';
import { PROTON_DEPLOYMENT_READ_ACTION, PROTON_KINDS } from './kinds';

/**
 * The deployments of AWS Proton service instances that are in flight when the cancellation begins. Deployments that start
 * later are not cancelled.
 *
 * @see https://docs.aws.amazon.com/proton/latest/APIReference/API_ListServiceInstances.html
 */
export class ProtonFleet extends DeclaredFleet {
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

  private constructor(fleet: FoundFleet & { readonly kind: ProtonFleetKind }) {
    super(fleet);
  }

  /** @internal */
  protected _statements(
    // The ARN of a service instance does not contain its environment.
    { serviceName = '*' }: FoundFleet['identifiers'],
    arn: (path: string) => string,
  ): PolicyStatement[] {
    const { cancelAction, readAction } = PROTON_KINDS['proton-service-instance'];
    return [
      new PolicyStatement({ actions: [PROTON_LIST_ACTION], resources: ['*'] }),
      new PolicyStatement({
        actions: [cancelAction, readAction],
        resources: [arn(`service/${serviceName}/service-instance/*`)],
      }),
      // The IDs of deployments are unknown at synthesis.
      new PolicyStatement({ actions: [PROTON_DEPLOYMENT_READ_ACTION], resources: [arn('deployment/*')] }),
    ];
  }
}

import { Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Fleet, ProtonFleetKind } from '../../contract/fleet';
import { InvalidConfigurationError } from '../../private/errors';
import { CancellableFleet } from '../cancellable-fleet';
import { PROTON_FLEETS, PROTON_LIST_ACTION } from './fleet-kinds';
import { PROTON_DEPLOYMENT_READ_ACTION, PROTON_KINDS, validateProtonName } from './kinds';

/** Which AWS Proton service. */
export interface ProtonServiceFleetProps {
  /** The name of the service: 1 to 100 letters, digits, `-` and `_`, starting with a letter or digit. */
  readonly serviceName: string;
}

/** Which AWS Proton environment. */
export interface ProtonEnvironmentFleetProps {
  /** The name of the environment: 1 to 100 letters, digits, `-` and `_`, starting with a letter or digit. */
  readonly environmentName: string;
}

/**
 * The deployments of AWS Proton service instances, found when the cancellation begins: those that are in flight by then,
 * and no later one.
 *
 * @see https://docs.aws.amazon.com/proton/latest/APIReference/API_ListServiceInstances.html
 */
export class ProtonFleet extends CancellableFleet {
  /**
   * The deployments of all service instances of a service.
   *
   * Needs `proton:ListServiceInstances` on `*`, since that action knows no resource type, the cancel and the read on the
   * service instances of this service, and `proton:GetDeployment` on deployments.
   *
   * @throws if the name is not one that Proton accepts; a name that is a token is checked when the stack is deployed
   */
  public static ofService(props: ProtonServiceFleetProps): ProtonFleet {
    return new ProtonFleet('proton-service-instances', props.serviceName);
  }

  /**
   * The deployments of all service instances in an environment.
   *
   * Needs the same as for a service, but on the service instances of all services: an ARN does not tell the environment.
   * Whatever is not in the environment is left alone nevertheless.
   *
   * @throws if the name is not one that Proton accepts; a name that is a token is checked when the stack is deployed
   */
  public static ofEnvironment(props: ProtonEnvironmentFleetProps): ProtonFleet {
    return new ProtonFleet('proton-environment-instances', props.environmentName);
  }

  public readonly displayName: string;

  private constructor(
    private readonly kind: ProtonFleetKind,
    private readonly value: string,
  ) {
    super();
    const { name, displayName } = PROTON_FLEETS[kind];
    const validate = Token.isUnresolved(value) ? undefined : validateProtonName(value);
    if (validate) throw new InvalidConfigurationError(`${name} ${validate}`);
    this.displayName = displayName(value);
  }

  public policyStatements(scope: IConstruct): PolicyStatement[] {
    const { cancelAction, readAction } = PROTON_KINDS['proton-service-instance'];
    const arn = (path: string) => Stack.of(scope).formatArn({ service: 'proton', resource: path });
    return [
      new PolicyStatement({ actions: [PROTON_LIST_ACTION], resources: ['*'] }),
      new PolicyStatement({
        actions: [cancelAction, readAction],
        resources: [arn(PROTON_FLEETS[this.kind].resources(this.value))],
      }),
      new PolicyStatement({ actions: [PROTON_DEPLOYMENT_READ_ACTION], resources: [arn('deployment/*')] }),
    ];
  }

  /** @internal */
  public _toContract(): Fleet {
    return { kind: this.kind, identifiers: { [PROTON_FLEETS[this.kind].name]: this.value } };
  }
}

import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Deployment } from '../../contract/cancellation';
import { DeclaredDeployment } from '../declared-deployment';
import { kindDefinition } from '../kinds';
import { PROTON_DEPLOYMENT_READ_ACTION } from './kinds';

/** The names that address an AWS Proton service instance. */
export interface ProtonServiceInstanceProps {
  /** The name of the service: 1 to 100 letters, digits, `-` and `_`, starting with a letter or digit. */
  readonly serviceName: string;

  /** The name of the service instance: 1 to 100 letters, digits, `-` and `_`, starting with a letter or digit. */
  readonly serviceInstanceName: string;
}

/** The name that addresses an AWS Proton service pipeline. */
export interface ProtonServicePipelineProps {
  /** The name of the service: 1 to 100 letters, digits, `-` and `_`, starting with a letter or digit. */
  readonly serviceName: string;
}

/** The name that addresses an AWS Proton environment. */
export interface ProtonEnvironmentProps {
  /** The name of the environment: 1 to 100 letters, digits, `-` and `_`, starting with a letter or digit. */
  readonly environmentName: string;
}

/** The name that addresses an AWS Proton component. */
export interface ProtonComponentProps {
  /** The name of the component: 1 to 100 letters, digits, `-` and `_`, starting with a letter or digit. */
  readonly componentName: string;
}

/**
 * A deployment of AWS Proton.
 *
 * AWS ended support for Proton on 2026-10-07. Against AWS, a cancellation ends as `UNAVAILABLE` unless `endpoint` names
 * a Proton-compatible service.
 */
export class ProtonDeployment extends DeclaredDeployment {
  /**
   * The deployment of a service instance.
   *
   * @throws if Proton does not accept a name; names that are tokens are checked when the stack is deployed
   * @see https://docs.aws.amazon.com/proton/latest/APIReference/API_CancelServiceInstanceDeployment.html
   */
  public static serviceInstance(props: ProtonServiceInstanceProps): ProtonDeployment {
    const { serviceName, serviceInstanceName } = props;
    return new ProtonDeployment('proton-service-instance', { serviceName, serviceInstanceName });
  }

  /**
   * The deployment of the pipeline of a service. A service without a pipeline is `NOT_FOUND`: see `onNotFound`.
   *
   * @throws if Proton does not accept the name; a token is checked when the stack is deployed
   * @see https://docs.aws.amazon.com/proton/latest/APIReference/API_CancelServicePipelineDeployment.html
   */
  public static servicePipeline(props: ProtonServicePipelineProps): ProtonDeployment {
    const { serviceName } = props;
    return new ProtonDeployment('proton-service-pipeline', { serviceName });
  }

  /**
   * The deployment of an environment.
   *
   * @throws if Proton does not accept the name; a token is checked when the stack is deployed
   * @see https://docs.aws.amazon.com/proton/latest/APIReference/API_CancelEnvironmentDeployment.html
   */
  public static environment(props: ProtonEnvironmentProps): ProtonDeployment {
    const { environmentName } = props;
    return new ProtonDeployment('proton-environment', { environmentName });
  }

  /**
   * The deployment of a component.
   *
   * @throws if Proton does not accept the name; a token is checked when the stack is deployed
   * @see https://docs.aws.amazon.com/proton/latest/APIReference/API_CancelComponentDeployment.html
   */
  public static component(props: ProtonComponentProps): ProtonDeployment {
    const { componentName } = props;
    return new ProtonDeployment('proton-component', { componentName });
  }

  /** @internal */
  public static _fromContract({ kind, identifiers }: Deployment): ProtonDeployment {
    return new ProtonDeployment(kind, identifiers);
  }

  private constructor(
    private readonly kind: string,
    identifiers: Deployment['identifiers'],
  ) {
    super({ kind, identifiers });
  }

  /** @internal */
  protected override _statements(
    identifiers: Deployment['identifiers'],
    arn: (path: string) => string,
  ): PolicyStatement[] {
    const { cancelAction, readAction, resource } = kindDefinition(this.kind);
    return [
      new PolicyStatement({ actions: [cancelAction, readAction], resources: [arn(resource(identifiers))] }),
      // The IDs of deployments are unknown at synthesis.
      new PolicyStatement({ actions: [PROTON_DEPLOYMENT_READ_ACTION], resources: [arn('deployment/*')] }),
    ];
  }
}

import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../../contract/cancellation';
import { CancellableDeployment } from '../cancellable-deployment';
import { validateIdentifiers } from '../checked-subject';
import { PROTON_DEPLOYMENT_READ_ACTION, PROTON_KINDS, type ProtonKind, type ProtonKindName } from './kinds';

/** Which AWS Proton service instance. */
export interface ProtonServiceInstanceProps {
  /** The name of the service: 1 to 100 letters, digits, `-` and `_`, starting with a letter or digit. */
  readonly serviceName: string;

  /** The name of the service instance, of the same form. */
  readonly serviceInstanceName: string;
}

/** Which AWS Proton service pipeline. */
export interface ProtonServicePipelineProps {
  /** The name of the service whose pipeline it is: 1 to 100 letters, digits, `-` and `_`, starting with a letter or digit. */
  readonly serviceName: string;
}

/** Which AWS Proton environment. */
export interface ProtonEnvironmentProps {
  /** The name of the environment: 1 to 100 letters, digits, `-` and `_`, starting with a letter or digit. */
  readonly environmentName: string;
}

/** Which AWS Proton component. */
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
export class ProtonDeployment extends CancellableDeployment {
  /**
   * The deployment of a service instance.
   *
   * @throws if a name is not one that Proton accepts; names that are tokens are checked when the stack is deployed
   * @see https://docs.aws.amazon.com/proton/latest/APIReference/API_CancelServiceInstanceDeployment.html
   */
  public static serviceInstance(props: ProtonServiceInstanceProps): ProtonDeployment {
    const { serviceName, serviceInstanceName } = props;
    return new ProtonDeployment('proton-service-instance', { serviceName, serviceInstanceName });
  }

  /**
   * The deployment of the pipeline of a service. A service without one has nothing to be found: see `onNotFound`.
   *
   * @throws if the name is not one that Proton accepts; a name that is a token is checked when the stack is deployed
   * @see https://docs.aws.amazon.com/proton/latest/APIReference/API_CancelServicePipelineDeployment.html
   */
  public static servicePipeline(props: ProtonServicePipelineProps): ProtonDeployment {
    const { serviceName } = props;
    return new ProtonDeployment('proton-service-pipeline', { serviceName });
  }

  /**
   * The deployment of an environment.
   *
   * @throws if the name is not one that Proton accepts; a name that is a token is checked when the stack is deployed
   * @see https://docs.aws.amazon.com/proton/latest/APIReference/API_CancelEnvironmentDeployment.html
   */
  public static environment(props: ProtonEnvironmentProps): ProtonDeployment {
    const { environmentName } = props;
    return new ProtonDeployment('proton-environment', { environmentName });
  }

  /**
   * The deployment of a component.
   *
   * @throws if the name is not one that Proton accepts; a name that is a token is checked when the stack is deployed
   * @see https://docs.aws.amazon.com/proton/latest/APIReference/API_CancelComponentDeployment.html
   */
  public static component(props: ProtonComponentProps): ProtonDeployment {
    const { componentName } = props;
    return new ProtonDeployment('proton-component', { componentName });
  }

  public readonly displayName: string;

  private constructor(
    private readonly kind: ProtonKindName,
    private readonly identifiers: Record<string, string>,
  ) {
    super();
    this.displayName = validateIdentifiers({ kind, identifiers });
  }

  public policyStatements(scope: IConstruct): PolicyStatement[] {
    const { cancelAction, readAction, resource }: ProtonKind = PROTON_KINDS[this.kind];
    const arn = (path: string) => Stack.of(scope).formatArn({ service: 'proton', resource: path });
    return [
      new PolicyStatement({ actions: [cancelAction, readAction], resources: [arn(resource(this.identifiers))] }),
      // A deployment's id is not known before it is there.
      new PolicyStatement({ actions: [PROTON_DEPLOYMENT_READ_ACTION], resources: [arn('deployment/*')] }),
    ];
  }

  /** @internal */
  public _toContract(): Deployment {
    return { kind: this.kind, identifiers: this.identifiers };
  }
}

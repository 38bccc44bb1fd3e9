import { Fn, Token } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { aws_ecs as ecs, ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { Deployment } from '../../contract/cancellation';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import { DeclaredDeployment } from '../declared-deployment';
import { refuseOtherController } from './deployment-controller';
import {
  ECS_CONTINUE_ACTION,
  ECS_LIST_ACTION,
  ECS_READ_ACTION,
  ECS_STOP_ACTION,
  type EcsService,
  ecsServiceDeploymentPath,
  ecsServiceOf,
  ecsServicePath,
} from './kinds';

/** The names that address an Amazon ECS service. */
export interface EcsServiceDeploymentProps {
  /** The name of the cluster, not its ARN: 1 to 255 letters, digits, `-` and `_`. */
  readonly clusterName: string;

  /** The name of the service, not its ARN: 1 to 255 letters, digits, `-` and `_`. */
  readonly serviceName: string;
}

/**
 * A deployment of an Amazon ECS service, whose deployment controller is ECS.
 *
 * Cancelling it rolls the service back to its previous revision, whether or not the service is configured to roll back.
 * The cancellation ends when the rollback ends. A deployment that waits at a lifecycle hook is rolled back as well: if ECS does
 * not accept the stop, the rollback is requested at the hook. Each service deployment has an ID, and a stop names the ID: a
 * newer deployment is never stopped by mistake.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopServiceDeployment.html
 */
export class EcsServiceDeployment extends DeclaredDeployment {
  /**
   * The deployment in flight of a service that is addressed by its names: the newest, if there are several.
   *
   * @throws if ECS does not accept a name; names that are tokens are checked when the stack is deployed
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html
   */
  public static fromServiceName(props: EcsServiceDeploymentProps): EcsServiceDeployment {
    const { clusterName, serviceName } = props;
    return new EcsServiceDeployment({ clusterName, serviceName });
  }

  /**
   * The deployment in flight of a service of the CDK: the newest, if there are several.
   *
   * The cancellation depends on the service. Use `fromServiceName` for a guard that protects a service of its own stack.
   *
   * @param service a service in the account and region of the stack that cancels, such as a `FargateService`, a
   * `CfnService` or an imported service. The ARN of a service that is imported without its cluster must contain the cluster
   * @throws if it is not a service, its cluster is unknown, or its deployment controller is known not to be ECS
   */
  public static fromService(service: ecs.IServiceRef): EcsServiceDeployment {
    refuseOtherController(service);
    return new EcsServiceDeployment({ ...namesOf(service) }, service.env);
  }

  /**
   * One service deployment. No other deployment of the service is cancelled.
   *
   * @param serviceDeploymentArn `arn:aws:ecs:REGION:ACCOUNT:service-deployment/CLUSTER/SERVICE/ID`, in the account and
   * region of the stack that cancels
   * @throws if it is not such an ARN; a token is checked when the stack is deployed
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html
   */
  public static fromServiceDeploymentArn(serviceDeploymentArn: string): EcsServiceDeployment {
    const [, , , region, account] = Token.isUnresolved(serviceDeploymentArn) ? [] : serviceDeploymentArn.split(':');
    const known = region !== undefined && account !== undefined;
    return new EcsServiceDeployment({ serviceDeploymentArn }, known ? { account, region } : undefined);
  }

  /** @internal */
  public static _fromContract({ identifiers }: Deployment): EcsServiceDeployment {
    return new EcsServiceDeployment(identifiers);
  }

  private constructor(identifiers: Deployment['identifiers'], environment?: ResourceEnvironment) {
    super({ kind: 'ecs-service-deployment', identifiers }, environment);
  }

  /** @internal */
  protected override _statements(
    identifiers: Deployment['identifiers'],
    arn: (path: string) => string,
  ): PolicyStatement[] {
    const { serviceDeploymentArn } = identifiers;
    const ofService =
      serviceDeploymentArn !== undefined && Token.isUnresolved(serviceDeploymentArn)
        ? { clusterName: partOf(serviceDeploymentArn, 1), serviceName: partOf(serviceDeploymentArn, 2) }
        : ecsServiceOf(identifiers);
    const service = arn(ecsServicePath(ofService));
    // The IDs of service deployments are unknown at synthesis.
    const deployments = serviceDeploymentArn ?? arn(ecsServiceDeploymentPath(ofService, '*'));
    return [
      new PolicyStatement({
        actions: [ECS_STOP_ACTION, ECS_CONTINUE_ACTION, ECS_READ_ACTION],
        resources: [service, deployments],
      }),
      new PolicyStatement({ actions: [ECS_LIST_ACTION], resources: [service] }),
    ];
  }
}

/** A part between slashes of an ARN that is a token. */
function partOf(arn: string, index: number): string {
  return Fn.select(index, Fn.split('/', arn));
}

/** A service of the CDK with its cluster: `IBaseService`, without loading the module of ECS. */
interface ServiceOfCluster {
  readonly cluster: { readonly clusterName: string };
  readonly serviceName: string;
}

/** A service that is imported by its ARN, which has no reference in older versions of the CDK. */
interface ServiceWithArn {
  readonly serviceArn?: string;
}

function hasCluster(service: object): service is ServiceOfCluster {
  return 'serviceName' in service && 'cluster' in service && typeof service.cluster === 'object';
}

/** @throws if `service` is not a service, or its cluster is unknown */
function namesOf(service: ecs.IServiceRef & ServiceWithArn): EcsService {
  const isObject = typeof service === 'object' && service !== null;
  if (isObject && hasCluster(service)) {
    return { clusterName: service.cluster.clusterName, serviceName: service.serviceName };
  }
  const arn = isObject ? (service.serviceRef?.serviceArn ?? service.serviceArn) : undefined;
  if (arn === undefined) {
    throw new InvalidConfigurationError(
      `service must be an Amazon ECS service of the CDK, such as a FargateService, not ${describe(service)}: use fromServiceName for names`,
    );
  }
  if (Token.isUnresolved(arn)) return { clusterName: partOf(arn, 1), serviceName: partOf(arn, 2) };
  const [, clusterName, serviceName] = arn.split('/');
  if (clusterName !== undefined && serviceName !== undefined) return { clusterName, serviceName };
  throw new InvalidConfigurationError(
    `service must have an ARN that contains its cluster, not ${describe(arn)}: use fromServiceName`,
  );
}

import { Fn, Stack, Token } from 'aws-cdk-lib';
import type { IBaseService } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../../contract/cancellation';
import { type ResourceEnvironment, validateEnvironment } from '../../private/environment';
import { CancellableDeployment } from '../cancellable-deployment';
import { validateIdentifiers } from '../checked-subject';
import {
  ECS_LIST_ACTION,
  ECS_READ_ACTION,
  ECS_STOP_ACTION,
  type EcsKindName,
  ecsServiceDeploymentPath,
  ecsServiceOf,
  ecsServicePath,
} from './kinds';

/** Which Amazon ECS service. */
export interface EcsServiceDeploymentProps {
  /** The name of the cluster, not its ARN: 1 to 255 letters, digits, `-` and `_`. */
  readonly cluster: string;

  /** The name of the service, not its ARN, of the same form. */
  readonly service: string;
}

const KIND: EcsKindName = 'ecs-service-deployment';

/**
 * A deployment of an Amazon ECS service, whose deployment controller is ECS.
 *
 * Cancelling it rolls the service back to its previous revision, whether or not the service is configured to roll back;
 * it is over when the rollback is. Each service deployment has an id, and a cancellation names it: a newer one is never
 * reached.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopServiceDeployment.html
 */
export class EcsServiceDeployment extends CancellableDeployment {
  /**
   * The deployment of a service that is in flight: the newest, if there are several.
   *
   * @throws if a name is not one that ECS accepts; names that are tokens are checked when the stack is deployed
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html
   */
  public static of(props: EcsServiceDeploymentProps): EcsServiceDeployment {
    const { cluster, service } = props;
    return new EcsServiceDeployment({ cluster, service });
  }

  /**
   * As `of`, with the names of a service that the CDK knows. What cancels it depends on the service then; a guard that is to
   * protect a service of its own stack has to name it.
   *
   * @param service one of the account and the region of the stack that cancels
   */
  public static ofService(service: IBaseService): EcsServiceDeployment {
    const { account, region } = service.env;
    const identifiers = { cluster: service.cluster.clusterName, service: service.serviceName };
    return new EcsServiceDeployment(identifiers, { account, region });
  }

  /**
   * This one service deployment, and no other of its service.
   *
   * @param serviceDeploymentArn `arn:aws:ecs:REGION:ACCOUNT:service-deployment/CLUSTER/SERVICE/ID`, of the account and the
   * region of the stack that cancels
   * @throws if it is no such ARN; one that is a token is checked when the stack is deployed
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html
   */
  public static ofArn(serviceDeploymentArn: string): EcsServiceDeployment {
    const [, , , region, account] = Token.isUnresolved(serviceDeploymentArn) ? [] : serviceDeploymentArn.split(':');
    const known = region !== undefined && account !== undefined;
    return new EcsServiceDeployment({ serviceDeploymentArn }, known ? { account, region } : undefined);
  }

  public readonly displayName: string;

  private constructor(
    private readonly identifiers: Record<string, string>,
    private readonly environment?: ResourceEnvironment,
  ) {
    super();
    this.displayName = validateIdentifiers({ kind: KIND, identifiers });
  }

  /** @throws if it is known to be of another account or region than the stack of `scope` */
  public policyStatements(scope: IConstruct): PolicyStatement[] {
    if (this.environment) validateEnvironment(this.displayName, this.environment, scope);
    const arn = (resource: string) => Stack.of(scope).formatArn({ service: 'ecs', resource });
    const { serviceDeploymentArn } = this.identifiers;
    const ofService =
      serviceDeploymentArn !== undefined && Token.isUnresolved(serviceDeploymentArn)
        ? { cluster: part(1, serviceDeploymentArn), service: part(2, serviceDeploymentArn) }
        : ecsServiceOf(this.identifiers);
    const service = arn(ecsServicePath(ofService));
    // The id of a service deployment is not known before it is there.
    const deployments = serviceDeploymentArn ?? arn(ecsServiceDeploymentPath(ofService, '*'));
    return [
      new PolicyStatement({ actions: [ECS_STOP_ACTION, ECS_READ_ACTION], resources: [service, deployments] }),
      new PolicyStatement({ actions: [ECS_LIST_ACTION], resources: [service] }),
    ];
  }

  /** @internal */
  public _toContract(): Deployment {
    return { kind: KIND, identifiers: this.identifiers };
  }
}

/** A part of an ARN that is not known yet. */
function part(index: number, arn: string): string {
  return Fn.select(index, Fn.split('/', arn));
}

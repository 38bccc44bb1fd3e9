import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { aws_ecs as ecs, ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { FoundFleet } from '../../contract/fleet';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import { DeclaredFleet } from '../declared-fleet';
import { ECS_LIST_SERVICES_ACTION } from './fleet-kinds';
import {
  ECS_CONTINUE_ACTION,
  ECS_LIST_ACTION,
  ECS_READ_ACTION,
  ECS_STOP_ACTION,
  ecsServiceDeploymentPath,
  ecsServicePath,
} from './kinds';

/**
 * The deployments of all services in an Amazon ECS cluster that are in flight when the cancellation begins. Deployments
 * that start later are not cancelled. Services whose deployment controller is not ECS have no deployments of ECS.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServices.html
 */
export class EcsFleet extends DeclaredFleet {
  /**
   * The deployments of the services in a cluster that is addressed by its name.
   *
   * Needs the permissions of `EcsServiceDeployment` on all services of the cluster, and `ecs:ListServices` for the cluster.
   *
   * @param clusterName the name of the cluster, not its ARN: 1 to 255 letters, digits, `-` and `_`
   * @throws if ECS does not accept the name; a token is checked when the stack is deployed
   */
  public static fromClusterName(clusterName: string): EcsFleet {
    return new EcsFleet(clusterName);
  }

  /**
   * The deployments of the services in a cluster of the CDK: the same as with `fromClusterName`.
   *
   * @param cluster a cluster in the account and region of the stack that cancels
   * @throws if it is not a cluster
   */
  public static fromCluster(cluster: ecs.IClusterRef): EcsFleet {
    return new EcsFleet(clusterNameOf(cluster), cluster.env);
  }

  private constructor(clusterName: string, environment?: ResourceEnvironment) {
    super({ kind: 'ecs-cluster-services', identifiers: { clusterName } }, environment);
  }

  /** @internal */
  protected _statements(
    { clusterName = '' }: FoundFleet['identifiers'],
    arn: (path: string) => string,
  ): PolicyStatement[] {
    const everyService = { clusterName, serviceName: '*' };
    const services = arn(ecsServicePath(everyService));
    return [
      new PolicyStatement({
        actions: [ECS_STOP_ACTION, ECS_CONTINUE_ACTION, ECS_READ_ACTION],
        resources: [services, arn(ecsServiceDeploymentPath(everyService, '*'))],
      }),
      new PolicyStatement({ actions: [ECS_LIST_ACTION], resources: [services] }),
      new PolicyStatement({
        actions: [ECS_LIST_SERVICES_ACTION],
        resources: ['*'],
        conditions: { ArnEquals: { 'ecs:cluster': arn(`cluster/${clusterName}`) } },
      }),
    ];
  }
}

/** The name of a cluster: of an `ICluster`, which has no reference in older versions of the CDK, or of a reference. */
function clusterNameOf(cluster: ecs.IClusterRef & { readonly clusterName?: string }): string {
  const clusterName = cluster?.clusterName ?? cluster?.clusterRef?.clusterName;
  if (clusterName !== undefined) return clusterName;
  throw new InvalidConfigurationError(
    `cluster must be an Amazon ECS cluster of the CDK, not ${describe(cluster)}: use fromClusterName for a name`,
  );
}

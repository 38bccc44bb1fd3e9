import { createHash } from 'node:crypto';
import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import type { Clock } from '../../core/clock';
import type { Consistency } from '../../core/consistency';
import { type AwsEnvironment, arnOf } from '../../core/environment';
import { ServiceError } from '../../core/http-server';
import { MINUTES, type SeededDeployment } from '../../core/plan';
import * as core from '../../core/simulated-service';

/** The resources at the start, as plain data. */
export interface EcsSeed {
  readonly clusters: readonly { readonly name: string; readonly services?: readonly EcsServiceSeed[] }[];
}

export interface EcsServiceSeed {
  readonly name: string;
  /** The deployments of the last 90 days, oldest first. ECS does not return older ones. */
  readonly deployments?: readonly SeededDeployment<ServiceDeploymentStatus>[];
}

interface Properties {
  readonly cluster: string;
  readonly service: string;
}

/** Its path is `CLUSTER/SERVICE`. */
export type EcsService = core.Deployed<ServiceDeploymentStatus, Properties>;
export type EcsServiceDeployment = core.Deployment<ServiceDeploymentStatus, Properties>;

const STATUSES: core.StatusModel<ServiceDeploymentStatus> = {
  started: 'IN_PROGRESS',
  cancellable: ['PENDING', 'IN_PROGRESS'],
  cancelling: 'ROLLBACK_REQUESTED',
  cancelled: 'ROLLBACK_SUCCESSFUL',
  terminal: ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'],
};

/** A stop in these statuses has no effect. */
const STOPPING: readonly ServiceDeploymentStatus[] = ['STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'];

/** The service deployments of Amazon ECS in one account. */
export class SimulatedEcs extends core.SimulatedService<ServiceDeploymentStatus, Properties> {
  private readonly clusters: ReadonlySet<string>;
  private ids = 0;

  constructor(
    { clusters }: EcsSeed,
    clock: Clock,
    environment: Partial<AwsEnvironment> = {},
    consistency?: Consistency,
  ) {
    super(STATUSES, clock, environment, consistency);
    this.clusters = new Set(clusters.map(({ name }) => name));
    for (const { name: cluster, services = [] } of clusters) {
      for (const { name: service, deployments = [] } of services) {
        this.add(`${cluster}/${service}`, { cluster, service }, deployments);
      }
    }
  }

  service(cluster: string, service: string): EcsService {
    if (!this.clusters.has(cluster)) throw new ServiceError('ClusterNotFoundException', 'Cluster not found.');
    return this.resource(`${cluster}/${service}`);
  }

  servicesIn(cluster: string): readonly EcsService[] {
    if (!this.clusters.has(cluster)) throw new ServiceError('ClusterNotFoundException', 'Cluster not found.');
    return this.resources.filter((service) => service.cluster === cluster);
  }

  /** The service deployment with that ARN; undefined if it does not exist. */
  find(arn: string): EcsServiceDeployment | undefined {
    return this.resources
      .flatMap(({ deployments }) => deployments)
      .find((deployment) => this.arnOf('service-deployment', deployment) === arn);
  }

  /** Starts a deployment of a service. It replaces one that is in flight. */
  update(cluster: string, service: string): EcsService {
    const { path, deployments } = this.service(cluster, service);
    for (const { id, completedAt } of deployments) {
      if (completedAt === undefined)
        this.continueWith(path, id, [{ after: 0, status: 'STOPPED', message: 'Replaced.' }]);
    }
    this.deploy(path, { steps: [{ after: 5 * MINUTES, status: 'SUCCESSFUL' }] });
    return this.service(cluster, service);
  }

  stopDeployment(arn: string): void {
    const deployment = this.find(arn);
    if (!deployment) {
      throw new ServiceError('ServiceDeploymentNotFoundException', `The service deployment ${arn} was not found.`);
    }
    if (!STOPPING.includes(deployment.status)) this.cancel(deployment.resource.path, deployment.id);
  }

  /** The ARN of a service deployment, or of the service revision that it deploys. */
  arnOf(type: 'service-deployment' | 'service-revision', { id, resource }: EcsServiceDeployment): string {
    return arnOf(this.environment, 'ecs', `${type}/${resource.path}/${id}`);
  }

  protected notFound(): ServiceError {
    return new ServiceError('ServiceNotFoundException', 'Service not found.');
  }

  /** The type of the error is an assumption, because it is not documented. */
  protected notInProgress(path: string): ServiceError {
    return new ServiceError('ConflictException', `The service deployment of ${path} is not in progress.`);
  }

  protected newId(): string {
    return createHash('sha256')
      .update(`service deployment ${++this.ids}`)
      .digest('base64url')
      .slice(0, 22);
  }
}

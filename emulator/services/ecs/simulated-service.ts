import { createHash } from 'node:crypto';
import type {
  DeploymentLifecycleHookAction,
  DeploymentLifecycleHookDetail,
  ServiceDeploymentLifecycleStage,
  ServiceDeploymentStatus,
} from '@aws-sdk/client-ecs';
import type { Clock } from '../../core/clock';
import type { Consistency } from '../../core/consistency';
import { type AwsEnvironment, arnOf } from '../../core/environment';
import { ServiceError } from '../../core/http-server';
import { MINUTES, type SeededDeployment } from '../../core/plan';
import * as core from '../../core/simulated-service';
import { PAUSE_MS, type Strategy } from './strategies';

/** The resources at the start, as plain data. */
export interface EcsSeed {
  readonly clusters: readonly { readonly name: string; readonly services?: readonly EcsServiceSeed[] }[];
}

export interface EcsServiceSeed {
  readonly name: string;
  /** Default: a rolling update. */
  readonly strategy?: Strategy;
  /** The deployments of the last 90 days, oldest first. ECS does not return older ones. */
  readonly deployments?: readonly SeededDeployment<ServiceDeploymentStatus>[];
}

interface Properties {
  readonly cluster: string;
  readonly service: string;
  readonly strategy?: Strategy;
}

/** Its path is `CLUSTER/SERVICE`. */
export type EcsService = core.Deployed<ServiceDeploymentStatus, Properties>;
export type EcsServiceDeployment = core.Deployment<ServiceDeploymentStatus, Properties>;

/** The text is an assumption. */
const ROLLBACK_REASON = 'The service deployment was rolled back by a request.';

const STATUSES: core.StatusModel<ServiceDeploymentStatus> = {
  started: 'IN_PROGRESS',
  cancellable: ['PENDING', 'IN_PROGRESS'],
  cancelling: 'ROLLBACK_REQUESTED',
  cancelled: 'ROLLBACK_SUCCESSFUL',
  terminal: ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'],
  messages: {
    ROLLBACK_REQUESTED: ROLLBACK_REASON,
    ROLLBACK_IN_PROGRESS: ROLLBACK_REASON,
    ROLLBACK_SUCCESSFUL: ROLLBACK_REASON,
    ROLLBACK_FAILED: ROLLBACK_REASON,
  },
};

/** A stop in these statuses has no effect. */
const STOPPING: readonly ServiceDeploymentStatus[] = ['STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'];

/** The service deployments of Amazon ECS in one account. */
export class SimulatedEcs extends core.SimulatedService<ServiceDeploymentStatus, Properties> {
  private readonly clusters: ReadonlySet<string>;
  /** The times at which deployments were continued after a pause, by their IDs. */
  private readonly continuedAt = new Map<string, number>();
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
      for (const { name: service, strategy, deployments = [] } of services) {
        this.add(`${cluster}/${service}`, { cluster, service, strategy }, deployments);
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
    const deployment = this.existing(arn);
    // An assumption: whether ECS accepts a stop of a deployment that is paused is not documented.
    if (this.hookOf(deployment)?.status === 'AWAITING_ACTION') {
      throw new ServiceError('ConflictException', 'The service deployment waits for an action at a lifecycle hook.');
    }
    if (!STOPPING.includes(deployment.status)) this.cancel(deployment.resource.path, deployment.id);
  }

  /** Continues a deployment that is paused, or rolls it back. */
  continueDeployment(arn: string, hookId: string, action: DeploymentLifecycleHookAction): void {
    const deployment = this.existing(arn);
    const { id, resource } = deployment;
    const hook = this.hookOf(deployment);
    if (hook?.status !== 'AWAITING_ACTION' || hook.hookId !== hookId) {
      throw new ServiceError(
        'InvalidParameterException',
        `The service deployment does not wait at the hook ${hookId}.`,
      );
    }
    this.continuedAt.set(id, this.clock.now());
    if (action === 'ROLLBACK') this.cancel(resource.path, id);
    else this.continueWith(resource.path, id, [{ after: bakeTimeOf(resource.strategy), status: 'SUCCESSFUL' }]);
  }

  /** The stage of a deployment that is in progress, if its strategy has stages. */
  stageOf(deployment: EcsServiceDeployment): ServiceDeploymentLifecycleStage | undefined {
    const { status, createdAt, resource, id } = deployment;
    const { stages = [], pausesAt } = resource.strategy ?? {};
    if (status !== 'IN_PROGRESS') return undefined;
    const now = this.clock.now();
    const pause = stages.find(({ stage }) => stage === pausesAt);
    const continuedAt = this.continuedAt.get(id);
    // The pause takes no time of the stages.
    const elapsed = continuedAt === undefined ? now - createdAt : now - continuedAt + (pause?.at ?? 0);
    const reached = stages.filter(({ at }) => at <= elapsed && (continuedAt !== undefined || at <= (pause?.at ?? at)));
    return reached.at(-1)?.stage;
  }

  /** The hook that has paused a deployment; undefined if it has not reached one. */
  hookOf(deployment: EcsServiceDeployment): DeploymentLifecycleHookDetail | undefined {
    const { pausesAt, stages = [] } = deployment.resource.strategy ?? {};
    const pause = stages.find(({ stage }) => stage === pausesAt);
    const pausedAt = deployment.createdAt + (pause?.at ?? 0);
    if (!pause || pausedAt > this.clock.now()) return undefined;
    const isAnswered = this.continuedAt.has(deployment.id) || deployment.status !== 'IN_PROGRESS';
    return {
      hookId: `${deployment.id}-${pause.stage}`,
      targetType: 'PAUSE',
      status: isAnswered ? 'SUCCEEDED' : 'AWAITING_ACTION',
      expiresAt: new Date(pausedAt + PAUSE_MS),
      timeoutAction: 'ROLLBACK',
    };
  }

  /** The beginning of a rollback in milliseconds since the epoch; undefined if there is none. */
  rollbackStartOf({ id, resource }: EcsServiceDeployment): number | undefined {
    const isRollback = ({ deploymentId, status }: core.Change) => deploymentId === id && status.startsWith('ROLLBACK_');
    return this.changesOf(resource.path).find(isRollback)?.at;
  }

  /** The ARN of the service revision that a deployment replaces: of the last one that succeeded, or of an older one. */
  sourceRevisionOf({ id, resource }: EcsServiceDeployment): string {
    const before = resource.deployments.slice(
      0,
      resource.deployments.findIndex((one) => one.id === id),
    );
    const succeeded = before.findLast(({ status }) => status === 'SUCCESSFUL');
    if (succeeded) return this.arnOf('service-revision', succeeded);
    return arnOf(
      this.environment,
      'ecs',
      `service-revision/${resource.path}/${idFrom(`revision of ${resource.path}`)}`,
    );
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
    return idFrom(`service deployment ${++this.ids}`);
  }

  private existing(arn: string): EcsServiceDeployment {
    const deployment = this.find(arn);
    if (deployment) return deployment;
    throw new ServiceError('ServiceDeploymentNotFoundException', `The service deployment ${arn} was not found.`);
  }
}

function idFrom(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

function bakeTimeOf(strategy: Strategy | undefined): number {
  return (strategy?.configuration.bakeTimeInMinutes ?? 0) * MINUTES;
}

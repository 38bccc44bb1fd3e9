import { createHash } from 'node:crypto';
import type { DeploymentStatus, DeploymentTargetResourceType } from '@aws-sdk/client-proton';
import type { Clock } from '../clock';
import { ServiceError } from '../wire';
import {
  type CancelPlan,
  type DeployedSeed,
  type DeploymentPlan,
  HOURS,
  MINUTES,
  type PlanStep,
  SECONDS,
  type SeededDeployment,
  type ServiceSeed,
  type WorldSeed,
} from './plan';

/** Where a world is, for its ARNs. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

export const DEFAULT_PLACE: Place = { partition: 'aws', region: 'us-east-1', account: '123456789012' };

/** The names that the API attaches to a resource and to its deployments. */
export interface ResourceNames {
  readonly environmentName: string;
  readonly serviceName?: string;
  readonly serviceInstanceName?: string;
  readonly componentName?: string;
}

/** A resource that is deployed: a service instance, a service pipeline, an environment, or a component. */
export interface Resource {
  readonly type: DeploymentTargetResourceType;
  /** How the world finds it: its ARN's last part, as in `service/web/service-instance/web-prod`. */
  readonly path: string;
  readonly arn: string;
  readonly names: ResourceNames;
  readonly createdAt: number;
  readonly spec: string;
  readonly withholdsDeploymentIds: boolean;
  /** Oldest first, never empty; the last one is the one that was attempted last. */
  readonly deployments: readonly Deployment[];
}

export interface Deployment {
  readonly id: string;
  readonly resource: Resource;
  readonly createdAt: number;
  readonly lastModifiedAt: number;
  readonly status: DeploymentStatus;
  readonly message?: string;
  readonly completedAt?: number;
}

export interface Service {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly spec: string;
}

/** Something has happened to a deployment. `vanished`: its resource is gone; the status is the last it had. */
export interface Change {
  readonly at: number;
  readonly kind: 'started' | 'moved' | 'vanished';
  /** The resource's path. */
  readonly resource: string;
  readonly deploymentId: string;
  readonly status: DeploymentStatus;
}

/** A request to cancel that was accepted, and the deployment that it hit. */
export interface AcceptedCancel {
  readonly at: number;
  readonly resource: string;
  readonly deploymentId: string;
}

interface LiveResource extends Resource {
  readonly deployments: LiveDeployment[];
  gone: boolean;
}

type LiveDeployment = { -readonly [K in keyof Deployment]: Deployment[K] } & {
  readonly resource: LiveResource;
  readonly onCancel: CancelPlan;
  cancelAsked: boolean;
  /** What is left of the plan, and since when its first step is awaited. */
  upcoming: readonly PlanStep[];
  since: number;
  takeBack?: () => void;
};

const TERMINAL: ReadonlySet<DeploymentStatus> = new Set([
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
  'DELETE_COMPLETE',
  'DELETE_FAILED',
]);

/** The message that the user guide shows on a cancelled deployment. */
const CANCELLED_MESSAGE = 'User initiated cancellation.';

const CREATION = { at: -24 * HOURS, steps: [{ after: 4 * MINUTES, status: 'SUCCEEDED' }] } satisfies SeededDeployment;
const CANCELLED_SOON: CancelPlan = { steps: [{ after: 30 * SECONDS, status: 'CANCELLED' }] };
const DEFAULT_SPEC = 'proton: ServiceSpec\n';

/** What an account of AWS Proton holds, moving on a clock as its seed has planned it. */
export class ProtonWorld {
  readonly place: Place;
  private readonly beginning: number;
  private readonly byPath = new Map<string, LiveResource>();
  private readonly servicesByName = new Map<string, Service>();
  private readonly changes: Change[] = [];
  private readonly cancels: AcceptedCancel[] = [];
  private readonly listeners = new Set<(change: Change) => void>();
  private readonly timers = new Set<() => void>();
  private ids = 0;

  constructor(
    seed: WorldSeed,
    private readonly clock: Clock,
    place: Partial<Place> = {},
  ) {
    this.place = { ...DEFAULT_PLACE, ...place };
    this.beginning = clock.now();
    for (const { name, ...rest } of seed.environments ?? []) {
      this.add('ENVIRONMENT', `environment/${name}`, { environmentName: name }, rest);
    }
    for (const service of seed.services ?? []) this.addService(service);
    for (const { name, environmentName, serviceName, serviceInstanceName, ...rest } of seed.components ?? []) {
      const names = { environmentName, serviceName, serviceInstanceName, componentName: name };
      this.add('COMPONENT', `component/${name}`, names, rest);
    }
  }

  /** Everything that has happened, in order; what was over when the world began comes first, one resource at a time. */
  get history(): readonly Change[] {
    return this.changes;
  }

  /** Every request to cancel that was accepted. */
  get acceptedCancels(): readonly AcceptedCancel[] {
    return this.cancels;
  }

  get resources(): readonly Resource[] {
    return [...this.byPath.values()];
  }

  service(name: string | undefined): Service {
    return found(this.servicesByName.get(name ?? ''), `service/${name}`);
  }

  /** The resource at `path`; throws the API's ResourceNotFoundException. */
  resource(path: string): Resource {
    return found(this.byPath.get(path), path);
  }

  /** Calls back at every change from now on; the answer ends that. */
  onChange(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** Nothing moves any more, and no timer of this world keeps a process alive. */
  stop(): void {
    for (const takeBack of this.timers) takeBack();
    this.timers.clear();
  }

  /**
   * Asks to cancel whatever deployment of the resource is in progress. That there is none is a conflict: an assumption,
   * since nothing public says what AWS answers.
   */
  cancel(path: string): Resource {
    const resource = found(this.byPath.get(path), path);
    const deployment = latest(resource);
    if (deployment.status !== 'IN_PROGRESS') {
      throw new ServiceError('ConflictException', `There is no deployment in progress for ${path}.`);
    }
    const { refuse, overtakenBy, steps } = deployment.onCancel;
    const first = !deployment.cancelAsked;
    deployment.cancelAsked = true;
    if (overtakenBy && first) {
      if (steps) this.replan(deployment, steps);
      this.start(resource, overtakenBy, this.clock.now());
      return this.cancel(path);
    }
    if (!refuse) {
      this.cancels.push({ at: this.clock.now(), resource: path, deploymentId: deployment.id });
      this.move(deployment, 'CANCELLING', undefined, this.clock.now());
    }
    if (steps && first) this.replan(deployment, steps);
    if (refuse) throw new ServiceError(refuse, `The deployment of ${path} can't be cancelled.`);
    return resource;
  }

  /** Starts a newer deployment of the resource now, as a user of Proton would; the answer is its id. */
  deploy(path: string, plan: DeploymentPlan = {}): string {
    const resource = found(this.byPath.get(path), path);
    this.start(resource, plan, this.clock.now());
    return latest(resource).id;
  }

  private addService({ name, spec = DEFAULT_SPEC, instances, pipeline }: ServiceSeed): void {
    const path = `service/${name}`;
    this.servicesByName.set(name, { name, arn: this.arn(path), createdAt: this.beginning + CREATION.at, spec });
    for (const { name: serviceInstanceName, environmentName, ...rest } of instances ?? []) {
      const names = { environmentName, serviceName: name, serviceInstanceName };
      this.add('SERVICE_INSTANCE', `${path}/service-instance/${serviceInstanceName}`, names, rest);
    }
    if (pipeline) {
      const { environmentName, ...rest } = pipeline;
      const arn = this.arn(`${path}/pipeline/${this.newId()}`);
      this.add('SERVICE_PIPELINE', `${path}/pipeline`, { environmentName, serviceName: name }, rest, arn);
    }
  }

  private add(
    type: DeploymentTargetResourceType,
    path: string,
    names: ResourceNames,
    { deployments = [], withholdsDeploymentIds = false, spec = DEFAULT_SPEC }: DeployedSeed,
    arn = this.arn(path),
  ): void {
    const createdAt = this.beginning + CREATION.at;
    const resource: LiveResource = {
      type,
      path,
      arn,
      names,
      createdAt,
      spec,
      withholdsDeploymentIds,
      deployments: [],
      gone: false,
    };
    this.byPath.set(path, resource);
    for (const { at: offset = 0, ...plan } of [CREATION, ...deployments]) {
      const at = this.beginning + offset;
      this.when(at, () => this.start(resource, plan, at));
    }
  }

  private start(resource: LiveResource, plan: DeploymentPlan, at: number): void {
    if (resource.gone) return;
    const deployment: LiveDeployment = {
      id: this.newId(),
      resource,
      createdAt: at,
      lastModifiedAt: at,
      status: 'IN_PROGRESS',
      onCancel: plan.onCancel ?? CANCELLED_SOON,
      cancelAsked: false,
      upcoming: plan.steps ?? [],
      since: at,
    };
    resource.deployments.push(deployment);
    this.tell('started', deployment, at);
    this.proceed(deployment);
  }

  private replan(deployment: LiveDeployment, steps: readonly PlanStep[]): void {
    deployment.upcoming = steps;
    deployment.since = this.clock.now();
    this.proceed(deployment);
  }

  /** Takes the steps that are due, and waits for the next one. Whoever is told of a step may change the plan. */
  private proceed(deployment: LiveDeployment): void {
    deployment.takeBack?.();
    const [step, ...rest] = deployment.upcoming;
    if (!step || deployment.resource.gone) return;
    const due = deployment.since + step.after;
    if (due > this.clock.now()) {
      deployment.takeBack = this.when(due, () => this.proceed(deployment));
      return;
    }
    deployment.upcoming = rest;
    deployment.since = due;
    this.take(deployment, step, due);
    this.proceed(deployment);
  }

  private take(deployment: LiveDeployment, step: PlanStep, at: number): void {
    if ('status' in step) {
      this.move(deployment, step.status, step.message, at);
    } else if ('start' in step) {
      this.start(deployment.resource, step.start, at);
    } else {
      deployment.resource.gone = true;
      this.byPath.delete(deployment.resource.path);
      this.tell('vanished', latest(deployment.resource), at);
    }
  }

  private move(deployment: LiveDeployment, status: DeploymentStatus, message: string | undefined, at: number): void {
    deployment.status = status;
    deployment.message = message ?? (status === 'CANCELLED' ? CANCELLED_MESSAGE : undefined);
    deployment.lastModifiedAt = at;
    deployment.completedAt = TERMINAL.has(status) ? at : undefined;
    this.tell('moved', deployment, at);
  }

  private tell(kind: Change['kind'], { resource, id, status }: Deployment, at: number): void {
    const change: Change = { at, kind, resource: resource.path, deploymentId: id, status };
    this.changes.push(change);
    for (const listener of this.listeners) listener(change);
  }

  /** At once when `time` is not in the future. */
  private when(time: number, callback: () => void): () => void {
    const ms = time - this.clock.now();
    if (ms <= 0) {
      callback();
      return () => undefined;
    }
    const cancelTimer = this.clock.schedule(ms, () => {
      this.timers.delete(takeBack);
      callback();
    });
    const takeBack = () => {
      this.timers.delete(takeBack);
      cancelTimer();
    };
    this.timers.add(takeBack);
    return takeBack;
  }

  private arn(path: string): string {
    return arnOf(this.place, path);
  }

  /** The same ids in every run, so that a run can be compared with another. */
  private newId(): string {
    const hex = createHash('sha256')
      .update(`deployment ${++this.ids}`)
      .digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }
}

/** The deployment that was attempted last. */
export function latest<D extends Deployment>(resource: { readonly deployments: readonly D[] }): D {
  return resource.deployments.at(-1)!;
}

export function arnOf({ partition, region, account }: Place, path: string): string {
  return `arn:${partition}:proton:${region}:${account}:${path}`;
}

function found<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw new ServiceError('ResourceNotFoundException', `The resource ${path} was not found.`);
  return value;
}

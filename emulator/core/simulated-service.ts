import type { Clock } from './clock';
import { ServiceError } from './http-server';
import { type CancelPlan, type DeploymentPlan, type PlanStep, SECONDS, type SeededDeployment } from './plan';

/** The account and region that a service is simulated in. */
export interface AwsEnvironment {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

export const DEFAULT_ENVIRONMENT: AwsEnvironment = { partition: 'aws', region: 'us-east-1', account: '123456789012' };

/** @param path the part of the ARN after the account */
export function arnOf({ partition, region, account }: AwsEnvironment, service: string, path: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${path}`;
}

/** One deployment of something. */
export interface Deployment<Status extends string, Of> {
  readonly id: string;
  readonly resource: Deployed<Status, Of>;
  readonly createdAt: number;
  readonly lastModifiedAt: number;
  readonly status: Status;
  readonly message?: string;
  readonly completedAt?: number;
  readonly version: string;
}

/** Something that is deployed, with all its deployments, oldest first. */
export type Deployed<Status extends string, Of> = Of & {
  /** How the world finds it. */
  readonly path: string;
  readonly deployments: readonly Deployment<Status, Of>[];
};

/** Something has happened to a deployment. `vanished`: its resource is gone; the status is the last it had. */
export interface Change<Status extends string = string> {
  readonly at: number;
  readonly kind: 'started' | 'moved' | 'vanished';
  /** The resource's path. */
  readonly resource: string;
  readonly deploymentId: string;
  readonly status: Status;
}

/** A request to cancel that was accepted, and the deployment that it hit. */
export interface AcceptedCancel {
  readonly at: number;
  readonly resource: string;
  readonly deploymentId: string;
}

/** What a service calls what happens to its deployments. */
export interface StatusModel<Status extends string> {
  /** The status that a deployment starts in. */
  readonly started: Status;
  /** The statuses in which one can be cancelled. */
  readonly cancellable: readonly Status[];
  /** The status that an accepted request to cancel brings at once; none where it shows in the end only. */
  readonly cancelling?: Status;
  readonly cancelled: Status;
  readonly terminal: readonly Status[];
  /** What the service says of a deployment in that status when nothing else is planned. */
  readonly messages?: Readonly<Partial<Record<Status, string>>>;
}

const FIRST_VERSION = '0';

type LiveResource<Status extends string, Of> = Of & {
  readonly path: string;
  readonly deployments: LiveDeployment<Status, Of>[];
  gone: boolean;
};

interface LiveDeployment<Status extends string, Of> {
  readonly id: string;
  readonly resource: LiveResource<Status, Of>;
  readonly createdAt: number;
  lastModifiedAt: number;
  status: Status;
  message?: string;
  completedAt?: number;
  readonly version: string;
  readonly onCancel: CancelPlan<Status>;
  cancelAsked: boolean;
  /** What is left of the plan, and since when its first step is awaited. */
  upcoming: readonly PlanStep<Status>[];
  since: number;
  cancelTimer?: () => void;
}

/** What an account holds of a service, its deployments moving on a clock as they were planned. */
export abstract class SimulatedService<Status extends string, Of extends object> {
  readonly environment: AwsEnvironment;
  protected readonly beginning: number;
  private readonly byPath = new Map<string, LiveResource<Status, Of>>();
  private readonly changes: Change<Status>[] = [];
  private readonly cancels: AcceptedCancel[] = [];
  private readonly listeners = new Set<(change: Change<Status>) => void>();
  private readonly timers = new Set<() => void>();

  protected constructor(
    private readonly words: StatusModel<Status>,
    protected readonly clock: Clock,
    environment: Partial<AwsEnvironment>,
  ) {
    this.environment = { ...DEFAULT_ENVIRONMENT, ...environment };
    this.beginning = clock.now();
  }

  /** The service's own error for something that is not there. */
  protected abstract notFound(path: string): ServiceError;

  /** The service's own error for a request to cancel what is not in progress. */
  protected abstract notInProgress(path: string): ServiceError;

  /** The id of the next deployment. The same ids in every run, so that a run can be compared with another. */
  protected abstract newId(): string;

  /** Everything that has happened, in order; what was over when the world began comes first, one resource at a time. */
  get history(): readonly Change<Status>[] {
    return this.changes;
  }

  /** Every request to cancel that was accepted. */
  get acceptedCancels(): readonly AcceptedCancel[] {
    return this.cancels;
  }

  get resources(): readonly Deployed<Status, Of>[] {
    return [...this.byPath.values()];
  }

  /** The resource at `path`; throws the service's own error if there is none. */
  resource(path: string): Deployed<Status, Of> {
    return this.live(path);
  }

  /** Calls back at every change from now on; the answer ends that. */
  onChange(listener: (change: Change<Status>) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** Nothing moves any more, and no timer of this world keeps a process alive. */
  stop(): void {
    for (const cancelTimer of this.timers) cancelTimer();
    this.timers.clear();
  }

  /** Asks to cancel the deployment of that id, or, if none is named, the one that was attempted last. */
  cancel(path: string, id?: string): Deployed<Status, Of> {
    const resource = this.live(path);
    const deployment = id === undefined ? latest(resource) : resource.deployments.find((one) => one.id === id);
    if (!deployment || !this.words.cancellable.includes(deployment.status)) throw this.notInProgress(path);
    const { refuse, overtakenBy, steps } = deployment.onCancel;
    const first = !deployment.cancelAsked;
    deployment.cancelAsked = true;
    if (overtakenBy && first) {
      if (steps) this.replan(deployment, steps);
      this.start(resource, overtakenBy, this.clock.now());
      return this.cancel(path, id);
    }
    if (!refuse) {
      this.cancels.push({ at: this.clock.now(), resource: path, deploymentId: deployment.id });
      const { cancelling } = this.words;
      if (cancelling !== undefined) this.move(deployment, cancelling, undefined, this.clock.now());
    }
    if (steps && first) this.replan(deployment, steps);
    if (refuse) throw new ServiceError(refuse, `The deployment of ${path} can't be cancelled.`);
    return resource;
  }

  /** Starts a newer deployment of the resource now, as a user of the service would; the answer is its id. */
  deploy(path: string, plan: DeploymentPlan<Status> = {}): string {
    const resource = this.live(path);
    this.start(resource, plan, this.clock.now());
    return latest(resource).id;
  }

  protected add(path: string, of: Of, deployments: readonly SeededDeployment<Status>[]): void {
    const resource: LiveResource<Status, Of> = { ...of, path, deployments: [], gone: false };
    this.byPath.set(path, resource);
    for (const { at: offset = 0, ...plan } of deployments) {
      const at = this.beginning + offset;
      this.when(at, () => this.start(resource, plan, at));
    }
  }

  private live(path: string): LiveResource<Status, Of> {
    const resource = this.byPath.get(path);
    if (!resource) throw this.notFound(path);
    return resource;
  }

  private start(resource: LiveResource<Status, Of>, plan: DeploymentPlan<Status>, at: number): void {
    if (resource.gone) return;
    const deployment: LiveDeployment<Status, Of> = {
      id: this.newId(),
      resource,
      createdAt: at,
      lastModifiedAt: at,
      status: this.words.started,
      version: plan.version ?? resource.deployments.at(-1)?.version ?? FIRST_VERSION,
      onCancel: plan.onCancel ?? { steps: [{ after: 30 * SECONDS, status: this.words.cancelled }] },
      cancelAsked: false,
      upcoming: plan.steps ?? [],
      since: at,
    };
    resource.deployments.push(deployment);
    this.tell('started', deployment, at);
    this.proceed(deployment);
  }

  private replan(deployment: LiveDeployment<Status, Of>, steps: readonly PlanStep<Status>[]): void {
    deployment.upcoming = steps;
    deployment.since = this.clock.now();
    this.proceed(deployment);
  }

  /** Takes the steps that are due, and waits for the next one. Whoever is told of a step may change the plan. */
  private proceed(deployment: LiveDeployment<Status, Of>): void {
    deployment.cancelTimer?.();
    const [step, ...rest] = deployment.upcoming;
    if (!step || deployment.resource.gone) return;
    const due = deployment.since + step.after;
    if (due > this.clock.now()) {
      deployment.cancelTimer = this.when(due, () => this.proceed(deployment));
      return;
    }
    deployment.upcoming = rest;
    deployment.since = due;
    this.take(deployment, step, due);
    this.proceed(deployment);
  }

  private take(deployment: LiveDeployment<Status, Of>, step: PlanStep<Status>, at: number): void {
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

  private move(deployment: LiveDeployment<Status, Of>, status: Status, message: string | undefined, at: number): void {
    deployment.status = status;
    deployment.message = message ?? this.words.messages?.[status];
    deployment.lastModifiedAt = at;
    deployment.completedAt = this.words.terminal.includes(status) ? at : undefined;
    this.tell('moved', deployment, at);
  }

  private tell(kind: Change['kind'], { resource, id, status }: LiveDeployment<Status, Of>, at: number): void {
    const change: Change<Status> = { at, kind, resource: resource.path, deploymentId: id, status };
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
    const unschedule = this.clock.schedule(ms, () => {
      this.timers.delete(cancelTimer);
      callback();
    });
    const cancelTimer = () => {
      this.timers.delete(cancelTimer);
      unschedule();
    };
    this.timers.add(cancelTimer);
    return cancelTimer;
  }
}

/** The deployment that was attempted last. */
export function latest<D>(resource: { readonly deployments: readonly D[] }): D {
  return resource.deployments.at(-1)!;
}

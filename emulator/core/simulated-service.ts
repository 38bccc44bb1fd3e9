import type { Clock } from './clock';
import { Consistency, History, type Read } from './consistency';
import { type AwsEnvironment, DEFAULT_ENVIRONMENT } from './environment';
import { ServiceError } from './http-server';
import { type CancelPlan, type DeploymentPlan, type PlanStep, SECONDS, type SeededDeployment } from './plan';

/** One deployment of a resource. */
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

/** A resource that is deployed, with all its deployments, oldest first. */
export type Deployed<Status extends string, Of> = Of & {
  /** Its key in the simulated service. */
  readonly path: string;
  readonly deployments: readonly Deployment<Status, Of>[];
};

/** A change of a deployment. `vanished`: its resource was deleted; the status is the last one. */
export interface Change<Status extends string = string> {
  readonly at: number;
  readonly kind: 'started' | 'moved' | 'vanished';
  /** The resource's path. */
  readonly resource: string;
  readonly deploymentId: string;
  readonly status: Status;
}

/** An accepted request to cancel, and the deployment that it reached. */
export interface AcceptedCancel {
  readonly at: number;
  readonly resource: string;
  readonly deploymentId: string;
}

/** The statuses of the deployments of a service. */
export interface StatusModel<Status extends string> {
  /** The first status of a deployment. */
  readonly started: Status;
  /** The statuses in which a deployment can be cancelled. */
  readonly cancellable: readonly Status[];
  /** The status after an accepted request to cancel; undefined if only the end changes the status. */
  readonly cancelling?: Status;
  readonly cancelled: Status;
  readonly terminal: readonly Status[];
  /** The messages of statuses for which the plan has no message. */
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
  /** The rest of the plan, and the time from which its first step counts. */
  upcoming: readonly PlanStep<Status>[];
  since: number;
  cancelTimer?: () => void;
}

/** The resources of a service in one account. Their deployments follow their plans on a clock. */
export abstract class SimulatedService<Status extends string, Of extends object> {
  readonly environment: AwsEnvironment;
  protected readonly startTime: number;
  private readonly byPath = new Map<string, LiveResource<Status, Of>>();
  /** The states of each resource: undefined after its deletion. */
  private readonly states = new Map<string, History<Deployed<Status, Of> | undefined>>();
  private readonly changes: Change<Status>[] = [];
  private readonly cancels: AcceptedCancel[] = [];
  private readonly listeners = new Set<(change: Change<Status>) => void>();
  private readonly timers = new Set<() => void>();
  /** The read that this object is a view for; undefined if it is not a view. */
  private readonly read?: Read;

  protected constructor(
    private readonly statuses: StatusModel<Status>,
    protected readonly clock: Clock,
    environment: Partial<AwsEnvironment>,
    private readonly consistency: Consistency = Consistency.STRONG,
  ) {
    this.environment = { ...DEFAULT_ENVIRONMENT, ...environment };
    this.startTime = clock.now();
  }

  /** The error of the service for a resource that does not exist. */
  protected abstract notFound(path: string): ServiceError;

  /** The error of the service for a cancellation of a deployment that is not in progress. */
  protected abstract notInProgress(path: string): ServiceError;

  /** The ID of the next deployment. Every run has the same IDs, so that runs can be compared. */
  protected abstract newId(): string;

  /** All changes in order. The changes before the start come first, one resource after the other. */
  get history(): readonly Change<Status>[] {
    return this.changes;
  }

  /** The accepted requests to cancel. */
  get acceptedCancels(): readonly AcceptedCancel[] {
    return this.cancels;
  }

  get resources(): readonly Deployed<Status, Of>[] {
    const { read } = this;
    if (!read) return [...this.byPath.values()];
    return [...this.states.values()].flatMap((states) => states.seenBy(read, this.clock.now()) ?? []);
  }

  /** The resource at `path`. Throws the error of the service if there is none. */
  resource(path: string): Deployed<Status, Of> {
    if (!this.read) return this.live(path);
    const resource = this.states.get(path)?.seenBy(this.read, this.clock.now());
    if (!resource) throw this.notFound(path);
    return resource;
  }

  /**
   * Creates the view of a read: each resource has its state of some moment, which may have passed.
   *
   * @param action the IAM action of the operation
   */
  seenBy(action: string): this {
    return Object.create(this, { read: { value: this.consistency.read(action) } }) as this;
  }

  /** Calls back at every change from now on. Returns a function that ends this. */
  onChange(listener: (change: Change<Status>) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** Cancels all timers, so that nothing changes any more. */
  stop(): void {
    for (const cancelTimer of this.timers) cancelTimer();
    this.timers.clear();
  }

  /**
   * Requests the cancellation of the deployment with that ID; without an ID, of the last one.
   *
   * @param renamed the statuses on the way to the end and at the end, where they depend on the request
   */
  cancel(path: string, id?: string, renamed?: Readonly<Partial<Record<Status, Status>>>): Deployed<Status, Of> {
    const resource = this.live(path);
    const deployment = id === undefined ? latest(resource) : resource.deployments.find((one) => one.id === id);
    if (!deployment || !this.statuses.cancellable.includes(deployment.status)) throw this.notInProgress(path);
    const { refuse, overtakenBy, steps } = deployment.onCancel;
    const nameOf = (status: Status): Status => renamed?.[status] ?? status;
    const first = !deployment.cancelAsked;
    deployment.cancelAsked = true;
    if (overtakenBy && first) {
      if (steps) this.replan(deployment, steps);
      this.start(resource, overtakenBy, this.clock.now());
      return this.cancel(path, id, renamed);
    }
    if (!refuse) {
      this.cancels.push({ at: this.clock.now(), resource: path, deploymentId: deployment.id });
      const { cancelling } = this.statuses;
      if (cancelling !== undefined) this.move(deployment, nameOf(cancelling), undefined, this.clock.now());
    }
    if (steps && first) {
      const named = steps.map((step) => ('status' in step ? { ...step, status: nameOf(step.status) } : step));
      this.replan(deployment, named);
    }
    if (refuse) throw new ServiceError(refuse, `The deployment of ${path} can't be cancelled.`);
    return resource;
  }

  /** Replaces the steps that are left of a deployment. */
  protected continueWith(path: string, id: string, steps: readonly PlanStep<Status>[]): void {
    const deployment = this.live(path).deployments.find((one) => one.id === id);
    if (deployment) this.replan(deployment, steps);
  }

  /** Starts a newer deployment of the resource, as a user of the service would. Returns its ID. */
  deploy(path: string, plan: DeploymentPlan<Status> = {}): string {
    const resource = this.live(path);
    this.start(resource, plan, this.clock.now());
    return latest(resource).id;
  }

  protected add(path: string, of: Of, deployments: readonly SeededDeployment<Status>[]): void {
    const resource: LiveResource<Status, Of> = { ...of, path, deployments: [], gone: false };
    this.byPath.set(path, resource);
    const states = new History<Deployed<Status, Of> | undefined>(path);
    states.write(copyOf(resource), Number.NEGATIVE_INFINITY);
    this.states.set(path, states);
    for (const { at: offset = 0, ...plan } of deployments) {
      const at = this.startTime + offset;
      this.when(at, () => this.start(resource, plan, at));
    }
  }

  /** The changes of a resource, or those that the read of this view sees. */
  protected changesOf(path: string): readonly Change<Status>[] {
    const changes = this.history.filter(({ resource }) => resource === path);
    if (!this.read) return changes;
    const count = this.states.get(path)?.countSeenBy(this.read, this.clock.now()) ?? 0;
    // The first state is from before the first change.
    return changes.slice(0, Math.max(0, count - 1));
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
      status: plan.status ?? this.statuses.started,
      version: plan.version ?? resource.deployments.at(-1)?.version ?? FIRST_VERSION,
      onCancel: plan.onCancel ?? { steps: [{ after: 30 * SECONDS, status: this.statuses.cancelled }] },
      cancelAsked: false,
      upcoming: plan.steps ?? [],
      since: at,
    };
    resource.deployments.push(deployment);
    this.record('started', deployment, at);
    this.proceed(deployment);
  }

  private replan(deployment: LiveDeployment<Status, Of>, steps: readonly PlanStep<Status>[]): void {
    deployment.upcoming = steps;
    deployment.since = this.clock.now();
    this.proceed(deployment);
  }

  /** Performs the steps that are due, and waits for the next one. A listener may change the plan meanwhile. */
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
    this.perform(deployment, step, due);
    this.proceed(deployment);
  }

  private perform(deployment: LiveDeployment<Status, Of>, step: PlanStep<Status>, at: number): void {
    if ('status' in step) {
      this.move(deployment, step.status, step.message, at);
    } else if ('start' in step) {
      this.start(deployment.resource, step.start, at);
    } else {
      deployment.resource.gone = true;
      this.byPath.delete(deployment.resource.path);
      this.record('vanished', latest(deployment.resource), at);
    }
  }

  private move(deployment: LiveDeployment<Status, Of>, status: Status, message: string | undefined, at: number): void {
    deployment.status = status;
    deployment.message = message ?? this.statuses.messages?.[status];
    deployment.lastModifiedAt = at;
    deployment.completedAt = this.statuses.terminal.includes(status) ? at : undefined;
    this.record('moved', deployment, at);
  }

  private record(kind: Change['kind'], { resource, id, status }: LiveDeployment<Status, Of>, at: number): void {
    this.states.get(resource.path)?.write(kind === 'vanished' ? undefined : copyOf(resource), at);
    const change: Change<Status> = { at, kind, resource: resource.path, deploymentId: id, status };
    this.changes.push(change);
    for (const listener of this.listeners) listener(change);
  }

  /** Calls back at `time`; immediately if it is not in the future. */
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

/** Copies a resource, which keeps its present state. */
function copyOf<Status extends string, Of>(resource: Deployed<Status, Of>): Deployed<Status, Of> {
  const deployments: Deployment<Status, Of>[] = [];
  const copy = { ...resource, deployments };
  for (const deployment of resource.deployments) deployments.push({ ...deployment, resource: copy });
  return copy;
}

/** The last deployment. */
export function latest<D>(resource: { readonly deployments: readonly D[] }): D {
  return resource.deployments.at(-1)!;
}

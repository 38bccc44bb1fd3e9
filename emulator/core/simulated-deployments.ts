import type { Clock } from './clock';
import type { Consistency } from './consistency';
import type { AwsEnvironment } from './environment';
import { ServiceError } from './http-server';
import type { SeededDeployment } from './plan';
import { type Deployed, type Deployment, SimulatedService, type StatusModel } from './simulated-service';

/** A resource without properties of its own: its path is its name. */
export type Resource<Status extends string> = Deployed<Status, object>;
export type ListedDeployment<Status extends string> = Deployment<Status, object>;

/** The part of a simulated service in which the services differ, as data. */
export interface SimulatedSpec<Status extends string> {
  readonly statuses: StatusModel<Status>;
  /** The ID of a deployment, by its number. */
  newId(count: number): string;
  /** The types of the errors for a resource that does not exist, and for a deployment that cannot be cancelled. */
  readonly errors: Readonly<Record<'notFound' | 'notInProgress', string>>;
}

/** A service whose resources have names and deployments, and nothing else. */
export class SimulatedDeployments<Status extends string> extends SimulatedService<Status, object> {
  private count = 0;

  constructor(
    private readonly spec: SimulatedSpec<Status>,
    resources: readonly { readonly path: string; readonly deployments: readonly SeededDeployment<Status>[] }[],
    clock: Clock,
    environment: AwsEnvironment,
    consistency?: Consistency,
  ) {
    super(spec.statuses, clock, environment, consistency);
    for (const { path, deployments } of resources) this.add(path, {}, deployments);
  }

  /** All deployments of a resource, the newest first. Throws the error of the service if there is no such resource. */
  newestFirst(path: string): readonly ListedDeployment<Status>[] {
    return [...this.resource(path).deployments].reverse();
  }

  /** A deployment by its ID, of whatever resource; undefined if there is none. */
  find(id: string): ListedDeployment<Status> | undefined {
    return this.resources.flatMap(({ deployments }) => deployments).find((one) => one.id === id);
  }

  /** Gives a deployment its final status, whatever it was to do next. */
  rewrite(path: string, id: string, status: Status): void {
    this.continueWith(path, id, [{ after: 0, status }]);
  }

  protected notFound(path: string): ServiceError {
    return new ServiceError(this.spec.errors.notFound, `${path} does not exist`);
  }

  protected notInProgress(path: string): ServiceError {
    return new ServiceError(this.spec.errors.notInProgress, `no deployment of ${path} is in progress`);
  }

  protected newId(): string {
    return this.spec.newId(++this.count);
  }
}

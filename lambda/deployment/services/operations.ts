import type { Request } from './client';
import type { DeploymentRecord } from './deployment-record';
import type { Page } from './lists';

/** The operations of a service that lists deployments, and stops one by its id. */
export interface ListedOperations<R extends DeploymentRecord> {
  /** The id of the deployment to cancel, where the user specified one. By default it is the newest in flight. */
  readonly specifiedId?: string;
  /** A page of deployments. */
  list(request: Request, nextToken?: string): Promise<Page<R>>;
  /** The same for the deployments in flight only, where the service has a filter for them. */
  listInFlight?(request: Request, nextToken?: string): Promise<Page<R>>;
  /** Whether the service documents that it lists the newest first; otherwise the start times tell. */
  readonly isNewestFirst?: boolean;
  /** Whether a listed deployment can be the one to cancel; by default, each can. */
  isCandidate?(listed: R): boolean;
  /** Replaces the deployment that was found in a list where it is a part of another deployment. */
  resolve?(request: Request, found: R): Promise<R>;
  /** Undefined if there is no such deployment. */
  get(request: Request, id: string): Promise<R | undefined>;
  /**
   * The deployment after the stop was accepted.
   *
   * @param force whether it is stopping already, and `forceAfterMs` of its record has passed
   */
  stop(request: Request, id: string, force?: boolean): Promise<DeploymentRecord>;
}

/** The operations of a service that describes the latest deployment of a resource, and stops whichever that is. */
export interface LatestOperations<R extends DeploymentRecord> {
  latest(request: Request): Promise<R>;
  /** The deployment status if the resource does not exist. */
  readonly deletedStatus: string;
  get(request: Request, id: string): Promise<R | undefined>;
  stop(request: Request): Promise<R>;
}

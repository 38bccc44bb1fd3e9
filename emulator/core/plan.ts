/** Durations of plans are milliseconds: `40 * SECONDS`. */
export const SECONDS = 1000;
export const MINUTES = 60 * SECONDS;
export const HOURS = 60 * MINUTES;

/** What happens next to a deployment or to the resource it belongs to, `after` so many milliseconds. */
export type PlanStep<Status extends string> = { readonly after: number } & (
  | { readonly status: Status; readonly message?: string }
  /** A newer deployment of the same resource takes this one's place. This one goes on with its own plan. */
  | { readonly start: DeploymentPlan<Status> }
  /** The resource and all its deployments are gone. */
  | { readonly vanish: true }
);

/** What a request to cancel a deployment that can be cancelled brings. */
export interface CancelPlan<Status extends string> {
  /** The error with which the service does not accept it. The deployment goes on unless `steps` say otherwise. */
  readonly refuse?: string;
  /** A newer deployment starts in the moment before the request takes hold. A request that names none hits that one. */
  readonly overtakenBy?: DeploymentPlan<Status>;
  /**
   * What happens from the first request on, in place of what was left of the deployment's plan. Left out, the plan goes
   * on; empty, nothing ever happens again.
   */
  readonly steps?: readonly PlanStep<Status>[];
}

/** How a deployment moves. */
export interface DeploymentPlan<Status extends string> {
  /** The version that is deployed. Default: the one that was deployed before. */
  readonly version?: string;
  /** Each step counts from the one before it. Default: none, so that it is in progress for ever. */
  readonly steps?: readonly PlanStep<Status>[];
  /** Default: accepted, and cancelled after half a minute. */
  readonly onCancel?: CancelPlan<Status>;
}

/** A deployment that a world knows of from its beginning. */
export interface SeededDeployment<Status extends string> extends DeploymentPlan<Status> {
  /** When it starts, from the beginning of the world. What a negative value makes past has happened by then. Default: 0. */
  readonly at?: number;
}

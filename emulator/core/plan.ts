/** Durations in plans are in milliseconds: `40 * SECONDS`. */
export const SECONDS = 1000;
export const MINUTES = 60 * SECONDS;
export const HOURS = 60 * MINUTES;

/** One step of a deployment or of its resource, `after` a number of milliseconds. */
export type PlanStep<Status extends string> = { readonly after: number } & (
  | { readonly status: Status; readonly message?: string }
  /** A newer deployment of the same resource starts. This one continues with its own plan. */
  | { readonly start: DeploymentPlan<Status> }
  /** The resource is deleted, with all its deployments. */
  | { readonly vanish: true }
);

/** The effect of a request to cancel a deployment that can be cancelled. */
export interface CancelPlan<Status extends string> {
  /** The type of the error with which the service rejects the request. The deployment continues unless there are `steps`. */
  readonly refuse?: string;
  /** A newer deployment that starts just before the request takes effect. A request without an ID reaches that one. */
  readonly overtakenBy?: DeploymentPlan<Status>;
  /**
   * The steps after the first request, which replace the rest of the plan of the deployment. Default: the plan continues.
   * An empty list: the deployment never changes again.
   */
  readonly steps?: readonly PlanStep<Status>[];
}

/** The course of a deployment. */
export interface DeploymentPlan<Status extends string> {
  /** The first status. Default: that of the service. */
  readonly status?: Status;
  /** The version that is deployed. Default: the version of the deployment before. */
  readonly version?: string;
  /** The steps; the time of each counts from the step before. Default: none, so that the deployment never ends. */
  readonly steps?: readonly PlanStep<Status>[];
  /** The effect of a cancellation. Default: it is accepted, and the deployment is cancelled after 30 seconds. */
  readonly onCancel?: CancelPlan<Status>;
}

/** A deployment that is planned when the emulator starts. */
export interface SeededDeployment<Status extends string> extends DeploymentPlan<Status> {
  /** The start, in milliseconds from the start of the emulator. Steps in the past have already happened. Default: 0. */
  readonly at?: number;
}

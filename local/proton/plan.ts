import type { DeploymentStatus } from '@aws-sdk/client-proton';

/** Durations of plans are milliseconds: `40 * SECONDS`. */
export const SECONDS = 1000;
export const MINUTES = 60 * SECONDS;
export const HOURS = 60 * MINUTES;

/** What happens next to a deployment or to the resource it belongs to, `after` so many milliseconds. */
export type PlanStep = { readonly after: number } & (
  | { readonly status: DeploymentStatus; readonly message?: string }
  /** A newer deployment of the same resource takes this one's place. This one goes on with its own plan. */
  | { readonly start: DeploymentPlan }
  /** The resource and all its deployments are gone. */
  | { readonly vanish: true }
);

/** What a request to cancel a deployment that is IN_PROGRESS brings. */
export interface CancelPlan {
  /** The service does not accept it. The deployment stays IN_PROGRESS unless `steps` say otherwise. */
  readonly refuse?: 'ConflictException' | 'ValidationException';
  /** A newer deployment starts in the moment before the request takes hold, so that the request hits that one. */
  readonly overtakenBy?: DeploymentPlan;
  /**
   * What happens from the first request on, in place of what was left of the deployment's plan. Left out, the plan goes
   * on; empty, nothing ever happens again.
   */
  readonly steps?: readonly PlanStep[];
}

/** How a deployment moves. It starts as IN_PROGRESS. */
export interface DeploymentPlan {
  /** Each step counts from the one before it. Default: IN_PROGRESS for ever. */
  readonly steps?: readonly PlanStep[];
  /** Default: accepted, and CANCELLED after half a minute. */
  readonly onCancel?: CancelPlan;
}

/** A deployment that a world knows of from its beginning. */
export interface SeededDeployment extends DeploymentPlan {
  /** When it starts, from the beginning of the world. What a negative value makes past has happened by then. Default: 0. */
  readonly at?: number;
}

/** A resource that is deployed. Besides the deployments named here, each has been created, with success, a day ago. */
export interface DeployedSeed {
  /** Oldest first. */
  readonly deployments?: readonly SeededDeployment[];
  /** Leaves out `lastAttemptedDeploymentId` and `lastSucceededDeploymentId`, which the model allows. */
  readonly withholdsDeploymentIds?: boolean;
  readonly spec?: string;
}

/** Everything there is when a world begins. Plain data. */
export interface WorldSeed {
  readonly environments?: readonly (DeployedSeed & { readonly name: string })[];
  readonly services?: readonly ServiceSeed[];
  readonly components?: readonly ComponentSeed[];
}

export interface ServiceSeed {
  readonly name: string;
  readonly spec?: string;
  readonly instances?: readonly (DeployedSeed & { readonly name: string; readonly environmentName: string })[];
  /** The model wants an environment of every deployment, a pipeline's too. */
  readonly pipeline?: DeployedSeed & { readonly environmentName: string };
}

export interface ComponentSeed extends DeployedSeed {
  readonly name: string;
  readonly environmentName: string;
  /** The service instance it is attached to, if it is. */
  readonly serviceName?: string;
  readonly serviceInstanceName?: string;
}

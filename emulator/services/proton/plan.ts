import type { DeploymentStatus } from '@aws-sdk/client-proton';
import type * as plan from '../../core/plan';

export { HOURS, MINUTES, SECONDS } from '../../core/plan';

/** The plans of deployments of Proton. */
export type PlanStep = plan.PlanStep<DeploymentStatus>;
export type CancelPlan = plan.CancelPlan<DeploymentStatus>;
export type DeploymentPlan = plan.DeploymentPlan<DeploymentStatus>;
export type SeededDeployment = plan.SeededDeployment<DeploymentStatus>;

/** A resource that is deployed. Its creation, a day ago, is its first deployment. */
export interface DeployedSeed {
  /** The deployments after its creation, oldest first. */
  readonly deployments?: readonly SeededDeployment[];
  /** Whether the API leaves out `lastAttemptedDeploymentId` and `lastSucceededDeploymentId`, as the model allows. */
  readonly withholdsDeploymentIds?: boolean;
  readonly spec?: string;
}

/** The resources at the start, as plain data. */
export interface InitialState {
  readonly environments?: readonly (DeployedSeed & { readonly name: string })[];
  readonly services?: readonly ServiceSeed[];
  readonly components?: readonly ComponentSeed[];
}

export interface ServiceSeed {
  readonly name: string;
  readonly spec?: string;
  readonly instances?: readonly (DeployedSeed & { readonly name: string; readonly environmentName: string })[];
  /** The model requires an environment for every deployment, including those of a pipeline. */
  readonly pipeline?: DeployedSeed & { readonly environmentName: string };
}

export interface ComponentSeed extends DeployedSeed {
  readonly name: string;
  readonly environmentName: string;
  /** The service instance to which it is attached; undefined if there is none. */
  readonly serviceName?: string;
  readonly serviceInstanceName?: string;
}

import type { DeploymentStatus } from '@aws-sdk/client-proton';
import type * as plan from '../../core/plan';

export { HOURS, MINUTES, SECONDS } from '../../core/plan';

/** Plans of deployments of Proton. */
export type PlanStep = plan.PlanStep<DeploymentStatus>;
export type CancelPlan = plan.CancelPlan<DeploymentStatus>;
export type DeploymentPlan = plan.DeploymentPlan<DeploymentStatus>;
export type SeededDeployment = plan.SeededDeployment<DeploymentStatus>;

/** A resource that is deployed. Besides the deployments named here, each has been created, with success, a day ago. */
export interface DeployedSeed {
  /** Oldest first. */
  readonly deployments?: readonly SeededDeployment[];
  /** Leaves out `lastAttemptedDeploymentId` and `lastSucceededDeploymentId`, which the model allows. */
  readonly withholdsDeploymentIds?: boolean;
  readonly spec?: string;
}

/** Everything there is when a world begins. Plain data. */
export interface InitialState {
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

import type { StackRegistry } from '../aws/cloudformation/stack-registry';
import type { IamRequest } from '../aws/iam';
import type { Clock } from './clock';
import type { Consistency } from './consistency';
import type { EmulatedApi, ServiceCall } from './http-server';
import type { DeploymentPlan } from './plan';
import type { AcceptedCancel, Change } from './simulated-service';

/** A service with deployments that can be cancelled. */
export interface EmulatedService {
  readonly api: EmulatedApi;
  /** The permissions that a call needs; none if the service has no such operation. */
  iamRequests(call: ServiceCall): IamRequest[];
  /** What an operation answers to a caller who is not allowed to call it; undefined if it is an error, as usual. */
  deniedAnswer?(operation: string): object | undefined;
  readonly simulated: Observable;
}

/** Stacks with updates that can be cancelled, besides those that the emulator deploys. */
export interface EmulatedStacks {
  readonly stacks: StackRegistry;
  readonly simulated: Observable;
}

/** The part of every simulated service that does not depend on its statuses. */
export interface Observable {
  readonly history: readonly Change[];
  readonly acceptedCancels: readonly AcceptedCancel[];
  onChange(listener: (change: Change) => void): () => void;
  /** Starts a newer deployment of the resource with that path. Returns its ID. */
  deploy(path: string, plan?: DeploymentPlan<string>): string;
  stop(): void;
}

/** Creates a service, or stacks, on a clock. By default, its consistency is strong. */
export type ServiceFactory = (clock: Clock, consistency?: Consistency) => EmulatedService | EmulatedStacks;

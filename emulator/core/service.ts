import type { StackRegistry } from '../aws/cloudformation/stack-registry';
import type { IamRequest } from '../aws/iam';
import type { Clock } from './clock';
import type { JsonService, ServiceCall } from './http-server';
import type { AcceptedCancel, Change } from './simulated-service';

/** A service whose deployments can be cancelled, as a cloud holds it beside Proton. */
export interface EmbeddedService {
  readonly api: JsonService;
  /** The permissions that a call needs; none when the service does not know the operation. */
  iamRequests(call: ServiceCall): IamRequest[];
  readonly world: Observable;
}

/** Stacks whose updates can be cancelled, as a cloud holds them beside those of its own CloudFormation. */
export interface EmbeddedStacks {
  readonly stacks: StackRegistry;
  readonly world: Observable;
}

/** What can be seen of a world, whatever its service. */
export interface Observable {
  readonly history: readonly Change[];
  readonly acceptedCancels: readonly AcceptedCancel[];
  onChange(listener: (change: Change) => void): () => void;
  stop(): void;
}

/** Makes a service, or stacks, whose world begins on that clock. */
export type ServiceFactory = (clock: Clock) => EmbeddedService | EmbeddedStacks;

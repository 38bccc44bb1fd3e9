import type { CallError, NotFound, Phase } from '../engine/driver';

/** A deployment as its service lists it. */
export interface Listed {
  /** Identifies it in the fleet: short, and without spaces. */
  readonly key: string;
  readonly phase: Phase;
  /** The id of the latest deployment, where the service returns it. */
  readonly deploymentId?: string;
  /** Its start time in milliseconds since the epoch, where the service returns it. */
  readonly startedAt?: number;
  /** The ID of the deployed resource, where its name may pass to another resource: short, and without spaces. */
  readonly resourceId?: string;
}

export interface Page {
  readonly kind: 'page';
  readonly listed: readonly Listed[];
  /** The token of the next page, if there is one. */
  readonly next?: string;
}

/** Adapter for a service that lists the deployments of a fleet. Returns errors as values, never throws. */
export interface FleetLister {
  /** The human-readable name of the fleet. */
  readonly displayName: string;
  /** What to know if the service does not respond. */
  readonly unavailableHint: string;
  page(from?: string): Promise<Page | NotFound | CallError>;
}

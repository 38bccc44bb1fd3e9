import type { CallError, NotFound, Phase } from '../engine/driver';

export type { FoundFleet } from '../../../lib/contract/fleet';

/** One that may be cancelled, as its service lists it. */
export interface Listed {
  /** How the fleet knows it: short, and without spaces. */
  readonly key: string;
  readonly phase: Phase;
  /** The deployment that was attempted last, where the service gives its id. */
  readonly deploymentId?: string;
}

/** A part of a list. */
export interface Page {
  readonly kind: 'page';
  readonly listed: readonly Listed[];
  /** Where the next part begins, if there is one. */
  readonly next?: string;
}

/** The door to a service that can list what is to be cancelled. Its methods never throw. */
export interface FleetLister {
  /** What a person calls it: `service instances of web`. */
  readonly displayName: string;
  /** What a person should know when the service does not answer. */
  readonly unavailableHint: string;
  page(from?: string): Promise<Page | NotFound | CallError>;
}

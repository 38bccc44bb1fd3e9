import type { Attributes } from '../../../lib/contract/cancellation';

/**
 * How far a deployment is. Each kind of deployment maps every status of its service to a phase, and what is done depends on
 * the phase alone.
 */
export type Phase =
  /** Can be cancelled. */
  | 'IN_PROGRESS'
  | 'CANCELLING'
  /** Is being cancelled, and a cancellation would end it sooner. */
  | 'CANCELLING_GRACEFULLY'
  /** Not over, but too late to cancel. */
  | 'ENDING'
  /** The resource itself is being deleted. */
  | 'DELETING'
  /** Over: cancelled. */
  | 'CANCELLED'
  /** Over: completed as if it had not been cancelled. */
  | 'COMPLETED'
  /** Over: failed. */
  | 'FAILED'
  /** Over: did not complete, and the service does not tell whether it was cancelled or has failed. */
  | 'INCOMPLETE'
  /** Its rollback has failed, and a further request continues it. It is over unless it is continued. */
  | 'ROLLBACK_FAILED'
  /** Over: replaced by a newer deployment. */
  | 'SUPERSEDED'
  /** Over: the deletion of the resource has ended, whether it succeeded or not. */
  | 'DELETION_OVER'
  /** In flight, but the service cannot cancel it. */
  | 'NOT_CANCELLABLE'
  /** A status that this version does not know: neither over nor safe to cancel. */
  | 'UNKNOWN';

const OVER: ReadonlySet<Phase> = new Set([
  'CANCELLED',
  'COMPLETED',
  'FAILED',
  'INCOMPLETE',
  'SUPERSEDED',
  'DELETION_OVER',
]);

/** Whether it is known to be over. A deployment with an unknown status may be in flight. */
export function isOver(phase: Phase): boolean {
  return OVER.has(phase);
}

/** A deployment as its service reports it. */
export interface Found {
  readonly kind: 'found';
  readonly phase: Phase;
  /** The status as the service names it. */
  readonly deploymentStatus: string;
  readonly deploymentId?: string;
  /** Milliseconds since the epoch; left out where the service does not return it. */
  readonly startedAt?: number;
  /** Whether the user has specified it by its id, so that it is no other one, whenever it started. */
  readonly isSpecified?: boolean;
  /** The ID of the deployed resource, where its name may pass to another resource. */
  readonly resourceId?: string;
  readonly attributes: Attributes;
  /** Why it cannot be cancelled, where the status is not the reason. */
  readonly obstacle?: string;
  /** What to do after it has failed. */
  readonly advice?: string;
  /** The deployment that has replaced it, where the service says so. */
  readonly supersededBy?: string;
  /** How many deployments were in flight, where there were several to choose from. */
  readonly inFlight?: number;
  /** How long it is cancelled until a second request forces its end, in milliseconds; left out if none is wanted. */
  readonly forceAfterMs?: number;
  /** Why an older deployment may be in flight although this one is over, and what to do. */
  readonly unread?: string;
}

/** The resource, or the record of a deployment, does not exist. */
export interface NotFound {
  readonly kind: 'not-found';
  /** The service's status of a deleted resource; UNKNOWN if only the record of a deployment is gone. */
  readonly deploymentStatus: string;
  /** The service also responds like this to a caller who may not read it. */
  readonly mayBeDenied?: boolean;
}

/** The resource exists, and has never been deployed. */
export interface NeverDeployed {
  readonly kind: 'never-deployed';
}

/** A call that returned nothing about the deployment. */
export interface CallError {
  readonly kind: 'error';
  readonly errorType: /** The caller is not allowed to. */
    | 'denied'
    /** The service will not accept the request. */
    | 'rejected'
    /** The service did not accept the request in its present state, and may accept it later. */
    | 'conflict'
    /** The service was too busy, and did nothing. */
    | 'throttled'
    /** The service failed; it is unknown what it did. */
    | 'server-error'
    /** No response, or none that can be from the service; it is unknown what it did. */
    | 'unreachable';
  /** The IAM action of the request. */
  readonly action: string;
  readonly resourceArn: string;
  readonly endpoint: string;
  /** The name of the error in the SDK. */
  readonly errorName: string;
  /** The message of the service on one line, truncated, without a final period. It may be sensitive, and is never logged. */
  readonly message: string;
}

/** Which of several deployments in flight a cancellation is about. */
export interface Meant {
  /** The ID of one that it is not about. */
  readonly ignoredId?: string;
  /** The earliest and the latest start, in milliseconds since the epoch. */
  readonly startedFrom?: number;
  readonly startedBy?: number;
}

export type ReadResult = Found | NotFound | NeverDeployed | CallError;

/** Adapter for one AWS service. Returns errors as values, never throws. */
export interface Driver {
  /** The human-readable name of the target. */
  readonly displayName: string;
  /** What to know if the service does not respond. */
  readonly unavailableHint: string;
  /**
   * Reads the pinned deployment, or, if none is pinned or the service does not distinguish deployments, the latest.
   *
   * @param resourceId the `resourceId` of the first read, here and below
   * @param meant which one, where several are in flight; another one is read only if none of these is in flight
   */
  describe(pinned: string | undefined, resourceId?: string, meant?: Meant): Promise<ReadResult>;
  /** Reads one deployment by its id, after a newer one has taken its place. */
  describeById(deploymentId: string, resourceId?: string): Promise<ReadResult>;
  /**
   * Cancels the pinned deployment, or continues its rollback, or, where the request cannot name one, whichever is in flight. It is
   * an error if none is.
   *
   * @param force whether it is being cancelled already, and its end is forced: only after a read with `forceAfterMs`
   */
  cancel(pinned: string | undefined, resourceId?: string, force?: boolean): Promise<Found | CallError>;
}

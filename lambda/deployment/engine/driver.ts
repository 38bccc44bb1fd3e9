import type { Attributes } from '../../../lib/contract/cancellation';

/**
 * Where a deployment is on its way to an end. Each kind of deployment maps every status of its service to one of these;
 * what is done about it is decided by the phase alone.
 */
export type Phase =
  /** Can be cancelled. */
  | 'IN_PROGRESS'
  | 'CANCELLING'
  /** Goes on for a while, and cannot be cancelled any more. */
  | 'ENDING'
  /** The resource itself is being deleted. */
  | 'DELETING'
  /** Over: by the cancellation. */
  | 'CANCELLED'
  /** Over: it finished as if nobody had cancelled. */
  | 'COMPLETED'
  /** Over: badly. */
  | 'FAILED'
  /** Over: a newer deployment has taken its place. */
  | 'SUPERSEDED'
  /** Over: the deletion of the resource, well or badly. */
  | 'DELETION_OVER'
  /** In flight, but nothing that the service can cancel. */
  | 'NOT_CANCELLABLE'
  /** A status that did not exist when this was written: neither over nor safe to cancel. */
  | 'UNKNOWN';

/** The deployment that a resource was last told to do, as its service reports it. */
export interface Found {
  readonly kind: 'found';
  readonly phase: Phase;
  /** The service's own word. */
  readonly deploymentStatus: string;
  readonly deploymentId?: string;
  /** When it started, in milliseconds since the epoch; left out where the service does not tell. */
  readonly startedAt?: number;
  readonly attributes: Attributes;
  /** Why it cannot be cancelled, where its status does not tell. */
  readonly obstacle?: string;
}

/** What was looked at does not exist. */
export interface NotFound {
  readonly kind: 'not-found';
  /** The service's word for a resource that has been deleted; UNKNOWN where only the record of a deployment is gone. */
  readonly deploymentStatus: string;
}

/** What was looked at exists, and has never been deployed. */
export interface NeverDeployed {
  readonly kind: 'never-deployed';
}

/** A call that told nothing about the deployment. */
export interface CallError {
  readonly kind: 'error';
  readonly errorType: /** Not allowed to. */
    | 'denied'
    /** The service understood and would not. */
    | 'rejected'
    /** The service was too busy; it did nothing. */
    | 'throttled'
    /** The service failed; what it did is unknown. */
    | 'server-error'
    /** Nothing that could be the service has answered usefully; what it did is unknown. */
    | 'unreachable';
  /** What was asked for, as IAM names it: `proton:GetServiceInstance`. */
  readonly action: string;
  readonly resourceArn: string;
  readonly endpoint: string;
  /** The name of the error, as the SDK gives it. */
  readonly errorName: string;
  /** The service's message, short, on one line and without a final period; may be sensitive, so never logged. */
  readonly message: string;
}

export type ReadResult = Found | NotFound | NeverDeployed | CallError;

/** The one door to the service that a deployment belongs to. Its methods never throw. */
export interface Driver {
  /** What a person calls that which is deployed: `service instance web/web-prod`. */
  readonly displayName: string;
  /** What a person should know when the service does not answer. */
  readonly unavailableHint: string;
  /**
   * Reads the pinned deployment, where the service can tell it from others; else, or if none is pinned yet, the one that
   * was attempted last.
   */
  describe(pinned: string | undefined): Promise<ReadResult>;
  /** Reads one deployment by its id, when a newer one has taken its place. */
  describeById(deploymentId: string): Promise<ReadResult>;
  /**
   * Asks to cancel the pinned deployment; where a service cannot be told which, whatever is in flight. That nothing is there
   * is a refusal.
   */
  cancel(pinned: string | undefined): Promise<Found | CallError>;
}

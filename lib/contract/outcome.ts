/** The outcome of a cancellation: the meaning of the `deploymentStatus` that the service returns. */
export enum CancellationOutcome {
  /** The deployment was cancelled. */
  CANCELLED = 'CANCELLED',
  /** The deployment succeeded before the cancellation took effect. */
  COMPLETED_FIRST = 'COMPLETED_FIRST',
  /** The service accepted a cancellation, no matter who requested it, and the deployment failed. */
  CANCEL_FAILED = 'CANCEL_FAILED',
  /** The deployment was over when it was read first, or failed or was deleted before a cancellation was accepted. */
  NOTHING_TO_CANCEL = 'NOTHING_TO_CANCEL',
  /** Another deployment, or the deletion of the resource, replaced the deployment. */
  SUPERSEDED = 'SUPERSEDED',
  /** The resource that is deployed does not exist. `onNotFound` decides whether that is a failure. */
  NOT_FOUND = 'NOT_FOUND',
  /** The deployment was not over in time. Always a failure. */
  TIMED_OUT = 'TIMED_OUT',
  /** The service rejected the cancellation. Always a failure. */
  REFUSED = 'REFUSED',
  /** The workflow was not allowed to call the service. Always a failure. */
  ACCESS_DENIED = 'ACCESS_DENIED',
  /** For a minute, the service did not respond, or the responses were not those of the service. Always a failure. */
  UNAVAILABLE = 'UNAVAILABLE',
  /** The request is not valid, or a handler failed. Always a failure. */
  ERROR = 'ERROR',
  /**
   * The deployment was not cancelled, because it was in flight before the guard was armed, or started after the cancellation
   * was requested. Never a failure.
   */
  SKIPPED = 'SKIPPED',
  /** Nothing was cancelled, because the stack was rolling back. Never a failure. */
  NOT_ATTEMPTED = 'NOT_ATTEMPTED',
  /** A guard has stored the ID of the last deployment. Never a failure. */
  ARMED = 'ARMED',
}

/** What to do when the resource that is deployed does not exist. */
export enum OnNotFound {
  /** The cancellation fails. */
  FAIL = 'fail',
  /** The cancellation succeeds with the outcome `NOT_FOUND`. */
  SUCCEED = 'succeed',
}

/** What to do when the rollback of a stack fails. */
export enum OnRollbackFailed {
  /** Nothing. The outcome is `CANCEL_FAILED`, and the reason names the command that continues the rollback. */
  FAIL = 'fail',
  /** The rollback is continued once, without the resources to skip. */
  CONTINUE = 'continue',
}

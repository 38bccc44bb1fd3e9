/** How a cancellation came out, as far as it is known. The service's own word stands beside it as `deploymentStatus`. */
export enum CancellationOutcome {
  /** The deployment was cancelled. */
  CANCELLED = 'CANCELLED',
  /** The deployment ended well before the cancellation took hold. */
  COMPLETED_FIRST = 'COMPLETED_FIRST',
  /** The cancellation was requested, and the deployment ended as failed. */
  CANCEL_FAILED = 'CANCEL_FAILED',
  /** The deployment was over before a cancellation was requested. */
  NOTHING_TO_CANCEL = 'NOTHING_TO_CANCEL',
  /** Another deployment, or the deletion of the resource, took the deployment's place. */
  SUPERSEDED = 'SUPERSEDED',
}

/** What to do when that which is deployed does not exist. */
export enum OnNotFound {
  /** The resource fails. */
  FAIL = 'fail',
  /** The resource succeeds with the outcome `NOT_FOUND`. */
  SUCCEED = 'succeed',
}

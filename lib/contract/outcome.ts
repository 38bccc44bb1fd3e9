/** The outcome of a cancellation whose deployment is over. `deploymentStatus` is the status in the words of the service. */
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
}

/** What to do when the resource that is deployed does not exist. */
export enum OnNotFound {
  /** The resource fails. */
  FAIL = 'fail',
  /** The resource succeeds with the outcome `NOT_FOUND`. */
  SUCCEED = 'succeed',
}

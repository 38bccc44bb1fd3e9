/** Where a cancellation runs, as far as its reasons and its patience depend on that. */
export interface Caller {
  /** The principal that needs the permissions. */
  readonly principal: string;
  /** The names of the settings, as its user writes them. */
  readonly failOn: string;
  readonly onNotFound: string;
  /** The time of `ignoreStartedBefore`, as its user knows it. */
  readonly ignoreStartedBefore: string;
  /** How long calls are denied before that is final, in milliseconds. Default: as long as new policies may take. */
  readonly deniedTimeoutMs?: number;
}

/** The workflow of a stack. */
export const WORKFLOW_CALLER: Caller = {
  principal: 'the role of the deployment function',
  failOn: 'failOn',
  onNotFound: 'onNotFound',
  ignoreStartedBefore: 'the guard was armed',
};

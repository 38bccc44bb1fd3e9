import type { Out } from './terminal';

/** The process that the command line runs in. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Out;
  readonly stderr: Out & NodeJS.WritableStream;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}

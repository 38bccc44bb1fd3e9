import type { RunningTask } from './task';

/** One run of the interpreter: for the whole machine, an item of a Map, or a branch of a Parallel. */
export interface Run {
  aborted: boolean;
  abort: () => void;
  /** The tasks that the interpreter waits for, by state. */
  readonly tasks: Map<string, RunningTask>;
}

/** The runs of a Map or a Parallel, which all end when one fails. */
export interface Group {
  readonly runs: Set<Run>;
  cancelled: boolean;
}

/** Aborts a run and its tasks. */
export function abort(run: Run): void {
  run.aborted = true;
  run.abort();
  for (const task of run.tasks.values()) task.cancel?.();
}

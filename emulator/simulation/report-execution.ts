import type { Execution } from '../aws/step-functions/execution';
import type { HistoryEvent } from '../aws/step-functions/history';

/** A state of an execution. Times are in seconds since the start of the run. */
export interface StateReport {
  readonly name: string;
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

/** The result of an execution of a state machine. */
export interface ExecutionReport {
  readonly name: string;
  readonly status: string;
  /** The outcome of a cancellation, or the error of the execution; null if there is neither. */
  readonly outcome: string | null;
  readonly reason: string | null;
  /** The states in the order of their start. The states of a Map overlap. */
  readonly states: readonly StateReport[];
}

type ExecutionRecord = Pick<Execution, 'name' | 'status' | 'output' | 'error' | 'cause' | 'history'>;

/** @param seconds converts a time to seconds since the start of the run */
export function executionReport(execution: ExecutionRecord, seconds: (at: number) => number): ExecutionReport {
  const { name, status, output, error, cause, history } = execution;
  const { outcome, reason } = output === undefined ? { outcome: error, reason: cause } : resultOf(output);
  return { name, status, outcome: text(outcome), reason: text(reason), states: statesOf(history, seconds) };
}

function resultOf(output: string): { readonly outcome?: unknown; readonly reason?: unknown } {
  const parsed: unknown = JSON.parse(output);
  return typeof parsed === 'object' && parsed !== null ? parsed : {};
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** A state in which the execution stopped or failed ends with the execution. */
function statesOf(history: readonly HistoryEvent[], seconds: (at: number) => number): StateReport[] {
  const end = history.at(-1)?.timestamp ?? 0;
  const states: { name: string; fromSeconds: number; untilSeconds: number }[] = [];
  const inside = new Map<string, (typeof states)[number][]>();
  for (const { type, timestamp, details } of history) {
    const name = String(details?.name);
    if (type.endsWith('StateEntered')) {
      const state = { name, fromSeconds: seconds(timestamp), untilSeconds: seconds(end) };
      states.push(state);
      inside.set(name, [...(inside.get(name) ?? []), state]);
    } else if (type.endsWith('StateExited')) {
      // The event does not say which of several states has ended; assume the order of their start.
      const [first, ...others] = inside.get(name) ?? [];
      if (first) first.untilSeconds = seconds(timestamp);
      inside.set(name, others);
    }
  }
  return states;
}

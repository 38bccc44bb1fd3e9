import type { Execution } from '../aws/step-functions/execution';
import type { HistoryEvent } from '../aws/step-functions/history';

/** How long a state lasted. Times count from the beginning of the run. */
export interface StateReport {
  readonly name: string;
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

/** What came of an execution of a state machine. */
export interface ExecutionReport {
  readonly name: string;
  readonly status: string;
  /** How a cancellation ended, or the error with which the execution failed; null of one that says neither. */
  readonly outcome: string | null;
  readonly reason: string | null;
  /** In the order in which they were entered. Those of a Map overlap. */
  readonly states: readonly StateReport[];
}

type Story = Pick<Execution, 'name' | 'status' | 'output' | 'error' | 'cause' | 'history'>;

/** @param seconds turns a time into seconds since the beginning of the run */
export function executionReport(execution: Story, seconds: (at: number) => number): ExecutionReport {
  const { name, status, output, error, cause, history } = execution;
  const { outcome, reason } = output === undefined ? { outcome: error, reason: cause } : told(output);
  return { name, status, outcome: text(outcome), reason: text(reason), states: statesOf(history, seconds) };
}

function told(output: string): { readonly outcome?: unknown; readonly reason?: unknown } {
  const parsed: unknown = JSON.parse(output);
  return typeof parsed === 'object' && parsed !== null ? parsed : {};
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** What was never left, since the execution was stopped or failed there, lasted until its end. */
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
      // Which of several it was is not told; they are taken to leave as they came.
      const [first, ...services] = inside.get(name) ?? [];
      if (first) first.untilSeconds = seconds(timestamp);
      inside.set(name, services);
    }
  }
  return states;
}

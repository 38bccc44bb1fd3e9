import type { HistoryEvent } from '../../../emulator/aws/step-functions/history';
import { executionReport } from '../../../emulator/simulation/report-execution';

const BEGIN = 1_000_000;
const seconds = (at: number) => (at - BEGIN) / 1000;

/** `+Name` is the start of a state, `-Name` its end, and any other text an event without a state. */
function history(...events: [at: number, what: string][]): HistoryEvent[] {
  return events.map(([at, what], index) => {
    const enters = { '+': 'Entered', '-': 'Exited' }[what.charAt(0)];
    const event = { executionArn: 'arn', id: index + 1, timestamp: BEGIN + at * 1000 };
    return enters
      ? { ...event, type: `TaskState${enters}`, details: { name: what.slice(1) } }
      : { ...event, type: what };
  });
}

const execution = { name: 'one', status: 'SUCCEEDED', output: undefined, error: undefined, cause: undefined } as const;

test('a state lasts from its start to its end', () => {
  const events = history(
    [0, 'ExecutionStarted'],
    [0, '+A'],
    [2, '-A'],
    [2, '+B'],
    [40, '-B'],
    [40, 'ExecutionSucceeded'],
  );
  expect(executionReport({ ...execution, history: events }, seconds).states).toEqual([
    { name: 'A', fromSeconds: 0, untilSeconds: 2 },
    { name: 'B', fromSeconds: 2, untilSeconds: 40 },
  ]);
});

test('states with the same name end in the order of their start, and a state without an end lasts until the end of the execution', () => {
  const events = history([0, '+A'], [1, '+A'], [5, '-A'], [9, 'ExecutionAborted']);
  expect(executionReport({ ...execution, history: events }, seconds).states).toEqual([
    { name: 'A', fromSeconds: 0, untilSeconds: 5 },
    { name: 'A', fromSeconds: 1, untilSeconds: 9 },
  ]);
});

test.each([
  [
    'what the cancellation came to',
    { output: '{"outcome":"CANCELLED","reason":"it is over"}' },
    'CANCELLED',
    'it is over',
  ],
  [
    'the error with which it failed',
    { status: 'FAILED', error: 'TIMED_OUT', cause: 'too long' },
    'TIMED_OUT',
    'too long',
  ],
  ['nothing of a machine that does something else', { output: '"done"' }, null, null],
  ['nothing of texts that are none', { output: '{"outcome":{"secret":1},"reason":2}' }, null, null],
] as const)('says %s', (_what, end, outcome, reason) => {
  expect(executionReport({ ...execution, history: [], ...end }, seconds)).toMatchObject({ outcome, reason });
});

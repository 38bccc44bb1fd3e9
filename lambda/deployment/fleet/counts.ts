import type { Outcome, Result } from '../../../lib/contract/cancellation';
import { type BatchResult, COUNTED_AS, type FleetCount, type Tally } from '../../../lib/contract/fleet';
import { brief } from '../services/aws';

export const NOTHING: Tally = { outcomes: {}, failures: 0, notWell: [], unnamed: 0 };

/** How many characters of names a batch has room for: forty of them have to fit into one state. */
const BATCH_ROOM = 1_500;

/** How many an answer to CloudFormation has room for beside all else. */
const ANSWER_ROOM = 2_000;

/** How much is said about the first that failed. */
const REASON_LENGTH = 500;

export function countOf(outcome: Outcome): FleetCount {
  return COUNTED_AS[outcome] ?? 'failed';
}

/** Adds one that is over. */
export function add(tally: Tally, name: string, { outcome, failed, reason }: Result): Tally {
  const more = failed || countOf(outcome) === 'failed' ? [`${name}: ${outcome}`] : [];
  return {
    outcomes: withMore(tally.outcomes, outcome, 1),
    failures: tally.failures + (failed ? 1 : 0),
    first: tally.first ?? (failed ? { name, outcome, reason: brief(reason, REASON_LENGTH) } : undefined),
    ...fitting([...tally.notWell, ...more], tally.unnamed, BATCH_ROOM),
  };
}

/** All of them together; what a function was cut off from has failed as well. */
export function sum(results: readonly BatchResult[]): Tally {
  let { outcomes, failures, unnamed }: Tally = NOTHING;
  for (const { tally, lost = 0 } of results) {
    for (const [outcome, n] of Object.entries(tally.outcomes)) outcomes = withMore(outcomes, outcome as Outcome, n);
    if (lost > 0) outcomes = withMore(outcomes, 'ERROR', lost);
    failures += tally.failures + lost;
    unnamed += tally.unnamed + lost;
  }
  const notWell = results.flatMap(({ tally }) => tally.notWell);
  return {
    outcomes,
    failures,
    first: results.map(({ tally }) => tally.first).find((first) => first !== undefined),
    ...fitting(notWell, unnamed, ANSWER_ROOM),
  };
}

function withMore(outcomes: Tally['outcomes'], outcome: Outcome, n: number): Tally['outcomes'] {
  return { ...outcomes, [outcome]: (outcomes[outcome] ?? 0) + n };
}

/** The first of them, as far as there is room; the others are counted. */
function fitting(texts: readonly string[], unnamed: number, room: number): Pick<Tally, 'notWell' | 'unnamed'> {
  let used = 0;
  const notWell = texts.filter((text) => {
    used += text.length;
    return used <= room;
  });
  return { notWell, unnamed: unnamed + texts.length - notWell.length };
}

import type { Outcome, Result } from '../../../lib/contract/cancellation';
import { type BatchResult, COUNTED_AS, type FleetCount, type OutcomeCounts } from '../../../lib/contract/fleet';
import { truncate } from '../../text';

export const NO_OUTCOMES: OutcomeCounts = { outcomes: {}, failures: 0, failedDeployments: [], omitted: 0 };

/** How many characters of names a batch holds: forty batches have to fit into one state. */
const BATCH_ROOM = 1_500;

/** How many a response to CloudFormation holds beside everything else. */
const RESPONSE_ROOM = 2_000;

/** The length of the reason of the first failure. */
const REASON_LENGTH = 500;

export function countOf(outcome: Outcome): FleetCount {
  return COUNTED_AS[outcome] ?? 'failed';
}

/** Adds a cancellation that has ended. */
export function addOutcome(counts: OutcomeCounts, name: string, { outcome, failed, reason }: Result): OutcomeCounts {
  const more = failed || countOf(outcome) === 'failed' ? [`${name}: ${outcome}`] : [];
  return {
    outcomes: withMore(counts.outcomes, outcome, 1),
    failures: counts.failures + (failed ? 1 : 0),
    first: counts.first ?? (failed ? { name, outcome, reason: truncate(reason, REASON_LENGTH) } : undefined),
    ...fitting([...counts.failedDeployments, ...more], counts.omitted, BATCH_ROOM),
  };
}

/** Adds up the batches. What a function had not finished when it failed has failed as well. */
export function mergeCounts(results: readonly BatchResult[]): OutcomeCounts {
  let { outcomes, failures, omitted }: OutcomeCounts = NO_OUTCOMES;
  for (const { counts, unfinished = 0 } of results) {
    for (const [outcome, n] of Object.entries(counts.outcomes)) outcomes = withMore(outcomes, outcome as Outcome, n);
    if (unfinished > 0) outcomes = withMore(outcomes, 'ERROR', unfinished);
    failures += counts.failures + unfinished;
    omitted += counts.omitted + unfinished;
  }
  const failedDeployments = results.flatMap(({ counts }) => counts.failedDeployments);
  return {
    outcomes,
    failures,
    first: results.map(({ counts }) => counts.first).find((first) => first !== undefined),
    ...fitting(failedDeployments, omitted, RESPONSE_ROOM),
  };
}

function withMore(outcomes: OutcomeCounts['outcomes'], outcome: Outcome, n: number): OutcomeCounts['outcomes'] {
  return { ...outcomes, [outcome]: (outcomes[outcome] ?? 0) + n };
}

/** Keeps as many of the first texts as there is room for, and counts the others. */
function fitting(
  texts: readonly string[],
  omitted: number,
  room: number,
): Pick<OutcomeCounts, 'failedDeployments' | 'omitted'> {
  let used = 0;
  const failedDeployments = texts.filter((text) => {
    used += text.length;
    return used <= room;
  });
  return { failedDeployments, omitted: omitted + texts.length - failedDeployments.length };
}

import { INITIAL_PROGRESS, mayCancel } from '../../../../lambda/deployment/engine/decide';
import type { Phase, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { MISSING_TIMEOUT_MS } from '../../../../lambda/deployment/engine/polling';
import { type Progress, STEPS, TERMINAL_OUTCOMES } from '../../../../lib/contract/cancellation';
import { afterCancel, afterRead, at, CANCEL, callError, found, MISSING, PHASES, resultOf } from './decisions';
import { type Ending, type FirstRead, OUTCOME_TABLE, type OutcomeRow, type Requester } from './outcome-table';

/** A cancellation, read by read, as `run` takes it further. */
class Cancellation {
  progress: Progress = INITIAL_PROGRESS;
  private elapsed = 0;

  read(result: ReadResult): void {
    this.progress = afterRead(this.progress, result, at(this.elapsed));
    this.elapsed += 1_000;
  }

  /** Sends the request after a read that finds it in this phase. */
  cancel(phase: Phase, isAccepted: boolean): void {
    const before = this.progress;
    this.read(found(phase));
    if (!mayCancel(before, this.progress, found(phase))) throw new Error(`a cancellation at ${phase} is not allowed`);
    const response = isAccepted ? found('CANCELLING') : callError('conflict', CANCEL);
    this.progress = afterCancel(this.progress, response, at(this.elapsed));
  }

  end(ending: Ending): void {
    if (ending === 'newer deployment') {
      this.read(found('IN_PROGRESS', 'y'));
      this.read(found('COMPLETED'));
    } else if (ending === 'gone') {
      this.read(MISSING);
      this.elapsed += MISSING_TIMEOUT_MS;
      this.read(MISSING);
    } else this.read(found(ending));
  }
}

const FIRST_READS: Readonly<Partial<Record<FirstRead, ReadResult>>> = {
  'never deployed': { kind: 'never-deployed' },
  'not found': MISSING,
};

function request(cancellation: Cancellation, firstRead: FirstRead, requester: Requester): void {
  const { next } = cancellation.progress;
  if (requester === 'others') {
    if (firstRead !== 'CANCELLING') cancellation.read(found('CANCELLING'));
  } else if (next === STEPS.CANCEL) {
    const phase = firstRead === 'CANCELLING_GRACEFULLY' ? firstRead : 'IN_PROGRESS';
    cancellation.cancel(phase, requester === 'us');
  }
}

function outcomeOf({ firstRead, requester, ending }: OutcomeRow): string {
  const cancellation = new Cancellation();
  const first = FIRST_READS[firstRead] ?? found(firstRead as Phase);
  cancellation.read(first);
  if (ending !== undefined) {
    request(cancellation, firstRead, requester);
    cancellation.end(ending);
  } else if (cancellation.progress.next === STEPS.FIND) {
    // A second read decides that nothing can be cancelled.
    cancellation.read(first);
  }
  return resultOf(cancellation.progress).outcome;
}

test.each(OUTCOME_TABLE)('$firstRead, requested by $requester, that ends as $ending is $outcome', (row) => {
  expect(outcomeOf(row)).toBe(row.outcome);
});

test('the table has every phase at the first read, and every outcome whose end is known', () => {
  const firstReads = new Set(OUTCOME_TABLE.map(({ firstRead }) => firstRead));
  expect(firstReads).toEqual(new Set([...PHASES, 'never deployed', 'not found']));
  const outcomes = new Set(OUTCOME_TABLE.map(({ outcome }) => outcome));
  expect(outcomes).toEqual(new Set([...TERMINAL_OUTCOMES, 'NOT_FOUND', 'REFUSED']));
});

test('the table has each combination once', () => {
  const keys = OUTCOME_TABLE.map(({ firstRead, requester, ending }) => `${firstRead}, ${requester}, ${ending}`);
  expect(new Set(keys).size).toBe(keys.length);
});

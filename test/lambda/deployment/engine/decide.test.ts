import { INITIAL_PROGRESS, mayCancel } from '../../../../lambda/deployment/engine/decide';
import { type Found, isOver, type Phase, type ReadResult } from '../../../../lambda/deployment/engine/driver';
import { MISSING_TIMEOUT_MS } from '../../../../lambda/deployment/engine/polling';
import {
  type Outcome,
  type Progress,
  STEPS,
  type Step,
  TERMINAL_OUTCOMES,
} from '../../../../lib/contract/cancellation';
import {
  AWAITING,
  afterRead,
  at,
  callError,
  DISPLAY_NAME,
  decisionOf,
  ERROR_TYPES,
  FINDING,
  found,
  IDLE,
  IN_DOUBT,
  IN_TIME,
  MISSING,
  OVER,
  PHASES,
  REQUESTED,
  resultOf,
  START,
  STATUS,
  SUPERSEDED,
  TO_CANCEL,
  TOO_LATE,
} from './decisions';

/** The decision for each phase (row) of the pinned deployment and each progress (column). */
const TABLE = `
                      FINDING  IDLE               TO_CANCEL          IN_DOUBT         AWAITING           REQUESTED        SUPERSEDED  DELETION
IN_PROGRESS           CANCEL   CANCEL             SEND               SEND             AWAIT              AWAIT            AWAIT       AWAIT
UNKNOWN               CANCEL   CANCEL             CANCEL             CANCEL           AWAIT              AWAIT            AWAIT       AWAIT
CANCELLING            AWAIT    AWAIT              AWAIT              AWAIT            AWAIT              AWAIT            AWAIT       AWAIT
CANCELLING_GRACEFULLY CANCEL   CANCEL             SEND               SEND             AWAIT              AWAIT            AWAIT       AWAIT
DELETING              AWAIT    AWAIT              AWAIT              AWAIT            AWAIT              AWAIT            AWAIT       AWAIT
CANCELLED             FIND     NOTHING_TO_CANCEL  CANCELLED          CANCELLED        CANCELLED          CANCELLED        SUPERSEDED  NOTHING_TO_CANCEL
COMPLETED             FIND     NOTHING_TO_CANCEL  COMPLETED_FIRST    COMPLETED_FIRST  COMPLETED_FIRST    COMPLETED_FIRST  SUPERSEDED  NOTHING_TO_CANCEL
FAILED                FIND     NOTHING_TO_CANCEL  NOTHING_TO_CANCEL  CANCEL_FAILED    NOTHING_TO_CANCEL  CANCEL_FAILED    SUPERSEDED  NOTHING_TO_CANCEL
INCOMPLETE            FIND     NOTHING_TO_CANCEL  NOTHING_TO_CANCEL  CANCELLED        NOTHING_TO_CANCEL  CANCELLED        SUPERSEDED  NOTHING_TO_CANCEL
DELETION_OVER         FIND     NOTHING_TO_CANCEL  NOTHING_TO_CANCEL  SUPERSEDED       NOTHING_TO_CANCEL  SUPERSEDED       SUPERSEDED  NOTHING_TO_CANCEL
ROLLBACK_FAILED       FIND     NOTHING_TO_CANCEL  SEND               SEND             CANCEL             CANCEL           SUPERSEDED  NOTHING_TO_CANCEL
ENDING                AWAIT    AWAIT              AWAIT              AWAIT            AWAIT              AWAIT            AWAIT       AWAIT
SUPERSEDED            FIND     NOTHING_TO_CANCEL  SUPERSEDED         SUPERSEDED       SUPERSEDED         SUPERSEDED       SUPERSEDED  NOTHING_TO_CANCEL
NOT_CANCELLABLE       FIND     REFUSED            AWAIT              AWAIT            AWAIT              AWAIT            AWAIT       AWAIT
not-found             FIND     NOT_FOUND          CANCEL             CANCEL           AWAIT              AWAIT            AWAIT       AWAIT
gone                  FIND     NOT_FOUND          NOTHING_TO_CANCEL  SUPERSEDED       NOTHING_TO_CANCEL  SUPERSEDED       SUPERSEDED  NOTHING_TO_CANCEL
`;

/** The deletion of the resource was in flight at the first read. */
const DELETION: Progress = { ...AWAITING, lastSeen: 'DELETE_IN_PROGRESS', deleting: true };

const STATES: Readonly<Record<string, Progress>> = {
  FINDING,
  IDLE,
  TO_CANCEL,
  IN_DOUBT,
  AWAITING,
  REQUESTED,
  SUPERSEDED,
  DELETION,
};

/** A state before a read: `gone` is not found for so long that it counts as gone. */
function stateOf(state: string, row: string): Progress {
  const before = STATES[state]!;
  return row === 'gone' ? { ...before, missingSince: IN_TIME.now - MISSING_TIMEOUT_MS } : before;
}

const ABSENT = ['not-found', 'gone'];
const readOf = (row: string): ReadResult =>
  ABSENT.includes(row) ? MISSING : { ...found(row as Phase), startedAt: START - 60_000 };

interface Cell {
  readonly state: string;
  readonly row: string;
  readonly expected: string;
}

function cells(table: string): Cell[] {
  const [head, ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([row, ...columns]) =>
    columns.map((expected, index) => ({ state: head![index]!, row: row!, expected })),
  );
}

const CELLS = cells(TABLE);
const FOUND_CELLS = CELLS.filter(({ row }) => !ABSENT.includes(row)) as (Cell & { row: Phase })[];
const isStep = (decision: string) => ['SEND', ...Object.values<string>(STEPS)].includes(decision);

describe('after a read', () => {
  test('the table has every phase for every progress', () => {
    expect(new Set(CELLS.map(({ row }) => row))).toEqual(new Set([...PHASES, ...ABSENT]));
    expect(CELLS).toHaveLength((PHASES.length + 2) * Object.keys(STATES).length);
  });

  test.each(CELLS)('$state and $row leads to $expected', ({ state, row, expected }) => {
    const before = stateOf(state, row);
    const read = readOf(row);
    const after = afterRead(before, read, IN_TIME);
    expect(decisionOf(before, after, read)).toBe(expected);
    const isPinned = expected !== 'FIND' && expected !== 'NOT_FOUND';
    expect(after.pinnedDeploymentId).toBe(isPinned ? 'x' : undefined);
    if (after.next === STEPS.END) {
      const { attributes, failed } = resultOf(after);
      const status = ABSENT.includes(row) ? 'DELETE_COMPLETE' : STATUS[row as Phase];
      expect(attributes.deploymentStatus).toBe(expected === 'NOT_FOUND' ? 'UNKNOWN' : status);
      expect(attributes.name).toBe(ABSENT.includes(row) ? undefined : 'web-prod');
      expect(failed).toBe(expected === 'NOT_FOUND' || expected === 'REFUSED');
    } else if (isPinned) {
      expect(after.lastSeen).toBe(ABSENT.includes(row) ? before.lastSeen : STATUS[row as Phase]);
    }
  });

  test.each(CELLS)('$state and $row after the deadline is the end', ({ state, row, expected }) => {
    // Nothing is in flight, and there is no time for a second read.
    const idle = CELLS.find((cell) => cell.state === 'IDLE' && cell.row === row);
    const decision = expected === 'FIND' ? idle!.expected : expected;
    const before = { ...stateOf(state, row), missingSince: row === 'gone' ? START : undefined };
    const { outcome, failed, attributes } = resultOf(afterRead(before, readOf(row), TOO_LATE));
    expect(outcome).toBe(isStep(decision) ? 'TIMED_OUT' : decision);
    if (isStep(decision)) {
      expect(failed).toBe(true);
      const known = { deploymentStatus: STATUS[row as Phase], name: 'web-prod' };
      expect(attributes).toMatchObject(ABSENT.includes(row) ? { deploymentStatus: before.lastSeen } : known);
    }
  });

  describe('of a service without deployment ids', () => {
    const withoutPin = ({ pinnedDeploymentId: _, ...state }: Progress): Progress => state;

    const UNPINNED = FOUND_CELLS.filter(({ state }) => state !== 'SUPERSEDED' && state !== 'IDLE');

    test.each(UNPINNED)('$state and $row leads to the same: $expected', ({ state, row, expected }) => {
      const read = { ...found(row), deploymentId: undefined };
      const before = withoutPin(STATES[state]!);
      const after = afterRead(before, read, IN_TIME);
      expect(decisionOf(before, after, read)).toBe(expected);
      expect(after.pinnedDeploymentId).toBeUndefined();
      if (after.next === STEPS.END) expect(resultOf(after).reason).toContain(`the deployment of ${DISPLAY_NAME}`);
    });

    test.each(UNPINNED)(
      '$state and $row with a first id pins it, and the state machine keeps the pin before anything is cancelled',
      ({ state, row, expected }) => {
        const before = withoutPin(STATES[state]!);
        const after = afterRead(before, found(row), IN_TIME);
        expect(decisionOf(before, after, found(row))).toBe(expected === 'SEND' ? 'CANCEL' : expected);
        expect(after.pinnedDeploymentId).toBe(expected === 'FIND' ? undefined : 'x');
        expect(after.supersededBy).toBeUndefined();
      },
    );
  });

  const PINNED = ['TO_CANCEL', 'IN_DOUBT', 'AWAITING', 'REQUESTED'] as const;
  const pinnedAndPhase = PINNED.flatMap((state) => PHASES.map((row) => ({ state, row })));

  test.each(pinnedAndPhase)(
    '$state and $row of a newer deployment is neither the end nor cancelled',
    ({ state, row }) => {
      const after = afterRead(STATES[state]!, found(row, 'y'), IN_TIME);
      expect(decisionOf(STATES[state]!, after, found(row, 'y'))).toBe('AWAIT');
      expect(after).toMatchObject({ pinnedDeploymentId: 'x', supersededBy: 'y', waitSeconds: 0 });
      expect(after.lastSeen).toBe(STATES[state]!.lastSeen);
    },
  );

  test.each(pinnedAndPhase)(
    '$state and $row of a newer deployment after the deadline reports the pinned one',
    ({ state, row }) => {
      const { outcome, reason, attributes } = resultOf(afterRead(STATES[state]!, found(row, 'y'), TOO_LATE));
      expect(outcome).toBe('TIMED_OUT');
      expect(attributes).toEqual({ outcome, deploymentId: 'x', deploymentStatus: STATES[state]!.lastSeen });
      expect(reason).toContain(`deployment x of ${DISPLAY_NAME} was last seen as ${STATES[state]!.lastSeen}`);
      expect(reason).toContain('a newer deployment, y, has taken its place');
    },
  );

  test.each(pinnedAndPhase)('$state and $row of a deployment without an id changes nothing', ({ state, row }) => {
    const before = STATES[state]!;
    const read = { ...found(row), deploymentId: undefined };
    const after = afterRead(before, read, IN_TIME);
    expect(decisionOf(before, after, read)).toBe(before.next);
    expect(after).toEqual({ ...before, allowed: true, waitSeconds: expect.any(Number) });
    expect(resultOf(afterRead(before, read, TOO_LATE)).attributes).toEqual({
      outcome: 'TIMED_OUT',
      deploymentId: 'x',
      deploymentStatus: before.lastSeen,
    });
  });

  test('nothing is known to be in flight if not every deployment could be read', () => {
    const read: Found = { ...found('COMPLETED'), unread: 'more are listed; specify one' };
    expect(resultOf(afterRead(IDLE, read, IN_TIME))).toMatchObject({
      outcome: 'UNAVAILABLE',
      failed: true,
      reason: `whether a deployment of ${DISPLAY_NAME} is in flight is not known; more are listed; specify one; deployment x of ${DISPLAY_NAME} was last seen as SUCCEEDED`,
    });
    expect(resultOf(afterRead(FINDING, read, { ...IN_TIME, observeOnly: true })).outcome).toBe('ARMED');
  });

  test('the reason of a superseded deployment names the newer one, if the service does', () => {
    const { reason } = resultOf(afterRead(REQUESTED, { ...found('SUPERSEDED'), supersededBy: 'y' }, IN_TIME));
    expect(reason).toBe(
      `deployment x of ${DISPLAY_NAME} gave way to a newer one, and ended as Superseded; a newer deployment, y, has taken its place`,
    );
  });

  test('the end of a superseded deployment is unknown if its record is gone', () => {
    const { attributes, reason } = resultOf(
      afterRead(stateOf('SUPERSEDED', 'gone'), { kind: 'not-found', deploymentStatus: 'UNKNOWN' }, IN_TIME),
    );
    expect(attributes).toEqual({ outcome: 'SUPERSEDED', deploymentId: 'x', deploymentStatus: 'UNKNOWN' });
    expect(reason).toBe(
      `how deployment x of ${DISPLAY_NAME} ended cannot be known any more: last seen as CANCELLING; a newer deployment, y, has taken its place`,
    );
  });

  const NEVER_DEPLOYED: ReadResult = { kind: 'never-deployed' };

  test('a resource without deployments has nothing to cancel', () => {
    const { outcome, failed, reason, attributes } = resultOf(afterRead(IDLE, NEVER_DEPLOYED, IN_TIME));
    expect({ outcome, failed, reason }).toEqual({
      outcome: 'NOTHING_TO_CANCEL',
      failed: false,
      reason: `nothing to cancel: ${DISPLAY_NAME} has no deployment`,
    });
    expect(attributes).toEqual({ outcome, deploymentStatus: 'UNKNOWN', deploymentId: undefined });
  });

  test('a resource without deployments is a failure if failOn names NOTHING_TO_CANCEL', () => {
    const { failed, reason } = resultOf(afterRead(IDLE, NEVER_DEPLOYED, at(0, { failOn: ['NOTHING_TO_CANCEL'] })));
    expect(failed).toBe(true);
    expect(reason).toContain('; failOn names NOTHING_TO_CANCEL');
  });

  test('a guard is armed before the first deployment', () => {
    const { outcome, attributes } = resultOf(
      afterRead(INITIAL_PROGRESS, NEVER_DEPLOYED, { ...IN_TIME, observeOnly: true }),
    );
    expect({ outcome, deploymentId: attributes.deploymentId }).toEqual({ outcome: 'ARMED', deploymentId: '' });
  });

  test.each(['TO_CANCEL', 'IN_DOUBT', 'AWAITING', 'REQUESTED', 'SUPERSEDED'])(
    '%s without any deployment left is the end',
    (state) => {
      expect(resultOf(afterRead(stateOf(state, 'gone'), NEVER_DEPLOYED, IN_TIME)).attributes.deploymentStatus).toBe(
        'UNKNOWN',
      );
    },
  );

  test('the reason of a deployment that cannot be cancelled has its status', () => {
    const { reason } = resultOf(afterRead(IDLE, found('NOT_CANCELLABLE'), IN_TIME));
    expect(reason).toBe(
      `what is CREATE_IN_PROGRESS cannot be cancelled, and nothing was; deployment x of ${DISPLAY_NAME} was last seen as CREATE_IN_PROGRESS`,
    );
  });

  test('the reason of a deployment that cannot be cancelled has the obstacle, if there is one', () => {
    const obstacle = 'a nested stack cannot be cancelled';
    const { reason } = resultOf(afterRead(IDLE, { ...found('NOT_CANCELLABLE'), obstacle }, IN_TIME));
    expect(reason).toContain(`${obstacle}, and nothing was; deployment x of ${DISPLAY_NAME} was last seen`);
  });

  test('the reason of a deployment that the service has superseded says so', () => {
    const { reason } = resultOf(afterRead(REQUESTED, found('SUPERSEDED'), IN_TIME));
    expect(reason).toBe(`deployment x of ${DISPLAY_NAME} gave way to a newer one, and ended as Superseded`);
  });

  test('a cancellation by somebody else counts as requested', () => {
    expect(afterRead(INITIAL_PROGRESS, found('CANCELLING'), IN_TIME)).toMatchObject({
      next: STEPS.AWAIT,
      requested: true,
    });
  });

  test('a cancellation that takes hold has reached the pinned deployment', () => {
    expect(afterRead(IN_DOUBT, found('CANCELLING'), IN_TIME).cancelReachedNewer).toBe(false);
    expect(afterRead(IN_DOUBT, found('IN_PROGRESS'), IN_TIME).cancelReachedNewer).toBe(true);
  });
});

describe('mayCancel', () => {
  const everything = PHASES.flatMap((phase) =>
    [...Object.values(STEPS)].flatMap((keptNext) =>
      [...Object.values(STEPS)].flatMap((next) =>
        ['x', 'y', undefined].flatMap((pinned) =>
          ['x', 'y', undefined].map((readId) => ({ phase, keptNext, next, pinned, readId })),
        ),
      ),
    ),
  );

  test('is true only in the step CANCEL, and only for the deployment that was pinned before it', () => {
    const allowed = everything.filter(({ phase, keptNext, next, pinned, readId }) =>
      mayCancel(
        { next: keptNext, waitSeconds: 0, pinnedDeploymentId: pinned },
        { next, waitSeconds: 0, pinnedDeploymentId: pinned ?? readId },
        { ...found(phase), deploymentId: readId },
      ),
    );
    expect(allowed).toEqual(
      ['IN_PROGRESS', 'CANCELLING_GRACEFULLY', 'ROLLBACK_FAILED'].flatMap((phase) =>
        ['x', 'y', undefined].map((id) => ({
          phase,
          keptNext: 'CANCEL',
          next: 'CANCEL',
          pinned: id,
          readId: id,
        })),
      ),
    );
  });

  test.each<[string, ReadResult]>([
    ['not-found', MISSING],
    ...ERROR_TYPES.map((kind): [string, ReadResult] => [kind, callError(kind)]),
  ])('is false after %s', (_, read) => {
    expect(mayCancel(TO_CANCEL, TO_CANCEL, read)).toBe(false);
  });
});

describe('the settings', () => {
  const ends: [Outcome, Progress, ReadResult][] = [
    ['CANCELLED', REQUESTED, found('CANCELLED')],
    ['COMPLETED_FIRST', REQUESTED, found('COMPLETED')],
    ['CANCEL_FAILED', REQUESTED, found('FAILED')],
    ['NOTHING_TO_CANCEL', IDLE, found('COMPLETED')],
    ['SUPERSEDED', SUPERSEDED, found('COMPLETED')],
  ];

  test('every terminal outcome can be reached', () => {
    expect(new Set(ends.map(([outcome]) => outcome))).toEqual(new Set(TERMINAL_OUTCOMES));
  });

  test.each(ends)('%s fails exactly if failOn names it', (outcome, progress, read) => {
    for (const named of TERMINAL_OUTCOMES) {
      const result = resultOf(afterRead(progress, read, at(5_000, { failOn: [named] })));
      expect(result).toMatchObject({ outcome, failed: named === outcome });
      expect(result.reason.endsWith(`; failOn names ${outcome}`)).toBe(named === outcome);
    }
    expect(resultOf(afterRead(progress, read, at(5_000, { failOn: TERMINAL_OUTCOMES }))).failed).toBe(true);
    expect(resultOf(afterRead(progress, read, at(5_000, { failOn: [] }))).failed).toBe(false);
  });

  test.each([
    [
      'fail',
      true,
      `${DISPLAY_NAME} was not found; check its names, the region and the account, or set onNotFound to succeed`,
    ],
    ['succeed', false, `${DISPLAY_NAME} was not found`],
  ] as const)('onNotFound %s', (onNotFound, failed, reason) => {
    const after = afterRead(IDLE, MISSING, at(0, { onNotFound, failOn: TERMINAL_OUTCOMES }));
    expect(resultOf(after)).toMatchObject({ outcome: 'NOT_FOUND', failed, reason });
  });

  test('the timeout is the one of the settings', () => {
    expect(afterRead(AWAITING, found('CANCELLING'), at(59_999, { timeoutSeconds: 60 })).waitSeconds).toBe(0.001);
    expect(resultOf(afterRead(AWAITING, found('CANCELLING'), at(60_000, { timeoutSeconds: 60 }))).reason).toContain(
      'the timeout of 60 s has passed',
    );
  });
});

describe('the reason', () => {
  test.each<[Progress, ReadResult, string]>([
    [REQUESTED, found('CANCELLED'), `deployment x of ${DISPLAY_NAME} is CANCELLED`],
    [
      REQUESTED,
      found('COMPLETED'),
      `deployment x of ${DISPLAY_NAME} ended as SUCCEEDED before a cancellation took hold`,
    ],
    [REQUESTED, found('FAILED'), `the cancellation of deployment x of ${DISPLAY_NAME} failed: it ended as FAILED`],
    [IDLE, found('FAILED'), `nothing to cancel: deployment x of ${DISPLAY_NAME} had ended as FAILED`],
    [
      TO_CANCEL,
      found('FAILED'),
      `deployment x of ${DISPLAY_NAME} ended as FAILED, and no cancellation of it is known to have been accepted`,
    ],
    [
      stateOf('REQUESTED', 'gone'),
      MISSING,
      `deployment x of ${DISPLAY_NAME} gave way to a deletion, which ended as DELETE_COMPLETE`,
    ],
    [
      SUPERSEDED,
      found('CANCELLED'),
      `deployment x of ${DISPLAY_NAME} ended as CANCELLED; a newer deployment, y, has taken its place`,
    ],
  ])('%#', (progress, read, reason) => {
    expect(resultOf(afterRead(progress, read, IN_TIME)).reason).toBe(reason);
  });
});

describe('a clock that jumps', () => {
  test('back, before the start: polls as often as at the start', () => {
    expect(afterRead(AWAITING, found('CANCELLING'), at(-3_600_000)).waitSeconds).toBe(2);
    expect(afterRead({ ...AWAITING, unreachableSince: START }, callError('unreachable'), at(-3_600_000)).next).toBe(
      STEPS.AWAIT,
    );
  });

  test('ahead, after the deadline: the read is the end', () => {
    expect(resultOf(afterRead(AWAITING, found('CANCELLED'), at(86_400_000))).outcome).toBe('CANCELLED');
  });
});

test('the phases that are over are the ones of these tests', () => {
  expect(PHASES.filter(isOver).sort()).toEqual([...OVER].sort());
});

test('the steps are the ones of these tests', () => {
  expect(Object.values<Step>(STEPS)).toEqual(['FIND', 'CANCEL', 'AWAIT', 'END']);
});

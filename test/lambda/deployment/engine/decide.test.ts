import {
  afterCancel,
  afterLook,
  BEGINNING,
  CLOCK_TOLERANCE,
  mayCancel,
} from '../../../../lambda/deployment/engine/decide';
import type { Circumstances } from '../../../../lambda/deployment/engine/decision-context';
import type { Phase, Seen, Sighting, Trouble } from '../../../../lambda/deployment/engine/driver';
import {
  KNOWN_ENDS,
  type Outcome,
  type Policy,
  type Progress,
  STEPS,
  type Step,
} from '../../../../lib/contract/cancellation';

const START = Date.UTC(2026, 9, 1);
const SUBJECT = 'service instance web/web-prod';
const HINT = 'a hint about the service';

const POLICY: Policy = { timeoutSeconds: 1800, failOn: [], onNotFound: 'fail', includeStatusMessage: false };

function at(elapsedMs: number, policy: Partial<Policy> = {}, random = 0.5): Circumstances {
  return {
    policy: { ...POLICY, ...policy },
    subject: SUBJECT,
    unavailableHint: HINT,
    startedAt: START,
    now: START + elapsedMs,
    random,
  };
}

const IN_TIME = at(5_000);
const TOO_LATE = at(1_800_000);

/** The word that a service may have for each phase. */
const STATUS: Readonly<Record<Phase, string>> = {
  IN_PROGRESS: 'IN_PROGRESS',
  UNKNOWN: 'PAUSED',
  CANCELLING: 'CANCELLING',
  DELETING: 'DELETE_IN_PROGRESS',
  CANCELLED: 'CANCELLED',
  COMPLETED: 'SUCCEEDED',
  FAILED: 'FAILED',
  DELETION_OVER: 'DELETE_FAILED',
  ENDING: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  SUPERSEDED: 'Superseded',
  NOT_CANCELLABLE: 'CREATE_IN_PROGRESS',
};
const PHASES = Object.keys(STATUS) as Phase[];
const OVER: readonly Phase[] = ['CANCELLED', 'COMPLETED', 'FAILED', 'SUPERSEDED', 'DELETION_OVER'];

function seen(phase: Phase, deploymentId: string | undefined = 'x'): Seen {
  return {
    kind: 'seen',
    phase,
    deploymentStatus: STATUS[phase],
    deploymentId,
    attributes: { name: 'web-prod', deploymentStatusMessage: `message of ${deploymentId}` },
  };
}

const MISSING: Sighting = { kind: 'missing', deploymentStatus: 'DELETE_COMPLETE' };

const LOOK = 'proton:GetServiceInstance';
const CANCEL = 'proton:CancelServiceInstanceDeployment';
const ARN = 'arn:aws:proton:us-east-1:111122223333:service/web/service-instance/web-prod';

function trouble(kind: Trouble['trouble'], action = LOOK): Trouble {
  const errorName = {
    denied: 'AccessDeniedException',
    refused: 'ConflictException',
    throttled: 'ThrottlingException',
    'server-error': 'InternalServerException',
    unreachable: 'TimeoutError',
  }[kind];
  return {
    kind: 'trouble',
    trouble: kind,
    action,
    resourceArn: ARN,
    endpoint: 'https://proton.example',
    errorName,
    message: `words of ${kind}`,
  };
}
const TROUBLES: Trouble['trouble'][] = ['denied', 'refused', 'throttled', 'server-error', 'unreachable'];

/** Where a cancellation may stand when it looks. */
const FINDING = BEGINNING;
const TO_CANCEL: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x', lastSeen: 'IN_PROGRESS' };
const IN_DOUBT: Progress = { ...TO_CANCEL, requested: true, cancelReachedNewer: true };
const AWAITING: Progress = { next: STEPS.AWAIT, waitSeconds: 2, pinnedDeploymentId: 'x', lastSeen: 'CANCELLING' };
const REQUESTED: Progress = { ...AWAITING, requested: true };
const SUPERSEDED: Progress = { ...REQUESTED, supersededBy: 'y' };

/** Every end of every path must pass here. */
function resultOf(progress: Progress): NonNullable<Progress['result']> {
  expect(progress.next).toBe(STEPS.END);
  expect(progress.waitSeconds).toBe(0);
  const { result } = progress;
  if (!result) throw new Error('an end without a result');
  expect(result.reason).toMatch(/^(?![A-Z]|.*\.$)[^\n\r]+$/);
  expect(result.reason).not.toMatch(/undefined|null|NaN|\[object/);
  expect(result.attributes.outcome).toBe(result.outcome);
  expect(result.attributes.deploymentStatus).not.toBe('');
  expect(result.attributes.deploymentId).toBe(progress.pinnedDeploymentId);
  return result;
}

/** What a decision comes to, in a word: a step, SEND where a cancel is sent at once, or an outcome. */
function cameTo(kept: Progress, after: Progress, sighting: Sighting): string {
  if (after.next === STEPS.END) return resultOf(after).outcome;
  expect(after.result).toBeUndefined();
  expect(after.waitSeconds).toBeGreaterThanOrEqual(0);
  return mayCancel(kept, after, sighting) ? 'SEND' : after.next;
}

/** A row a phase, a column a place to stand: what the deployment that is meant leads to. */
const TABLE = `
                FINDING            TO_CANCEL          IN_DOUBT         AWAITING           REQUESTED        SUPERSEDED
IN_PROGRESS     CANCEL             SEND               SEND             AWAIT              AWAIT            AWAIT
UNKNOWN         CANCEL             CANCEL             CANCEL           AWAIT              AWAIT            AWAIT
CANCELLING      AWAIT              AWAIT              AWAIT            AWAIT              AWAIT            AWAIT
DELETING        AWAIT              AWAIT              AWAIT            AWAIT              AWAIT            AWAIT
CANCELLED       NOTHING_TO_CANCEL  CANCELLED          CANCELLED        CANCELLED          CANCELLED        SUPERSEDED
COMPLETED       NOTHING_TO_CANCEL  COMPLETED_FIRST    COMPLETED_FIRST  COMPLETED_FIRST    COMPLETED_FIRST  SUPERSEDED
FAILED          NOTHING_TO_CANCEL  NOTHING_TO_CANCEL  CANCEL_FAILED    NOTHING_TO_CANCEL  CANCEL_FAILED    SUPERSEDED
DELETION_OVER   NOTHING_TO_CANCEL  NOTHING_TO_CANCEL  SUPERSEDED       NOTHING_TO_CANCEL  SUPERSEDED       SUPERSEDED
ENDING          AWAIT              AWAIT              AWAIT            AWAIT              AWAIT            AWAIT
SUPERSEDED      NOTHING_TO_CANCEL  SUPERSEDED         SUPERSEDED       SUPERSEDED         SUPERSEDED       SUPERSEDED
NOT_CANCELLABLE REFUSED            AWAIT              AWAIT            AWAIT              AWAIT            AWAIT
missing         NOT_FOUND          NOTHING_TO_CANCEL  SUPERSEDED       NOTHING_TO_CANCEL  SUPERSEDED       SUPERSEDED
`;

const PLACES: Readonly<Record<string, Progress>> = { FINDING, TO_CANCEL, IN_DOUBT, AWAITING, REQUESTED, SUPERSEDED };

interface Cell {
  readonly place: string;
  readonly row: string;
  readonly expected: string;
}

function cells(table: string): Cell[] {
  const [head, ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([row, ...columns]) =>
    columns.map((expected, index) => ({ place: head![index]!, row: row!, expected })),
  );
}

const CELLS = cells(TABLE);
const SEEN_CELLS = CELLS.filter(({ row }) => row !== 'missing') as (Cell & { row: Phase })[];
const isStep = (word: string) => ['SEND', ...Object.values<string>(STEPS)].includes(word);

describe('what follows from a look', () => {
  test('the table holds every phase at every place', () => {
    expect(new Set(CELLS.map(({ row }) => row))).toEqual(new Set([...PHASES, 'missing']));
    expect(CELLS).toHaveLength((PHASES.length + 1) * Object.keys(PLACES).length);
  });

  test.each(CELLS)('$place and $row leads to $expected', ({ place, row, expected }) => {
    const sighting = row === 'missing' ? MISSING : seen(row as Phase);
    const after = afterLook(PLACES[place]!, sighting, IN_TIME);
    expect(cameTo(PLACES[place]!, after, sighting)).toBe(expected);
    if (expected !== 'NOT_FOUND')
      expect(after.pinnedDeploymentId).toBe(place === 'FINDING' && row === 'missing' ? undefined : 'x');
    if (after.next === STEPS.END) {
      const { attributes, failed } = resultOf(after);
      const status = row === 'missing' ? 'DELETE_COMPLETE' : STATUS[row as Phase];
      expect(attributes.deploymentStatus).toBe(expected === 'NOT_FOUND' ? 'UNKNOWN' : status);
      expect(attributes.name).toBe(row === 'missing' ? undefined : 'web-prod');
      expect(failed).toBe(expected === 'NOT_FOUND' || expected === 'REFUSED');
    } else {
      expect(after.lastSeen).toBe(STATUS[row as Phase]);
    }
  });

  test.each(CELLS)('$place and $row with the deadline passed is the end', ({ place, row, expected }) => {
    const sighting = row === 'missing' ? MISSING : seen(row as Phase);
    const after = afterLook(PLACES[place]!, sighting, TOO_LATE);
    const { outcome, failed, attributes } = resultOf(after);
    expect(outcome).toBe(isStep(expected) ? 'TIMED_OUT' : expected);
    if (isStep(expected)) {
      expect(failed).toBe(true);
      expect(attributes).toMatchObject({ deploymentStatus: STATUS[row as Phase], name: 'web-prod' });
    }
  });

  describe('a service that names no deployment', () => {
    const nameless = ({ pinnedDeploymentId: _, ...place }: Progress): Progress => place;

    test.each(SEEN_CELLS.filter(({ place }) => place !== 'SUPERSEDED'))(
      '$place and $row leads to $expected all the same',
      ({ place, row, expected }) => {
        const sighting = { ...seen(row), deploymentId: undefined };
        const before = nameless(PLACES[place]!);
        const after = afterLook(before, sighting, IN_TIME);
        expect(cameTo(before, after, sighting)).toBe(expected);
        expect(after.pinnedDeploymentId).toBeUndefined();
        if (after.next === STEPS.END) expect(resultOf(after).reason).toContain(`the deployment of ${SUBJECT}`);
      },
    );

    test.each(SEEN_CELLS.filter(({ place }) => place !== 'SUPERSEDED'))(
      '$place and $row that names one at last pins it, which the state machine is told before anything is cancelled',
      ({ place, row, expected }) => {
        const before = nameless(PLACES[place]!);
        const after = afterLook(before, seen(row), IN_TIME);
        expect(cameTo(before, after, seen(row))).toBe(expected === 'SEND' ? 'CANCEL' : expected);
        expect(after.pinnedDeploymentId).toBe('x');
        expect(after.supersededBy).toBeUndefined();
      },
    );
  });

  const PINNED = ['TO_CANCEL', 'IN_DOUBT', 'AWAITING', 'REQUESTED'] as const;
  const pinnedAndPhase = PINNED.flatMap((place) => PHASES.map((row) => ({ place, row })));

  test.each(pinnedAndPhase)(
    '$place and $row of a newer deployment is neither an end nor cancelled',
    ({ place, row }) => {
      const after = afterLook(PLACES[place]!, seen(row, 'y'), IN_TIME);
      expect(cameTo(PLACES[place]!, after, seen(row, 'y'))).toBe('AWAIT');
      expect(after).toMatchObject({ pinnedDeploymentId: 'x', supersededBy: 'y', waitSeconds: 0 });
      expect(after.lastSeen).toBe(PLACES[place]!.lastSeen);
    },
  );

  test.each(pinnedAndPhase)(
    '$place and $row of a newer deployment past the deadline tells of the older',
    ({ place, row }) => {
      const { outcome, reason, attributes } = resultOf(afterLook(PLACES[place]!, seen(row, 'y'), TOO_LATE));
      expect(outcome).toBe('TIMED_OUT');
      expect(attributes).toEqual({ outcome, deploymentId: 'x', deploymentStatus: PLACES[place]!.lastSeen });
      expect(reason).toContain(`deployment x of ${SUBJECT} was last seen as ${PLACES[place]!.lastSeen}`);
      expect(reason).toContain('a newer deployment, y, has taken its place');
    },
  );

  test.each(pinnedAndPhase)('$place and $row of a deployment without a name says nothing', ({ place, row }) => {
    const before = PLACES[place]!;
    const sighting = { ...seen(row), deploymentId: undefined };
    const after = afterLook(before, sighting, IN_TIME);
    expect(cameTo(before, after, sighting)).toBe(before.next);
    expect(after).toEqual({ ...before, waitSeconds: expect.any(Number) });
    expect(resultOf(afterLook(before, sighting, TOO_LATE)).attributes).toEqual({
      outcome: 'TIMED_OUT',
      deploymentId: 'x',
      deploymentStatus: before.lastSeen,
    });
  });

  test('the record of a superseded deployment that is gone leaves it unknown how it ended', () => {
    const { attributes, reason } = resultOf(
      afterLook(SUPERSEDED, { kind: 'missing', deploymentStatus: 'UNKNOWN' }, IN_TIME),
    );
    expect(attributes).toEqual({ outcome: 'SUPERSEDED', deploymentId: 'x', deploymentStatus: 'UNKNOWN' });
    expect(reason).toBe(
      `how deployment x of ${SUBJECT} ended cannot be known any more: last seen as CANCELLING; a newer deployment, y, has taken its place`,
    );
  });

  const IDLE: Sighting = { kind: 'idle' };

  test('what has never been deployed has nothing to cancel', () => {
    const { outcome, failed, reason, attributes } = resultOf(afterLook(BEGINNING, IDLE, IN_TIME));
    expect({ outcome, failed, reason }).toEqual({
      outcome: 'NOTHING_TO_CANCEL',
      failed: false,
      reason: `nothing to cancel: ${SUBJECT} has no deployment`,
    });
    expect(attributes).toEqual({ outcome, deploymentStatus: 'UNKNOWN', deploymentId: undefined });
  });

  test('nothing to cancel where nothing was deployed is a failure if failOn names it', () => {
    const { failed, reason } = resultOf(afterLook(BEGINNING, IDLE, at(0, { failOn: ['NOTHING_TO_CANCEL'] })));
    expect(failed).toBe(true);
    expect(reason).toContain('; failOn names NOTHING_TO_CANCEL');
  });

  test('a guard is armed where nothing has been deployed yet', () => {
    const { outcome, attributes } = resultOf(afterLook(BEGINNING, IDLE, { ...IN_TIME, onlyLook: true }));
    expect({ outcome, deploymentId: attributes.deploymentId }).toEqual({ outcome: 'ARMED', deploymentId: '' });
  });

  test.each(['TO_CANCEL', 'IN_DOUBT', 'AWAITING', 'REQUESTED', 'SUPERSEDED'])(
    '%s of which no trace is left is the end all the same',
    (place) => {
      expect(resultOf(afterLook(PLACES[place]!, IDLE, IN_TIME)).attributes.deploymentStatus).toBe('UNKNOWN');
    },
  );

  test('what cannot be cancelled is named by its status, and nothing was cancelled', () => {
    const { reason } = resultOf(afterLook(BEGINNING, seen('NOT_CANCELLABLE'), IN_TIME));
    expect(reason).toBe(
      `what is CREATE_IN_PROGRESS cannot be cancelled, and nothing was; deployment x of ${SUBJECT} was last seen as CREATE_IN_PROGRESS`,
    );
  });

  test('what cannot be cancelled for another reason than its status says for which', () => {
    const obstacle = 'a nested stack cannot be cancelled';
    const { reason } = resultOf(afterLook(BEGINNING, { ...seen('NOT_CANCELLABLE'), obstacle }, IN_TIME));
    expect(reason).toContain(`${obstacle}, and nothing was; deployment x of ${SUBJECT} was last seen`);
  });

  test('what the service itself has let give way says so', () => {
    const { reason } = resultOf(afterLook(REQUESTED, seen('SUPERSEDED'), IN_TIME));
    expect(reason).toBe(`deployment x of ${SUBJECT} gave way to a newer one, and ended as Superseded`);
  });

  test('a cancellation by somebody else counts as requested', () => {
    expect(afterLook(BEGINNING, seen('CANCELLING'), IN_TIME)).toMatchObject({ next: STEPS.AWAIT, requested: true });
  });

  test('a deployment that is cancelled after all has been reached by the cancellation', () => {
    expect(afterLook(IN_DOUBT, seen('CANCELLING'), IN_TIME).cancelReachedNewer).toBe(false);
    expect(afterLook(IN_DOUBT, seen('IN_PROGRESS'), IN_TIME).cancelReachedNewer).toBe(true);
  });
});

describe('mayCancel', () => {
  const everything = PHASES.flatMap((phase) =>
    [...Object.values(STEPS)].flatMap((keptNext) =>
      [...Object.values(STEPS)].flatMap((next) =>
        ['x', 'y', undefined].flatMap((pinned) =>
          ['x', 'y', undefined].map((shown) => ({ phase, keptNext, next, pinned, shown })),
        ),
      ),
    ),
  );

  test('only in the step of that name, and only for the deployment that was pinned before it', () => {
    const allowed = everything.filter(({ phase, keptNext, next, pinned, shown }) =>
      mayCancel(
        { next: keptNext, waitSeconds: 0, pinnedDeploymentId: pinned },
        { next, waitSeconds: 0, pinnedDeploymentId: pinned ?? shown },
        { ...seen(phase), deploymentId: shown },
      ),
    );
    expect(allowed).toEqual(
      [['x'], ['y'], [undefined]].map(([id]) => ({
        phase: 'IN_PROGRESS',
        keptNext: 'CANCEL',
        next: 'CANCEL',
        pinned: id,
        shown: id,
      })),
    );
  });

  test.each<[string, Sighting]>([
    ['missing', MISSING],
    ...TROUBLES.map((kind): [string, Sighting] => [kind, trouble(kind)]),
  ])('never after %s', (_, sighting) => {
    expect(mayCancel(TO_CANCEL, TO_CANCEL, sighting)).toBe(false);
  });
});

describe('what follows from a look that brings trouble', () => {
  /** What a trouble leads to: in time, and with the deadline passed. STAY is the same step again, after a while. */
  const ENDS = {
    denied: ['ACCESS_DENIED', 'ACCESS_DENIED'],
    refused: ['REFUSED', 'REFUSED'],
    throttled: ['STAY', 'TIMED_OUT'],
    'server-error': ['STAY', 'TIMED_OUT'],
    unreachable: ['STAY', 'UNAVAILABLE'],
  } as const satisfies Record<Trouble['trouble'], readonly [string, string]>;

  const cases = Object.keys(PLACES).flatMap((place) =>
    TROUBLES.flatMap((kind) => [
      { place, kind, late: false, expected: ENDS[kind][0] },
      { place, kind, late: true, expected: ENDS[kind][1] },
    ]),
  );

  test.each(cases)('$place, $kind, past the deadline: $late leads to $expected', ({ place, kind, late, expected }) => {
    const before = PLACES[place]!;
    const after = afterLook(before, trouble(kind), late ? TOO_LATE : IN_TIME);
    if (expected === 'STAY') {
      expect(after).toEqual({
        ...before,
        troubles: 1,
        lastTrouble: expect.stringContaining(`words of ${kind}`),
        unreachableSince: kind === 'unreachable' ? IN_TIME.now : undefined,
        waitSeconds: 0.75,
      });
      return;
    }
    const { outcome, failed, reason, attributes } = resultOf(after);
    expect({ outcome, failed }).toEqual({ outcome: expected, failed: true });
    expect(attributes).toEqual({
      outcome,
      deploymentId: before.pinnedDeploymentId,
      deploymentStatus: before.lastSeen ?? 'UNKNOWN',
    });
    expect(reason).toContain(before.lastSeen ? `was last seen as ${before.lastSeen}` : 'was never seen');
    expect(reason).toContain(before.pinnedDeploymentId ? `deployment x of ${SUBJECT}` : `the deployment of ${SUBJECT}`);
  });

  test('what is not allowed is named by action and arn', () => {
    expect(resultOf(afterLook(AWAITING, trouble('denied'), IN_TIME)).reason).toBe(
      `not allowed to call ${LOOK} on ${ARN}; allow it to the role of the deployment function, in every policy that applies; ${HINT}; deployment x of ${SUBJECT} was last seen as CANCELLING`,
    );
  });

  test('where nobody answers, the endpoint and the hint are named', () => {
    const after = afterLook({ ...BEGINNING, unreachableSince: IN_TIME.now - 60_000 }, trouble('unreachable'), IN_TIME);
    expect(resultOf(after)).toMatchObject({
      outcome: 'UNAVAILABLE',
      reason: `https://proton.example gave no usable answer to ${LOOK}; ${HINT}; TimeoutError: words of unreachable; the deployment of ${SUBJECT} was never seen`,
    });
  });

  test.each(Object.keys(PLACES))('at %s nobody answers for a minute before the service is unavailable', (place) => {
    const before = { ...PLACES[place]!, unreachableSince: START, troubles: 7 };
    expect(afterLook(before, trouble('unreachable'), at(59_999)).next).toBe(before.next);
    expect(resultOf(afterLook(before, trouble('unreachable'), at(60_000))).outcome).toBe('UNAVAILABLE');
  });

  test.each<[string, Sighting]>([
    ['throttled', trouble('throttled')],
    ['server-error', trouble('server-error')],
    ['seen', seen('IN_PROGRESS')],
    ['seen without a name', { ...seen('IN_PROGRESS'), deploymentId: undefined }],
    ['a newer one', seen('IN_PROGRESS', 'y')],
  ])('%s is an answer: the minute starts anew', (_, sighting) => {
    const before = { ...AWAITING, unreachableSince: START };
    expect(afterLook(before, sighting, at(70_000)).unreachableSince).toBeUndefined();
  });

  test('the pauses grow, never past the deadline, and end with the trouble', () => {
    let progress = AWAITING;
    const pauses = Array.from({ length: 8 }, () => {
      progress = afterLook(progress, trouble('throttled'), at(0, {}, 0.999999));
      return progress.waitSeconds;
    });
    expect(pauses).toEqual([1, 2, 4, 8, 16, 20, 20, 20]);
    expect(afterLook(progress, trouble('throttled'), at(1_799_500)).waitSeconds).toBe(0.5);
    expect(afterLook(progress, seen('CANCELLING'), IN_TIME)).toMatchObject({ troubles: 0, lastTrouble: undefined });
  });

  test('a timeout after trouble tells of the last trouble', () => {
    const progress = afterLook(FINDING, trouble('throttled'), IN_TIME);
    expect(resultOf(afterLook(progress, trouble('throttled'), TOO_LATE)).reason).toBe(
      `the timeout of 1800 s has passed; no cancellation is known to have been accepted; the last trouble was ${LOOK}: ThrottlingException: words of throttled; the deployment of ${SUBJECT} was never seen`,
    );
  });
});

describe('what follows from having asked to cancel', () => {
  test.each(PHASES)('an answer for the pinned deployment that says %s is left to the next look', (phase) => {
    const after = afterCancel({ ...IN_DOUBT, troubles: 3, lastTrouble: 'before' }, seen(phase), IN_TIME);
    expect(after).toMatchObject({
      next: STEPS.AWAIT,
      requested: true,
      pinnedDeploymentId: 'x',
      cancelReachedNewer: false,
      lastSeen: STATUS[phase],
      troubles: 0,
      waitSeconds: 2,
    });
    expect(after).not.toHaveProperty('lastTrouble', expect.anything());
    expect(resultOf(afterCancel(TO_CANCEL, seen(phase), TOO_LATE))).toMatchObject({
      outcome: 'TIMED_OUT',
      failed: true,
    });
  });

  test('an answer for a newer deployment is told, and the pinned one is looked after', () => {
    const after = afterCancel(TO_CANCEL, seen('CANCELLING', 'y'), IN_TIME);
    expect(after).toMatchObject({
      next: STEPS.AWAIT,
      waitSeconds: 0,
      pinnedDeploymentId: 'x',
      supersededBy: 'y',
      cancelReachedNewer: true,
      lastSeen: 'IN_PROGRESS',
    });
    expect(resultOf(afterLook(after, { ...seen('COMPLETED'), attributes: {} }, IN_TIME))).toEqual({
      outcome: 'SUPERSEDED',
      failed: false,
      reason: `deployment x of ${SUBJECT} ended as SUCCEEDED; a newer deployment, y, has taken its place, and the cancellation may have reached that one`,
      attributes: { outcome: 'SUPERSEDED', deploymentId: 'x', deploymentStatus: 'SUCCEEDED' },
    });
  });

  test('an answer that names a deployment at last pins it', () => {
    const { pinnedDeploymentId: _, ...nameless } = TO_CANCEL;
    const after = afterCancel(nameless, seen('CANCELLING'), IN_TIME);
    expect(after).toMatchObject({ next: STEPS.AWAIT, pinnedDeploymentId: 'x', cancelReachedNewer: false });
  });

  test.each([
    ['its answer was lost', trouble('unreachable', CANCEL)],
    ['the service failed at it', trouble('server-error', CANCEL)],
    ['its answer names no deployment', { ...seen('CANCELLING'), deploymentId: undefined }],
  ])('a newer deployment may have been reached where %s', (_, answer) => {
    const after = afterLook(afterCancel(TO_CANCEL, answer, IN_TIME), seen('CANCELLING', 'y'), IN_TIME);
    expect(resultOf(afterLook(after, seen('COMPLETED'), IN_TIME)).reason).toContain(
      'a newer deployment, y, has taken its place, and the cancellation may have reached that one',
    );
  });

  test.each([
    ['denied', { outcome: 'ACCESS_DENIED' }],
    ['refused', { requested: undefined, refusals: 1 }],
    ['throttled', { requested: undefined, refusals: undefined }],
    ['server-error', { requested: true, refusals: undefined }],
    ['unreachable', { requested: true, refusals: undefined, unreachableSince: IN_TIME.now }],
  ] as const)('%s is followed by a read, unless there is no point', (kind, expected) => {
    const after = afterCancel(TO_CANCEL, trouble(kind, CANCEL), IN_TIME);
    if ('outcome' in expected) {
      expect(resultOf(after)).toMatchObject({ ...expected, failed: true });
      expect(resultOf(after).reason).toContain(`not allowed to call ${CANCEL} on ${ARN}`);
    } else {
      expect(after).toMatchObject({ next: STEPS.CANCEL, troubles: 1, waitSeconds: 0.75 });
      const { requested, refusals, unreachableSince } = after;
      expect({ requested, refusals, unreachableSince }).toEqual({ unreachableSince: undefined, ...expected });
    }
    const late = resultOf(afterCancel(TO_CANCEL, trouble(kind, CANCEL), TOO_LATE));
    expect(late.outcome).toBe({ denied: 'ACCESS_DENIED', unreachable: 'UNAVAILABLE' }[kind as string] ?? 'TIMED_OUT');
  });

  describe('a refusal', () => {
    const refusedOnce = afterCancel(TO_CANCEL, trouble('refused', CANCEL), IN_TIME);

    test.each([
      ['it is cancelling already', seen('CANCELLING'), 'AWAIT'],
      ['it has finished meanwhile', seen('COMPLETED'), 'COMPLETED_FIRST'],
      ['it has been cancelled meanwhile', seen('CANCELLED'), 'CANCELLED'],
      ['it has failed meanwhile', seen('FAILED'), 'NOTHING_TO_CANCEL'],
      ['it is gone', MISSING, 'NOTHING_TO_CANCEL'],
      ['another has taken its place', seen('IN_PROGRESS', 'y'), 'AWAIT'],
      ['it is still in progress', seen('IN_PROGRESS'), 'SEND'],
    ])('is decided by the read after it: %s', (_, sighting, expected) => {
      expect(cameTo(refusedOnce, afterLook(refusedOnce, sighting, IN_TIME), sighting)).toBe(expected);
    });

    /** Refused, and still in progress by the read after it, so many times. */
    const refusedTimes = (times: number): Progress => {
      let progress = TO_CANCEL;
      for (let i = 0; i < times; i++) {
        progress = afterCancel(afterLook(progress, seen('IN_PROGRESS'), IN_TIME), trouble('refused', CANCEL), IN_TIME);
      }
      return progress;
    };

    test('is final with the third, if the read after that says that it is still in progress', () => {
      expect(cameTo(TO_CANCEL, afterLook(refusedTimes(2), seen('IN_PROGRESS'), IN_TIME), seen('IN_PROGRESS'))).toBe(
        'SEND',
      );
      expect(resultOf(afterLook(refusedTimes(3), seen('IN_PROGRESS'), IN_TIME))).toEqual({
        outcome: 'REFUSED',
        failed: true,
        reason: `the service refused ${CANCEL}: ConflictException: words of refused; deployment x of ${SUBJECT} was last seen as IN_PROGRESS`,
        attributes: { outcome: 'REFUSED', deploymentId: 'x', deploymentStatus: 'IN_PROGRESS' },
      });
      expect(resultOf(afterLook(refusedTimes(3), seen('COMPLETED'), IN_TIME)).outcome).toBe('COMPLETED_FIRST');
    });

    test('keeps its own words, whatever trouble the read after it has', () => {
      const throttled = afterLook(refusedTimes(3), trouble('throttled'), IN_TIME);
      expect(throttled.next).toBe(STEPS.CANCEL);
      expect(resultOf(afterLook(throttled, seen('IN_PROGRESS'), IN_TIME)).reason).toContain(
        `the service refused ${CANCEL}: ConflictException: words of refused;`,
      );
    });

    test('of the read itself is final at once', () => {
      expect(resultOf(afterLook(TO_CANCEL, trouble('refused'), IN_TIME)).reason).toContain(`refused ${LOOK}:`);
    });
  });

  test('trouble with the cancel goes on counting through reads that succeed', () => {
    let progress = TO_CANCEL;
    const pauses = Array.from({ length: 5 }, () => {
      progress = afterCancel(afterLook(progress, seen('IN_PROGRESS'), IN_TIME), trouble('throttled', CANCEL), IN_TIME);
      return progress.waitSeconds;
    });
    expect(pauses).toEqual([0.75, 1.5, 3, 6, 12]);
    expect(resultOf(afterLook(progress, seen('IN_PROGRESS'), TOO_LATE)).reason).toBe(
      `the timeout of 1800 s has passed; no cancellation is known to have been accepted; the last trouble was ${CANCEL}: ThrottlingException: words of throttled; deployment x of ${SUBJECT} was last seen as IN_PROGRESS`,
    );
  });
});

describe('the policy', () => {
  const endings: [Outcome, Progress, Sighting][] = [
    ['CANCELLED', REQUESTED, seen('CANCELLED')],
    ['COMPLETED_FIRST', REQUESTED, seen('COMPLETED')],
    ['CANCEL_FAILED', REQUESTED, seen('FAILED')],
    ['NOTHING_TO_CANCEL', BEGINNING, seen('COMPLETED')],
    ['SUPERSEDED', SUPERSEDED, seen('COMPLETED')],
  ];

  test('every known end can be reached', () => {
    expect(new Set(endings.map(([outcome]) => outcome))).toEqual(new Set(KNOWN_ENDS));
  });

  test.each(endings)('%s fails exactly where failOn names it', (outcome, progress, sighting) => {
    for (const named of KNOWN_ENDS) {
      const result = resultOf(afterLook(progress, sighting, at(5_000, { failOn: [named] })));
      expect(result).toMatchObject({ outcome, failed: named === outcome });
      expect(result.reason.endsWith(`; failOn names ${outcome}`)).toBe(named === outcome);
    }
    expect(resultOf(afterLook(progress, sighting, at(5_000, { failOn: KNOWN_ENDS }))).failed).toBe(true);
    expect(resultOf(afterLook(progress, sighting, at(5_000, { failOn: [] }))).failed).toBe(false);
  });

  test.each([
    [
      'fail',
      true,
      `${SUBJECT} was not found; check its names, the region and the account, or set onNotFound to succeed`,
    ],
    ['succeed', false, `${SUBJECT} was not found`],
  ] as const)('onNotFound %s', (onNotFound, failed, reason) => {
    const after = afterLook(BEGINNING, MISSING, at(0, { onNotFound, failOn: KNOWN_ENDS }));
    expect(resultOf(after)).toMatchObject({ outcome: 'NOT_FOUND', failed, reason });
  });

  test('the timeout is the policy’s own', () => {
    expect(afterLook(AWAITING, seen('CANCELLING'), at(59_999, { timeoutSeconds: 60 })).waitSeconds).toBe(0.001);
    expect(resultOf(afterLook(AWAITING, seen('CANCELLING'), at(60_000, { timeoutSeconds: 60 }))).reason).toContain(
      'the timeout of 60 s has passed',
    );
  });
});

describe('the sentences', () => {
  test.each<[Progress, Sighting, string]>([
    [REQUESTED, seen('CANCELLED'), `deployment x of ${SUBJECT} is CANCELLED`],
    [REQUESTED, seen('COMPLETED'), `deployment x of ${SUBJECT} ended as SUCCEEDED before a cancellation took hold`],
    [REQUESTED, seen('FAILED'), `the cancellation of deployment x of ${SUBJECT} failed: it ended as FAILED`],
    [BEGINNING, seen('FAILED'), `nothing to cancel: deployment x of ${SUBJECT} had ended as FAILED`],
    [
      TO_CANCEL,
      seen('FAILED'),
      `deployment x of ${SUBJECT} ended as FAILED, and no cancellation of it is known to have been accepted`,
    ],
    [REQUESTED, MISSING, `deployment x of ${SUBJECT} gave way to a deletion, which ended as DELETE_COMPLETE`],
    [
      SUPERSEDED,
      seen('CANCELLED'),
      `deployment x of ${SUBJECT} ended as CANCELLED; a newer deployment, y, has taken its place`,
    ],
  ])('%#', (progress, sighting, reason) => {
    expect(resultOf(afterLook(progress, sighting, IN_TIME)).reason).toBe(reason);
  });
});

describe('a clock that jumps', () => {
  test('back, before the beginning: looks on at a young deployment’s pace', () => {
    expect(afterLook(AWAITING, seen('CANCELLING'), at(-3_600_000)).waitSeconds).toBe(2);
    expect(afterLook({ ...AWAITING, unreachableSince: START }, trouble('unreachable'), at(-3_600_000)).next).toBe(
      STEPS.AWAIT,
    );
  });

  test('ahead, past the deadline: what is seen is the end', () => {
    expect(resultOf(afterLook(AWAITING, seen('CANCELLED'), at(86_400_000))).outcome).toBe('CANCELLED');
  });
});

describe('every sequence of answers', () => {
  const looks: Sighting[] = [
    ...(['IN_PROGRESS', 'UNKNOWN', 'CANCELLING', 'COMPLETED'] as const).flatMap((phase) =>
      ['x', 'y', undefined].map((id): Seen => ({ ...seen(phase), deploymentId: id })),
    ),
    MISSING,
    trouble('refused'),
    trouble('server-error'),
    trouble('unreachable'),
  ];
  const answers: (Seen | Trouble)[] = [
    ...['x', 'y', undefined].map((id): Seen => ({ ...seen('CANCELLING'), deploymentId: id })),
    trouble('refused', CANCEL),
    trouble('unreachable', CANCEL),
  ];

  /** Walks them all as `run` does: each step may be cut off after any look, and taken again from what was kept. */
  function walk(
    kept: Progress,
    progress: Progress,
    depth: number,
    visit: (sent: boolean, to: Progress, by: Sighting) => void,
  ) {
    for (const sighting of depth === 0 ? [] : looks) {
      const looked = afterLook(progress, sighting, IN_TIME);
      const sends = mayCancel(kept, looked, sighting);
      for (const after of sends ? answers.map((answer) => afterCancel(looked, answer, IN_TIME)) : [looked]) {
        visit(sends, after, sighting);
        if (after.next === STEPS.END) continue;
        walk(after, after, depth - 1, visit);
        const within = after.next === kept.next && after.pinnedDeploymentId === kept.pinnedDeploymentId;
        // A step that goes on by itself keeps what it began with.
        if (within && kept !== after) walk(kept, after, depth - 1, visit);
      }
    }
  }

  test('cancels only what the read right before shows in progress under the pinned name, and never changes the pin', () => {
    const outcomes = new Set<Outcome>();
    let sent = 0;
    const broken: unknown[] = [];
    for (const pinned of ['x', undefined]) {
      const start: Progress = {
        next: STEPS.CANCEL,
        waitSeconds: 0,
        pinnedDeploymentId: pinned,
        lastSeen: 'IN_PROGRESS',
      };
      walk(start, start, 4, (sends, after, by) => {
        if (sends) sent++;
        const shown = by.kind === 'seen' ? by : undefined;
        const wrong =
          (sends && (shown?.phase !== 'IN_PROGRESS' || (pinned !== undefined && shown.deploymentId !== pinned))) ||
          (pinned !== undefined && after.pinnedDeploymentId !== pinned) ||
          (after.supersededBy !== undefined && after.supersededBy === after.pinnedDeploymentId) ||
          (after.next === STEPS.END && !/^[a-z](?!.*\.$)[^\n]*$/.test(after.result?.reason ?? ''));
        if (wrong) broken.push({ sends, after, by });
        if (after.result) outcomes.add(after.result.outcome);
      });
    }
    expect(broken.slice(0, 3)).toEqual([]);
    expect(sent).toBeGreaterThan(1_000);
    expect([...outcomes].sort()).toEqual(['COMPLETED_FIRST', 'NOTHING_TO_CANCEL', 'REFUSED', 'SUPERSEDED']);
  });
});

test('the steps are what the tests take them for', () => {
  expect(Object.values<Step>(STEPS)).toEqual(['FIND', 'CANCEL', 'AWAIT', 'END']);
});

describe('for a guard', () => {
  const arming: Circumstances = { ...IN_TIME, onlyLook: true };
  const leaving = (leaveAlone: string): Circumstances => ({ ...IN_TIME, leaveAlone });
  const unnamed = (phase: Phase): Seen => ({ ...seen(phase), deploymentId: undefined });

  test.each(PHASES)('only looking ends at once with the id of what was found, in %s', (phase) => {
    const result = resultOf(afterLook(FINDING, seen(phase), arming));
    expect(result).toMatchObject({ outcome: 'ARMED', failed: false, attributes: { deploymentId: 'x' } });
  });

  test('only looking knows that there is no deployment where there is nothing', () => {
    const result = resultOf(afterLook(FINDING, MISSING, arming));
    expect(result).toMatchObject({ outcome: 'ARMED', failed: false, attributes: { deploymentId: '' } });
  });

  test('only looking knows no id where the service gives none', () => {
    expect(resultOf(afterLook(FINDING, unnamed('IN_PROGRESS'), arming)).attributes.deploymentId).toBeUndefined();
  });

  test.each(PHASES)('what is to be left alone is left alone as long as it is not over, in %s', (phase) => {
    const over = OVER.includes(phase);
    const after = afterLook(FINDING, seen(phase), leaving('x'));
    expect(resultOf(after)).toMatchObject({ outcome: over ? 'NOTHING_TO_CANCEL' : 'LEFT_ALONE', failed: false });
  });

  test('what has no id is left alone, since it may be what is to be left', () => {
    expect(resultOf(afterLook(FINDING, unnamed('IN_PROGRESS'), leaving('other'))).outcome).toBe('LEFT_ALONE');
    expect(resultOf(afterLook(FINDING, unnamed('IN_PROGRESS'), leaving(''))).outcome).toBe('LEFT_ALONE');
  });

  test.each(['other', ''])('anything but %p is cancelled as ever', (leaveAlone) => {
    const found = afterLook(FINDING, seen('IN_PROGRESS'), leaving(leaveAlone));
    expect(cameTo(FINDING, found, seen('IN_PROGRESS'))).toBe('CANCEL');
    expect(cameTo(TO_CANCEL, afterLook(TO_CANCEL, seen('IN_PROGRESS'), leaving(leaveAlone)), seen('IN_PROGRESS'))).toBe(
      'SEND',
    );
  });
});

describe('for an event, which may come late or twice', () => {
  /** It happened ten minutes before the execution that it started. */
  const HAPPENED = START - 600_000;
  const asking: Circumstances = { ...IN_TIME, askedAt: HAPPENED };
  const startedAt = (time: number | undefined, phase: Phase = 'IN_PROGRESS'): Seen => ({
    ...seen(phase),
    startedAt: time,
  });

  test.each<[string, number | undefined, string]>([
    ['long before it', HAPPENED - 3_600_000, 'CANCEL'],
    ['just before it', HAPPENED - 1, 'CANCEL'],
    ['in the same moment', HAPPENED, 'CANCEL'],
    ['within the second that the time of an event is cut to', HAPPENED + 999, 'CANCEL'],
    ['as much later as clocks may differ', HAPPENED + CLOCK_TOLERANCE, 'CANCEL'],
    ['later than that', HAPPENED + CLOCK_TOLERANCE + 1, 'LEFT_ALONE'],
    ['when the event was delivered', START, 'LEFT_ALONE'],
    ['in what is the future here, by a clock that is ahead', START + 3_600_000, 'LEFT_ALONE'],
    ['at the beginning of time', 0, 'CANCEL'],
    ['at a time that is none', Number.NaN, 'LEFT_ALONE'],
    ['at a time that the service does not tell', undefined, 'LEFT_ALONE'],
  ])('a deployment that started %s', (_when, time, expected) => {
    const found = startedAt(time);
    expect(cameTo(FINDING, afterLook(FINDING, found, asking), found)).toBe(expected);
  });

  test.each(PHASES)('what started after it is left alone as long as it is not over, in %s', (phase) => {
    const over = OVER.includes(phase);
    const after = afterLook(FINDING, startedAt(START, phase), asking);
    expect(resultOf(after)).toMatchObject({ outcome: over ? 'NOTHING_TO_CANCEL' : 'LEFT_ALONE', failed: false });
  });

  test('the reason says which was left alone, and both times', () => {
    expect(resultOf(afterLook(FINDING, startedAt(START), asking)).reason).toBe(
      `deployment x of ${SUBJECT} was left alone: it started at 2026-10-01T00:00:00.000Z, after a cancellation was asked for, at 2026-09-30T23:50:00.000Z`,
    );
    expect(resultOf(afterLook(FINDING, startedAt(undefined), asking)).reason).toBe(
      `deployment x of ${SUBJECT} was left alone: it is not known to have been in flight when a cancellation was asked for, at 2026-09-30T23:50:00.000Z`,
    );
  });

  test('trouble with the first look does not make the next one less careful', () => {
    const troubled = afterLook(FINDING, trouble('throttled'), asking);
    expect(resultOf(afterLook(troubled, startedAt(START), asking)).outcome).toBe('LEFT_ALONE');
  });

  test('one that takes the place of the pinned one after the first look is waited past, and never cancelled', () => {
    const pinned = afterLook(FINDING, startedAt(HAPPENED - 60_000), asking);
    const newer: Seen = { ...startedAt(START), deploymentId: 'y' };
    const after = afterLook(pinned, newer, asking);
    expect(cameTo(pinned, after, newer)).toBe('AWAIT');
    expect(after).toMatchObject({ pinnedDeploymentId: 'x', supersededBy: 'y' });
  });

  test('without the time of an event, it does not matter when a deployment started', () => {
    const found = startedAt(START);
    expect(cameTo(FINDING, afterLook(FINDING, found, IN_TIME), found)).toBe('CANCEL');
  });

  test('an earlier deployment is left alone for a guard, whenever it started', () => {
    const found = startedAt(HAPPENED - 60_000);
    const { reason } = resultOf(afterLook(FINDING, found, { ...asking, leaveAlone: 'x' }));
    expect(reason).toContain('not known to have started after the guard was armed');
  });
});

import * as decide from '../../../../lambda/deployment/engine/decide';
import { CLOCK_TOLERANCE, INITIAL_PROGRESS, mayCancel } from '../../../../lambda/deployment/engine/decide';
import type { DecisionContext } from '../../../../lambda/deployment/engine/decision-context';
import type { CallError, Found, Phase, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { withResult } from '../../../../lambda/deployment/engine/result';
import {
  type CancellationSettings,
  type Outcome,
  type Progress,
  STEPS,
  type Step,
  TERMINAL_OUTCOMES,
} from '../../../../lib/contract/cancellation';

const START = Date.UTC(2026, 9, 1);
const SUBJECT = 'service instance web/web-prod';
const HINT = 'a hint about the service';

const POLICY: CancellationSettings = {
  timeoutSeconds: 1800,
  failOn: [],
  onNotFound: 'fail',
  includeStatusMessage: false,
};

function at(elapsedMs: number, settings: Partial<CancellationSettings> = {}, random = 0.5): DecisionContext {
  return {
    settings: { ...POLICY, ...settings },
    displayName: SUBJECT,
    unavailableHint: HINT,
    startedAt: START,
    now: START + elapsedMs,
    random,
  };
}

/** The decisions with their ends rendered, as `run` keeps them. */
const afterRead = (progress: Progress, read: ReadResult, context: DecisionContext): Progress =>
  withResult(decide.afterRead(progress, read, context), context);
const afterCancel = (progress: Progress, answer: Found | CallError, context: DecisionContext): Progress =>
  withResult(decide.afterCancel(progress, answer, context), context);

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

function found(phase: Phase, deploymentId: string | undefined = 'x'): Found {
  return {
    kind: 'found',
    phase,
    deploymentStatus: STATUS[phase],
    deploymentId,
    attributes: { name: 'web-prod', deploymentStatusMessage: `message of ${deploymentId}` },
  };
}

const MISSING: ReadResult = { kind: 'not-found', deploymentStatus: 'DELETE_COMPLETE' };

const LOOK = 'proton:GetServiceInstance';
const CANCEL = 'proton:CancelServiceInstanceDeployment';
const ARN = 'arn:aws:proton:us-east-1:111122223333:service/web/service-instance/web-prod';

function callError(kind: CallError['errorType'], action = LOOK): CallError {
  const errorName = {
    denied: 'AccessDeniedException',
    rejected: 'ConflictException',
    throttled: 'ThrottlingException',
    'server-error': 'InternalServerException',
    unreachable: 'TimeoutError',
  }[kind];
  return {
    kind: 'error',
    errorType: kind,
    action,
    resourceArn: ARN,
    endpoint: 'https://proton.example',
    errorName,
    message: `words of ${kind}`,
  };
}
const ERROR_TYPES: CallError['errorType'][] = ['denied', 'rejected', 'throttled', 'server-error', 'unreachable'];

/** Where a cancellation may stand when it looks. */
const FINDING = INITIAL_PROGRESS;
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
function cameTo(kept: Progress, after: Progress, read: ReadResult): string {
  if (after.next === STEPS.END) return resultOf(after).outcome;
  expect(after.result).toBeUndefined();
  expect(after.waitSeconds).toBeGreaterThanOrEqual(0);
  return mayCancel(kept, after, read) ? 'SEND' : after.next;
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
not-found       NOT_FOUND          NOTHING_TO_CANCEL  SUPERSEDED       NOTHING_TO_CANCEL  SUPERSEDED       SUPERSEDED
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
const SEEN_CELLS = CELLS.filter(({ row }) => row !== 'not-found') as (Cell & { row: Phase })[];
const isStep = (word: string) => ['SEND', ...Object.values<string>(STEPS)].includes(word);

describe('what follows from a look', () => {
  test('the table holds every phase at every place', () => {
    expect(new Set(CELLS.map(({ row }) => row))).toEqual(new Set([...PHASES, 'not-found']));
    expect(CELLS).toHaveLength((PHASES.length + 1) * Object.keys(PLACES).length);
  });

  test.each(CELLS)('$place and $row leads to $expected', ({ place, row, expected }) => {
    const read = row === 'not-found' ? MISSING : found(row as Phase);
    const after = afterRead(PLACES[place]!, read, IN_TIME);
    expect(cameTo(PLACES[place]!, after, read)).toBe(expected);
    if (expected !== 'NOT_FOUND')
      expect(after.pinnedDeploymentId).toBe(place === 'FINDING' && row === 'not-found' ? undefined : 'x');
    if (after.next === STEPS.END) {
      const { attributes, failed } = resultOf(after);
      const status = row === 'not-found' ? 'DELETE_COMPLETE' : STATUS[row as Phase];
      expect(attributes.deploymentStatus).toBe(expected === 'NOT_FOUND' ? 'UNKNOWN' : status);
      expect(attributes.name).toBe(row === 'not-found' ? undefined : 'web-prod');
      expect(failed).toBe(expected === 'NOT_FOUND' || expected === 'REFUSED');
    } else {
      expect(after.lastSeen).toBe(STATUS[row as Phase]);
    }
  });

  test.each(CELLS)('$place and $row with the deadline passed is the end', ({ place, row, expected }) => {
    const read = row === 'not-found' ? MISSING : found(row as Phase);
    const after = afterRead(PLACES[place]!, read, TOO_LATE);
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
        const read = { ...found(row), deploymentId: undefined };
        const before = nameless(PLACES[place]!);
        const after = afterRead(before, read, IN_TIME);
        expect(cameTo(before, after, read)).toBe(expected);
        expect(after.pinnedDeploymentId).toBeUndefined();
        if (after.next === STEPS.END) expect(resultOf(after).reason).toContain(`the deployment of ${SUBJECT}`);
      },
    );

    test.each(SEEN_CELLS.filter(({ place }) => place !== 'SUPERSEDED'))(
      '$place and $row that names one at last pins it, which the state machine is told before anything is cancelled',
      ({ place, row, expected }) => {
        const before = nameless(PLACES[place]!);
        const after = afterRead(before, found(row), IN_TIME);
        expect(cameTo(before, after, found(row))).toBe(expected === 'SEND' ? 'CANCEL' : expected);
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
      const after = afterRead(PLACES[place]!, found(row, 'y'), IN_TIME);
      expect(cameTo(PLACES[place]!, after, found(row, 'y'))).toBe('AWAIT');
      expect(after).toMatchObject({ pinnedDeploymentId: 'x', supersededBy: 'y', waitSeconds: 0 });
      expect(after.lastSeen).toBe(PLACES[place]!.lastSeen);
    },
  );

  test.each(pinnedAndPhase)(
    '$place and $row of a newer deployment past the deadline tells of the older',
    ({ place, row }) => {
      const { outcome, reason, attributes } = resultOf(afterRead(PLACES[place]!, found(row, 'y'), TOO_LATE));
      expect(outcome).toBe('TIMED_OUT');
      expect(attributes).toEqual({ outcome, deploymentId: 'x', deploymentStatus: PLACES[place]!.lastSeen });
      expect(reason).toContain(`deployment x of ${SUBJECT} was last seen as ${PLACES[place]!.lastSeen}`);
      expect(reason).toContain('a newer deployment, y, has taken its place');
    },
  );

  test.each(pinnedAndPhase)('$place and $row of a deployment without a name says nothing', ({ place, row }) => {
    const before = PLACES[place]!;
    const read = { ...found(row), deploymentId: undefined };
    const after = afterRead(before, read, IN_TIME);
    expect(cameTo(before, after, read)).toBe(before.next);
    expect(after).toEqual({ ...before, waitSeconds: expect.any(Number) });
    expect(resultOf(afterRead(before, read, TOO_LATE)).attributes).toEqual({
      outcome: 'TIMED_OUT',
      deploymentId: 'x',
      deploymentStatus: before.lastSeen,
    });
  });

  test('the record of a superseded deployment that is gone leaves it unknown how it ended', () => {
    const { attributes, reason } = resultOf(
      afterRead(SUPERSEDED, { kind: 'not-found', deploymentStatus: 'UNKNOWN' }, IN_TIME),
    );
    expect(attributes).toEqual({ outcome: 'SUPERSEDED', deploymentId: 'x', deploymentStatus: 'UNKNOWN' });
    expect(reason).toBe(
      `how deployment x of ${SUBJECT} ended cannot be known any more: last seen as CANCELLING; a newer deployment, y, has taken its place`,
    );
  });

  const IDLE: ReadResult = { kind: 'never-deployed' };

  test('what has never been deployed has nothing to cancel', () => {
    const { outcome, failed, reason, attributes } = resultOf(afterRead(INITIAL_PROGRESS, IDLE, IN_TIME));
    expect({ outcome, failed, reason }).toEqual({
      outcome: 'NOTHING_TO_CANCEL',
      failed: false,
      reason: `nothing to cancel: ${SUBJECT} has no deployment`,
    });
    expect(attributes).toEqual({ outcome, deploymentStatus: 'UNKNOWN', deploymentId: undefined });
  });

  test('nothing to cancel where nothing was deployed is a failure if failOn names it', () => {
    const { failed, reason } = resultOf(afterRead(INITIAL_PROGRESS, IDLE, at(0, { failOn: ['NOTHING_TO_CANCEL'] })));
    expect(failed).toBe(true);
    expect(reason).toContain('; failOn names NOTHING_TO_CANCEL');
  });

  test('a guard is armed where nothing has been deployed yet', () => {
    const { outcome, attributes } = resultOf(afterRead(INITIAL_PROGRESS, IDLE, { ...IN_TIME, observeOnly: true }));
    expect({ outcome, deploymentId: attributes.deploymentId }).toEqual({ outcome: 'ARMED', deploymentId: '' });
  });

  test.each(['TO_CANCEL', 'IN_DOUBT', 'AWAITING', 'REQUESTED', 'SUPERSEDED'])(
    '%s of which no trace is left is the end all the same',
    (place) => {
      expect(resultOf(afterRead(PLACES[place]!, IDLE, IN_TIME)).attributes.deploymentStatus).toBe('UNKNOWN');
    },
  );

  test('what cannot be cancelled is named by its status, and nothing was cancelled', () => {
    const { reason } = resultOf(afterRead(INITIAL_PROGRESS, found('NOT_CANCELLABLE'), IN_TIME));
    expect(reason).toBe(
      `what is CREATE_IN_PROGRESS cannot be cancelled, and nothing was; deployment x of ${SUBJECT} was last seen as CREATE_IN_PROGRESS`,
    );
  });

  test('what cannot be cancelled for another reason than its status says for which', () => {
    const obstacle = 'a nested stack cannot be cancelled';
    const { reason } = resultOf(afterRead(INITIAL_PROGRESS, { ...found('NOT_CANCELLABLE'), obstacle }, IN_TIME));
    expect(reason).toContain(`${obstacle}, and nothing was; deployment x of ${SUBJECT} was last seen`);
  });

  test('what the service itself has let give way says so', () => {
    const { reason } = resultOf(afterRead(REQUESTED, found('SUPERSEDED'), IN_TIME));
    expect(reason).toBe(`deployment x of ${SUBJECT} gave way to a newer one, and ended as Superseded`);
  });

  test('a cancellation by somebody else counts as requested', () => {
    expect(afterRead(INITIAL_PROGRESS, found('CANCELLING'), IN_TIME)).toMatchObject({
      next: STEPS.AWAIT,
      requested: true,
    });
  });

  test('a deployment that is cancelled after all has been reached by the cancellation', () => {
    expect(afterRead(IN_DOUBT, found('CANCELLING'), IN_TIME).cancelReachedNewer).toBe(false);
    expect(afterRead(IN_DOUBT, found('IN_PROGRESS'), IN_TIME).cancelReachedNewer).toBe(true);
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
        { ...found(phase), deploymentId: shown },
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

  test.each<[string, ReadResult]>([
    ['not-found', MISSING],
    ...ERROR_TYPES.map((kind): [string, ReadResult] => [kind, callError(kind)]),
  ])('never after %s', (_, read) => {
    expect(mayCancel(TO_CANCEL, TO_CANCEL, read)).toBe(false);
  });
});

describe('what follows from a look that brings trouble', () => {
  /** What a trouble leads to: in time, and with the deadline passed. STAY is the same step again, after a while. */
  const ENDS = {
    denied: ['ACCESS_DENIED', 'ACCESS_DENIED'],
    rejected: ['REFUSED', 'REFUSED'],
    throttled: ['STAY', 'TIMED_OUT'],
    'server-error': ['STAY', 'TIMED_OUT'],
    unreachable: ['STAY', 'UNAVAILABLE'],
  } as const satisfies Record<CallError['errorType'], readonly [string, string]>;

  const cases = Object.keys(PLACES).flatMap((place) =>
    ERROR_TYPES.flatMap((kind) => [
      { place, kind, late: false, expected: ENDS[kind][0] },
      { place, kind, late: true, expected: ENDS[kind][1] },
    ]),
  );

  test.each(cases)('$place, $kind, past the deadline: $late leads to $expected', ({ place, kind, late, expected }) => {
    const before = PLACES[place]!;
    const after = afterRead(before, callError(kind), late ? TOO_LATE : IN_TIME);
    if (expected === 'STAY') {
      expect(after).toEqual({
        ...before,
        consecutiveErrors: 1,
        lastError: expect.stringContaining(`words of ${kind}`),
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
    expect(resultOf(afterRead(AWAITING, callError('denied'), IN_TIME)).reason).toBe(
      `not allowed to call ${LOOK} on ${ARN}; allow it to the role of the deployment function, in every policy that applies; ${HINT}; deployment x of ${SUBJECT} was last seen as CANCELLING`,
    );
  });

  test('where nobody answers, the endpoint and the hint are named', () => {
    const after = afterRead(
      { ...INITIAL_PROGRESS, unreachableSince: IN_TIME.now - 60_000 },
      callError('unreachable'),
      IN_TIME,
    );
    expect(resultOf(after)).toMatchObject({
      outcome: 'UNAVAILABLE',
      reason: `https://proton.example gave no usable answer to ${LOOK}; ${HINT}; TimeoutError: words of unreachable; the deployment of ${SUBJECT} was never seen`,
    });
  });

  test.each(Object.keys(PLACES))('at %s nobody answers for a minute before the service is unavailable', (place) => {
    const before = { ...PLACES[place]!, unreachableSince: START, consecutiveErrors: 7 };
    expect(afterRead(before, callError('unreachable'), at(59_999)).next).toBe(before.next);
    expect(resultOf(afterRead(before, callError('unreachable'), at(60_000))).outcome).toBe('UNAVAILABLE');
  });

  test.each<[string, ReadResult]>([
    ['throttled', callError('throttled')],
    ['server-error', callError('server-error')],
    ['found', found('IN_PROGRESS')],
    ['seen without a name', { ...found('IN_PROGRESS'), deploymentId: undefined }],
    ['a newer one', found('IN_PROGRESS', 'y')],
  ])('%s is an answer: the minute starts anew', (_, read) => {
    const before = { ...AWAITING, unreachableSince: START };
    expect(afterRead(before, read, at(70_000)).unreachableSince).toBeUndefined();
  });

  test('the pauses grow, never past the deadline, and end with the trouble', () => {
    let progress = AWAITING;
    const pauses = Array.from({ length: 8 }, () => {
      progress = afterRead(progress, callError('throttled'), at(0, {}, 0.999999));
      return progress.waitSeconds;
    });
    expect(pauses).toEqual([1, 2, 4, 8, 16, 20, 20, 20]);
    expect(afterRead(progress, callError('throttled'), at(1_799_500)).waitSeconds).toBe(0.5);
    expect(afterRead(progress, found('CANCELLING'), IN_TIME)).toMatchObject({
      consecutiveErrors: 0,
      lastError: undefined,
    });
  });

  test('a timeout after trouble tells of the last trouble', () => {
    const progress = afterRead(FINDING, callError('throttled'), IN_TIME);
    expect(resultOf(afterRead(progress, callError('throttled'), TOO_LATE)).reason).toBe(
      `the timeout of 1800 s has passed; no cancellation is known to have been accepted; last error: ${LOOK}: ThrottlingException: words of throttled; the deployment of ${SUBJECT} was never seen`,
    );
  });
});

describe('what follows from having asked to cancel', () => {
  test.each(PHASES)('an answer for the pinned deployment that says %s is left to the next look', (phase) => {
    const after = afterCancel({ ...IN_DOUBT, consecutiveErrors: 3, lastError: 'before' }, found(phase), IN_TIME);
    expect(after).toMatchObject({
      next: STEPS.AWAIT,
      requested: true,
      pinnedDeploymentId: 'x',
      cancelReachedNewer: false,
      lastSeen: STATUS[phase],
      consecutiveErrors: 0,
      waitSeconds: 2,
    });
    expect(after).not.toHaveProperty('lastError', expect.anything());
    expect(resultOf(afterCancel(TO_CANCEL, found(phase), TOO_LATE))).toMatchObject({
      outcome: 'TIMED_OUT',
      failed: true,
    });
  });

  test('an answer for a newer deployment is told, and the pinned one is looked after', () => {
    const after = afterCancel(TO_CANCEL, found('CANCELLING', 'y'), IN_TIME);
    expect(after).toMatchObject({
      next: STEPS.AWAIT,
      waitSeconds: 0,
      pinnedDeploymentId: 'x',
      supersededBy: 'y',
      cancelReachedNewer: true,
      lastSeen: 'IN_PROGRESS',
    });
    expect(resultOf(afterRead(after, { ...found('COMPLETED'), attributes: {} }, IN_TIME))).toEqual({
      outcome: 'SUPERSEDED',
      failed: false,
      reason: `deployment x of ${SUBJECT} ended as SUCCEEDED; a newer deployment, y, has taken its place, and the cancellation may have reached that one`,
      attributes: { outcome: 'SUPERSEDED', deploymentId: 'x', deploymentStatus: 'SUCCEEDED' },
    });
  });

  test('an answer that names a deployment at last pins it', () => {
    const { pinnedDeploymentId: _, ...nameless } = TO_CANCEL;
    const after = afterCancel(nameless, found('CANCELLING'), IN_TIME);
    expect(after).toMatchObject({ next: STEPS.AWAIT, pinnedDeploymentId: 'x', cancelReachedNewer: false });
  });

  test.each([
    ['its answer was lost', callError('unreachable', CANCEL)],
    ['the service failed at it', callError('server-error', CANCEL)],
    ['its answer names no deployment', { ...found('CANCELLING'), deploymentId: undefined }],
  ])('a newer deployment may have been reached where %s', (_, answer) => {
    const after = afterRead(afterCancel(TO_CANCEL, answer, IN_TIME), found('CANCELLING', 'y'), IN_TIME);
    expect(resultOf(afterRead(after, found('COMPLETED'), IN_TIME)).reason).toContain(
      'a newer deployment, y, has taken its place, and the cancellation may have reached that one',
    );
  });

  test.each([
    ['denied', { outcome: 'ACCESS_DENIED' }],
    ['rejected', { requested: undefined, rejections: 1 }],
    ['throttled', { requested: undefined, rejections: undefined }],
    ['server-error', { requested: true, rejections: undefined }],
    ['unreachable', { requested: true, rejections: undefined, unreachableSince: IN_TIME.now }],
  ] as const)('%s is followed by a read, unless there is no point', (kind, expected) => {
    const after = afterCancel(TO_CANCEL, callError(kind, CANCEL), IN_TIME);
    if ('outcome' in expected) {
      expect(resultOf(after)).toMatchObject({ ...expected, failed: true });
      expect(resultOf(after).reason).toContain(`not allowed to call ${CANCEL} on ${ARN}`);
    } else {
      expect(after).toMatchObject({ next: STEPS.CANCEL, consecutiveErrors: 1, waitSeconds: 0.75 });
      const { requested, rejections, unreachableSince } = after;
      expect({ requested, rejections, unreachableSince }).toEqual({ unreachableSince: undefined, ...expected });
    }
    const late = resultOf(afterCancel(TO_CANCEL, callError(kind, CANCEL), TOO_LATE));
    expect(late.outcome).toBe({ denied: 'ACCESS_DENIED', unreachable: 'UNAVAILABLE' }[kind as string] ?? 'TIMED_OUT');
  });

  describe('a refusal', () => {
    const refusedOnce = afterCancel(TO_CANCEL, callError('rejected', CANCEL), IN_TIME);

    test.each([
      ['it is cancelling already', found('CANCELLING'), 'AWAIT'],
      ['it has finished meanwhile', found('COMPLETED'), 'COMPLETED_FIRST'],
      ['it has been cancelled meanwhile', found('CANCELLED'), 'CANCELLED'],
      ['it has failed meanwhile', found('FAILED'), 'NOTHING_TO_CANCEL'],
      ['it is gone', MISSING, 'NOTHING_TO_CANCEL'],
      ['another has taken its place', found('IN_PROGRESS', 'y'), 'AWAIT'],
      ['it is still in progress', found('IN_PROGRESS'), 'SEND'],
    ])('is decided by the read after it: %s', (_, read, expected) => {
      expect(cameTo(refusedOnce, afterRead(refusedOnce, read, IN_TIME), read)).toBe(expected);
    });

    /** Refused, and still in progress by the read after it, so many times. */
    const refusedTimes = (times: number): Progress => {
      let progress = TO_CANCEL;
      for (let i = 0; i < times; i++) {
        progress = afterCancel(
          afterRead(progress, found('IN_PROGRESS'), IN_TIME),
          callError('rejected', CANCEL),
          IN_TIME,
        );
      }
      return progress;
    };

    test('is final with the third, if the read after that says that it is still in progress', () => {
      expect(cameTo(TO_CANCEL, afterRead(refusedTimes(2), found('IN_PROGRESS'), IN_TIME), found('IN_PROGRESS'))).toBe(
        'SEND',
      );
      expect(resultOf(afterRead(refusedTimes(3), found('IN_PROGRESS'), IN_TIME))).toEqual({
        outcome: 'REFUSED',
        failed: true,
        reason: `the service refused ${CANCEL}: ConflictException: words of rejected; deployment x of ${SUBJECT} was last seen as IN_PROGRESS`,
        attributes: { outcome: 'REFUSED', deploymentId: 'x', deploymentStatus: 'IN_PROGRESS' },
      });
      expect(resultOf(afterRead(refusedTimes(3), found('COMPLETED'), IN_TIME)).outcome).toBe('COMPLETED_FIRST');
    });

    test('keeps its own words, whatever trouble the read after it has', () => {
      const throttled = afterRead(refusedTimes(3), callError('throttled'), IN_TIME);
      expect(throttled.next).toBe(STEPS.CANCEL);
      expect(resultOf(afterRead(throttled, found('IN_PROGRESS'), IN_TIME)).reason).toContain(
        `the service refused ${CANCEL}: ConflictException: words of rejected;`,
      );
    });

    test('of the read itself is final at once', () => {
      expect(resultOf(afterRead(TO_CANCEL, callError('rejected'), IN_TIME)).reason).toContain(`refused ${LOOK}:`);
    });
  });

  test('trouble with the cancel goes on counting through reads that succeed', () => {
    let progress = TO_CANCEL;
    const pauses = Array.from({ length: 5 }, () => {
      progress = afterCancel(
        afterRead(progress, found('IN_PROGRESS'), IN_TIME),
        callError('throttled', CANCEL),
        IN_TIME,
      );
      return progress.waitSeconds;
    });
    expect(pauses).toEqual([0.75, 1.5, 3, 6, 12]);
    expect(resultOf(afterRead(progress, found('IN_PROGRESS'), TOO_LATE)).reason).toBe(
      `the timeout of 1800 s has passed; no cancellation is known to have been accepted; last error: ${CANCEL}: ThrottlingException: words of throttled; deployment x of ${SUBJECT} was last seen as IN_PROGRESS`,
    );
  });
});

describe('the settings', () => {
  const endings: [Outcome, Progress, ReadResult][] = [
    ['CANCELLED', REQUESTED, found('CANCELLED')],
    ['COMPLETED_FIRST', REQUESTED, found('COMPLETED')],
    ['CANCEL_FAILED', REQUESTED, found('FAILED')],
    ['NOTHING_TO_CANCEL', INITIAL_PROGRESS, found('COMPLETED')],
    ['SUPERSEDED', SUPERSEDED, found('COMPLETED')],
  ];

  test('every known end can be reached', () => {
    expect(new Set(endings.map(([outcome]) => outcome))).toEqual(new Set(TERMINAL_OUTCOMES));
  });

  test.each(endings)('%s fails exactly where failOn names it', (outcome, progress, read) => {
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
      `${SUBJECT} was not found; check its names, the region and the account, or set onNotFound to succeed`,
    ],
    ['succeed', false, `${SUBJECT} was not found`],
  ] as const)('onNotFound %s', (onNotFound, failed, reason) => {
    const after = afterRead(INITIAL_PROGRESS, MISSING, at(0, { onNotFound, failOn: TERMINAL_OUTCOMES }));
    expect(resultOf(after)).toMatchObject({ outcome: 'NOT_FOUND', failed, reason });
  });

  test('the timeout is the settings’s own', () => {
    expect(afterRead(AWAITING, found('CANCELLING'), at(59_999, { timeoutSeconds: 60 })).waitSeconds).toBe(0.001);
    expect(resultOf(afterRead(AWAITING, found('CANCELLING'), at(60_000, { timeoutSeconds: 60 }))).reason).toContain(
      'the timeout of 60 s has passed',
    );
  });
});

describe('the sentences', () => {
  test.each<[Progress, ReadResult, string]>([
    [REQUESTED, found('CANCELLED'), `deployment x of ${SUBJECT} is CANCELLED`],
    [REQUESTED, found('COMPLETED'), `deployment x of ${SUBJECT} ended as SUCCEEDED before a cancellation took hold`],
    [REQUESTED, found('FAILED'), `the cancellation of deployment x of ${SUBJECT} failed: it ended as FAILED`],
    [INITIAL_PROGRESS, found('FAILED'), `nothing to cancel: deployment x of ${SUBJECT} had ended as FAILED`],
    [
      TO_CANCEL,
      found('FAILED'),
      `deployment x of ${SUBJECT} ended as FAILED, and no cancellation of it is known to have been accepted`,
    ],
    [REQUESTED, MISSING, `deployment x of ${SUBJECT} gave way to a deletion, which ended as DELETE_COMPLETE`],
    [
      SUPERSEDED,
      found('CANCELLED'),
      `deployment x of ${SUBJECT} ended as CANCELLED; a newer deployment, y, has taken its place`,
    ],
  ])('%#', (progress, read, reason) => {
    expect(resultOf(afterRead(progress, read, IN_TIME)).reason).toBe(reason);
  });
});

describe('a clock that jumps', () => {
  test('back, before the beginning: looks on at a young deployment’s pace', () => {
    expect(afterRead(AWAITING, found('CANCELLING'), at(-3_600_000)).waitSeconds).toBe(2);
    expect(afterRead({ ...AWAITING, unreachableSince: START }, callError('unreachable'), at(-3_600_000)).next).toBe(
      STEPS.AWAIT,
    );
  });

  test('ahead, past the deadline: what is seen is the end', () => {
    expect(resultOf(afterRead(AWAITING, found('CANCELLED'), at(86_400_000))).outcome).toBe('CANCELLED');
  });
});

describe('every sequence of answers', () => {
  const looks: ReadResult[] = [
    ...(['IN_PROGRESS', 'UNKNOWN', 'CANCELLING', 'COMPLETED'] as const).flatMap((phase) =>
      ['x', 'y', undefined].map((id): Found => ({ ...found(phase), deploymentId: id })),
    ),
    MISSING,
    callError('rejected'),
    callError('server-error'),
    callError('unreachable'),
  ];
  const answers: (Found | CallError)[] = [
    ...['x', 'y', undefined].map((id): Found => ({ ...found('CANCELLING'), deploymentId: id })),
    callError('rejected', CANCEL),
    callError('unreachable', CANCEL),
  ];

  /** Walks them all as `run` does: each step may be cut off after any look, and taken again from what was kept. */
  function walk(
    kept: Progress,
    progress: Progress,
    depth: number,
    visit: (sent: boolean, to: Progress, by: ReadResult) => void,
  ) {
    for (const read of depth === 0 ? [] : looks) {
      const looked = afterRead(progress, read, IN_TIME);
      const sends = mayCancel(kept, looked, read);
      for (const after of sends ? answers.map((answer) => afterCancel(looked, answer, IN_TIME)) : [looked]) {
        visit(sends, after, read);
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
        const shown = by.kind === 'found' ? by : undefined;
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
  const arming: DecisionContext = { ...IN_TIME, observeOnly: true };
  const leaving = (ignoreDeploymentId: string): DecisionContext => ({ ...IN_TIME, ignoreDeploymentId });
  const withoutId = (phase: Phase): Found => ({ ...found(phase), deploymentId: undefined });

  test.each(PHASES)('only looking ends at once with the id of what was found, in %s', (phase) => {
    const result = resultOf(afterRead(FINDING, found(phase), arming));
    expect(result).toMatchObject({ outcome: 'ARMED', failed: false, attributes: { deploymentId: 'x' } });
  });

  test('only looking knows that there is no deployment where there is nothing', () => {
    const result = resultOf(afterRead(FINDING, MISSING, arming));
    expect(result).toMatchObject({ outcome: 'ARMED', failed: false, attributes: { deploymentId: '' } });
  });

  test('only looking knows no id where the service gives none', () => {
    expect(resultOf(afterRead(FINDING, withoutId('IN_PROGRESS'), arming)).attributes.deploymentId).toBeUndefined();
  });

  test.each(PHASES)('what is to be left alone is left alone as long as it is not over, in %s', (phase) => {
    const over = OVER.includes(phase);
    const after = afterRead(FINDING, found(phase), leaving('x'));
    expect(resultOf(after)).toMatchObject({ outcome: over ? 'NOTHING_TO_CANCEL' : 'SKIPPED', failed: false });
  });

  test('what has no id is left alone, since it may be what is to be left', () => {
    expect(resultOf(afterRead(FINDING, withoutId('IN_PROGRESS'), leaving('other'))).outcome).toBe('SKIPPED');
    expect(resultOf(afterRead(FINDING, withoutId('IN_PROGRESS'), leaving(''))).outcome).toBe('SKIPPED');
  });

  test.each(['other', ''])('anything but %p is cancelled as ever', (ignoreDeploymentId) => {
    const after = afterRead(FINDING, found('IN_PROGRESS'), leaving(ignoreDeploymentId));
    expect(cameTo(FINDING, after, found('IN_PROGRESS'))).toBe('CANCEL');
    expect(
      cameTo(TO_CANCEL, afterRead(TO_CANCEL, found('IN_PROGRESS'), leaving(ignoreDeploymentId)), found('IN_PROGRESS')),
    ).toBe('SEND');
  });
});

describe('for an event, which may come late or twice', () => {
  /** It happened ten minutes before the execution that it started. */
  const HAPPENED = START - 600_000;
  const asking: DecisionContext = { ...IN_TIME, requestedAt: HAPPENED };
  const startedAt = (time: number | undefined, phase: Phase = 'IN_PROGRESS'): Found => ({
    ...found(phase),
    startedAt: time,
  });

  test.each<[string, number | undefined, string]>([
    ['long before it', HAPPENED - 3_600_000, 'CANCEL'],
    ['just before it', HAPPENED - 1, 'CANCEL'],
    ['in the same moment', HAPPENED, 'CANCEL'],
    ['within the second that the time of an event is cut to', HAPPENED + 999, 'CANCEL'],
    ['as much later as clocks may differ', HAPPENED + CLOCK_TOLERANCE, 'CANCEL'],
    ['later than that', HAPPENED + CLOCK_TOLERANCE + 1, 'SKIPPED'],
    ['when the event was delivered', START, 'SKIPPED'],
    ['in what is the future here, by a clock that is ahead', START + 3_600_000, 'SKIPPED'],
    ['at the beginning of time', 0, 'CANCEL'],
    ['at a time that is none', Number.NaN, 'SKIPPED'],
    ['at a time that the service does not tell', undefined, 'SKIPPED'],
  ])('a deployment that started %s', (_when, time, expected) => {
    const found = startedAt(time);
    expect(cameTo(FINDING, afterRead(FINDING, found, asking), found)).toBe(expected);
  });

  test.each(PHASES)('what started after it is left alone as long as it is not over, in %s', (phase) => {
    const over = OVER.includes(phase);
    const after = afterRead(FINDING, startedAt(START, phase), asking);
    expect(resultOf(after)).toMatchObject({ outcome: over ? 'NOTHING_TO_CANCEL' : 'SKIPPED', failed: false });
  });

  test('the reason says which was left alone, and both times', () => {
    expect(resultOf(afterRead(FINDING, startedAt(START), asking)).reason).toBe(
      `deployment x of ${SUBJECT} was left alone: it started at 2026-10-01T00:00:00.000Z, after a cancellation was asked for, at 2026-09-30T23:50:00.000Z`,
    );
    expect(resultOf(afterRead(FINDING, startedAt(undefined), asking)).reason).toBe(
      `deployment x of ${SUBJECT} was left alone: it is not known to have been in flight when a cancellation was asked for, at 2026-09-30T23:50:00.000Z`,
    );
  });

  test('trouble with the first look does not make the next one less careful', () => {
    const troubled = afterRead(FINDING, callError('throttled'), asking);
    expect(resultOf(afterRead(troubled, startedAt(START), asking)).outcome).toBe('SKIPPED');
  });

  test('one that takes the place of the pinned one after the first look is waited past, and never cancelled', () => {
    const pinned = afterRead(FINDING, startedAt(HAPPENED - 60_000), asking);
    const newer: Found = { ...startedAt(START), deploymentId: 'y' };
    const after = afterRead(pinned, newer, asking);
    expect(cameTo(pinned, after, newer)).toBe('AWAIT');
    expect(after).toMatchObject({ pinnedDeploymentId: 'x', supersededBy: 'y' });
  });

  test('without the time of an event, it does not matter when a deployment started', () => {
    const found = startedAt(START);
    expect(cameTo(FINDING, afterRead(FINDING, found, IN_TIME), found)).toBe('CANCEL');
  });

  test('an earlier deployment is left alone for a guard, whenever it started', () => {
    const found = startedAt(HAPPENED - 60_000);
    const { reason } = resultOf(afterRead(FINDING, found, { ...asking, ignoreDeploymentId: 'x' }));
    expect(reason).toContain('not known to have started after the guard was armed');
  });
});

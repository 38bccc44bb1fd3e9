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
const DISPLAY_NAME = 'service instance web/web-prod';
const HINT = 'a hint about the service';

const SETTINGS: CancellationSettings = {
  timeoutSeconds: 1800,
  failOn: [],
  onNotFound: 'fail',
  includeStatusMessage: false,
};

function at(elapsedMs: number, settings: Partial<CancellationSettings> = {}, random = 0.5): DecisionContext {
  return {
    settings: { ...SETTINGS, ...settings },
    displayName: DISPLAY_NAME,
    unavailableHint: HINT,
    startedAt: START,
    now: START + elapsedMs,
    random,
  };
}

/** The decisions with their ends rendered, as `run` keeps them. */
const afterRead = (progress: Progress, read: ReadResult, context: DecisionContext): Progress =>
  withResult(decide.afterRead(progress, read, context), context);
const afterCancel = (progress: Progress, response: Found | CallError, context: DecisionContext): Progress =>
  withResult(decide.afterCancel(progress, response, context), context);

const IN_TIME = at(5_000);
const TOO_LATE = at(1_800_000);

/** A status for each phase. */
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

const READ_ACTION = 'proton:GetServiceInstance';
const CANCEL = 'proton:CancelServiceInstanceDeployment';
const ARN = 'arn:aws:proton:us-east-1:111122223333:service/web/service-instance/web-prod';

function callError(kind: CallError['errorType'], action = READ_ACTION): CallError {
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
    message: `message of ${kind}`,
  };
}
const ERROR_TYPES: CallError['errorType'][] = ['denied', 'rejected', 'throttled', 'server-error', 'unreachable'];

/** The progress of a cancellation before a read. */
const FINDING = INITIAL_PROGRESS;
const TO_CANCEL: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x', lastSeen: 'IN_PROGRESS' };
const IN_DOUBT: Progress = { ...TO_CANCEL, requested: true, cancelReachedNewer: true };
const AWAITING: Progress = { next: STEPS.AWAIT, waitSeconds: 2, pinnedDeploymentId: 'x', lastSeen: 'CANCELLING' };
const REQUESTED: Progress = { ...AWAITING, requested: true };
const SUPERSEDED: Progress = { ...REQUESTED, supersededBy: 'y' };

/** The result, with the properties that every result has. */
function resultOf(progress: Progress): NonNullable<Progress['result']> {
  expect(progress.next).toBe(STEPS.END);
  expect(progress.waitSeconds).toBe(0);
  const { result } = progress;
  if (!result) throw new Error('the end has no result');
  expect(result.reason).toMatch(/^(?![A-Z]|.*\.$)[^\n\r]+$/);
  expect(result.reason).not.toMatch(/undefined|null|NaN|\[object/);
  expect(result.attributes.outcome).toBe(result.outcome);
  expect(result.attributes.deploymentStatus).not.toBe('');
  expect(result.attributes.deploymentId).toBe(progress.pinnedDeploymentId);
  return result;
}

/** The decision as one word: the next step, SEND if a cancel request is sent at once, or the outcome. */
function decisionOf(kept: Progress, after: Progress, read: ReadResult): string {
  if (after.next === STEPS.END) return resultOf(after).outcome;
  expect(after.result).toBeUndefined();
  expect(after.waitSeconds).toBeGreaterThanOrEqual(0);
  return mayCancel(kept, after, read) ? 'SEND' : after.next;
}

/** The decision for each phase (row) of the pinned deployment and each progress (column). */
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

const STATES: Readonly<Record<string, Progress>> = { FINDING, TO_CANCEL, IN_DOUBT, AWAITING, REQUESTED, SUPERSEDED };

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
const FOUND_CELLS = CELLS.filter(({ row }) => row !== 'not-found') as (Cell & { row: Phase })[];
const isStep = (decision: string) => ['SEND', ...Object.values<string>(STEPS)].includes(decision);

describe('after a read', () => {
  test('the table has every phase for every progress', () => {
    expect(new Set(CELLS.map(({ row }) => row))).toEqual(new Set([...PHASES, 'not-found']));
    expect(CELLS).toHaveLength((PHASES.length + 1) * Object.keys(STATES).length);
  });

  test.each(CELLS)('$state and $row leads to $expected', ({ state, row, expected }) => {
    const read = row === 'not-found' ? MISSING : found(row as Phase);
    const after = afterRead(STATES[state]!, read, IN_TIME);
    expect(decisionOf(STATES[state]!, after, read)).toBe(expected);
    if (expected !== 'NOT_FOUND')
      expect(after.pinnedDeploymentId).toBe(state === 'FINDING' && row === 'not-found' ? undefined : 'x');
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

  test.each(CELLS)('$state and $row after the deadline is the end', ({ state, row, expected }) => {
    const read = row === 'not-found' ? MISSING : found(row as Phase);
    const after = afterRead(STATES[state]!, read, TOO_LATE);
    const { outcome, failed, attributes } = resultOf(after);
    expect(outcome).toBe(isStep(expected) ? 'TIMED_OUT' : expected);
    if (isStep(expected)) {
      expect(failed).toBe(true);
      expect(attributes).toMatchObject({ deploymentStatus: STATUS[row as Phase], name: 'web-prod' });
    }
  });

  describe('of a service without deployment ids', () => {
    const withoutPin = ({ pinnedDeploymentId: _, ...state }: Progress): Progress => state;

    test.each(FOUND_CELLS.filter(({ state }) => state !== 'SUPERSEDED'))(
      '$state and $row leads to the same: $expected',
      ({ state, row, expected }) => {
        const read = { ...found(row), deploymentId: undefined };
        const before = withoutPin(STATES[state]!);
        const after = afterRead(before, read, IN_TIME);
        expect(decisionOf(before, after, read)).toBe(expected);
        expect(after.pinnedDeploymentId).toBeUndefined();
        if (after.next === STEPS.END) expect(resultOf(after).reason).toContain(`the deployment of ${DISPLAY_NAME}`);
      },
    );

    test.each(FOUND_CELLS.filter(({ state }) => state !== 'SUPERSEDED'))(
      '$state and $row with a first id pins it, and the state machine keeps the pin before anything is cancelled',
      ({ state, row, expected }) => {
        const before = withoutPin(STATES[state]!);
        const after = afterRead(before, found(row), IN_TIME);
        expect(decisionOf(before, after, found(row))).toBe(expected === 'SEND' ? 'CANCEL' : expected);
        expect(after.pinnedDeploymentId).toBe('x');
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
    expect(after).toEqual({ ...before, waitSeconds: expect.any(Number) });
    expect(resultOf(afterRead(before, read, TOO_LATE)).attributes).toEqual({
      outcome: 'TIMED_OUT',
      deploymentId: 'x',
      deploymentStatus: before.lastSeen,
    });
  });

  test('the end of a superseded deployment is unknown if its record is gone', () => {
    const { attributes, reason } = resultOf(
      afterRead(SUPERSEDED, { kind: 'not-found', deploymentStatus: 'UNKNOWN' }, IN_TIME),
    );
    expect(attributes).toEqual({ outcome: 'SUPERSEDED', deploymentId: 'x', deploymentStatus: 'UNKNOWN' });
    expect(reason).toBe(
      `how deployment x of ${DISPLAY_NAME} ended cannot be known any more: last seen as CANCELLING; a newer deployment, y, has taken its place`,
    );
  });

  const IDLE: ReadResult = { kind: 'never-deployed' };

  test('a resource without deployments has nothing to cancel', () => {
    const { outcome, failed, reason, attributes } = resultOf(afterRead(INITIAL_PROGRESS, IDLE, IN_TIME));
    expect({ outcome, failed, reason }).toEqual({
      outcome: 'NOTHING_TO_CANCEL',
      failed: false,
      reason: `nothing to cancel: ${DISPLAY_NAME} has no deployment`,
    });
    expect(attributes).toEqual({ outcome, deploymentStatus: 'UNKNOWN', deploymentId: undefined });
  });

  test('a resource without deployments is a failure if failOn names NOTHING_TO_CANCEL', () => {
    const { failed, reason } = resultOf(afterRead(INITIAL_PROGRESS, IDLE, at(0, { failOn: ['NOTHING_TO_CANCEL'] })));
    expect(failed).toBe(true);
    expect(reason).toContain('; failOn names NOTHING_TO_CANCEL');
  });

  test('a guard is armed before the first deployment', () => {
    const { outcome, attributes } = resultOf(afterRead(INITIAL_PROGRESS, IDLE, { ...IN_TIME, observeOnly: true }));
    expect({ outcome, deploymentId: attributes.deploymentId }).toEqual({ outcome: 'ARMED', deploymentId: '' });
  });

  test.each(['TO_CANCEL', 'IN_DOUBT', 'AWAITING', 'REQUESTED', 'SUPERSEDED'])(
    '%s without any deployment left is the end',
    (state) => {
      expect(resultOf(afterRead(STATES[state]!, IDLE, IN_TIME)).attributes.deploymentStatus).toBe('UNKNOWN');
    },
  );

  test('the reason of a deployment that cannot be cancelled has its status', () => {
    const { reason } = resultOf(afterRead(INITIAL_PROGRESS, found('NOT_CANCELLABLE'), IN_TIME));
    expect(reason).toBe(
      `what is CREATE_IN_PROGRESS cannot be cancelled, and nothing was; deployment x of ${DISPLAY_NAME} was last seen as CREATE_IN_PROGRESS`,
    );
  });

  test('the reason of a deployment that cannot be cancelled has the obstacle, if there is one', () => {
    const obstacle = 'a nested stack cannot be cancelled';
    const { reason } = resultOf(afterRead(INITIAL_PROGRESS, { ...found('NOT_CANCELLABLE'), obstacle }, IN_TIME));
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
      [['x'], ['y'], [undefined]].map(([id]) => ({
        phase: 'IN_PROGRESS',
        keptNext: 'CANCEL',
        next: 'CANCEL',
        pinned: id,
        readId: id,
      })),
    );
  });

  test.each<[string, ReadResult]>([
    ['not-found', MISSING],
    ...ERROR_TYPES.map((kind): [string, ReadResult] => [kind, callError(kind)]),
  ])('is false after %s', (_, read) => {
    expect(mayCancel(TO_CANCEL, TO_CANCEL, read)).toBe(false);
  });
});

describe('after a read that fails', () => {
  /** The decision before and after the deadline. STAY repeats the step after a wait. */
  const ENDS = {
    denied: ['ACCESS_DENIED', 'ACCESS_DENIED'],
    rejected: ['REFUSED', 'REFUSED'],
    throttled: ['STAY', 'TIMED_OUT'],
    'server-error': ['STAY', 'TIMED_OUT'],
    unreachable: ['STAY', 'UNAVAILABLE'],
  } as const satisfies Record<CallError['errorType'], readonly [string, string]>;

  const cases = Object.keys(STATES).flatMap((state) =>
    ERROR_TYPES.flatMap((kind) => [
      { state, kind, late: false, expected: ENDS[kind][0] },
      { state, kind, late: true, expected: ENDS[kind][1] },
    ]),
  );

  test.each(cases)('$state, $kind, after the deadline: $late leads to $expected', ({ state, kind, late, expected }) => {
    const before = STATES[state]!;
    const after = afterRead(before, callError(kind), late ? TOO_LATE : IN_TIME);
    if (expected === 'STAY') {
      expect(after).toEqual({
        ...before,
        consecutiveErrors: 1,
        lastError: expect.stringContaining(`message of ${kind}`),
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
    expect(reason).toContain(
      before.pinnedDeploymentId ? `deployment x of ${DISPLAY_NAME}` : `the deployment of ${DISPLAY_NAME}`,
    );
  });

  test('the reason of a denied call has its action and its arn', () => {
    expect(resultOf(afterRead(AWAITING, callError('denied'), IN_TIME)).reason).toBe(
      `not allowed to call ${READ_ACTION} on ${ARN}; allow it to the role of the deployment function, in every policy that applies; ${HINT}; deployment x of ${DISPLAY_NAME} was last seen as CANCELLING`,
    );
  });

  test('the reason of an unavailable service has the endpoint and the hint', () => {
    const after = afterRead(
      { ...INITIAL_PROGRESS, unreachableSince: IN_TIME.now - 60_000 },
      callError('unreachable'),
      IN_TIME,
    );
    expect(resultOf(after)).toMatchObject({
      outcome: 'UNAVAILABLE',
      reason: `https://proton.example gave no usable answer to ${READ_ACTION}; ${HINT}; TimeoutError: message of unreachable; the deployment of ${DISPLAY_NAME} was never seen`,
    });
  });

  test.each(Object.keys(STATES))('at %s, the service is unavailable after a minute without a response', (state) => {
    const before = { ...STATES[state]!, unreachableSince: START, consecutiveErrors: 7 };
    expect(afterRead(before, callError('unreachable'), at(59_999)).next).toBe(before.next);
    expect(resultOf(afterRead(before, callError('unreachable'), at(60_000))).outcome).toBe('UNAVAILABLE');
  });

  test.each<[string, ReadResult]>([
    ['throttled', callError('throttled')],
    ['server-error', callError('server-error')],
    ['found', found('IN_PROGRESS')],
    ['found without an id', { ...found('IN_PROGRESS'), deploymentId: undefined }],
    ['a newer deployment', found('IN_PROGRESS', 'y')],
  ])('%s is a response, and the minute starts again', (_, read) => {
    const before = { ...AWAITING, unreachableSince: START };
    expect(afterRead(before, read, at(70_000)).unreachableSince).toBeUndefined();
  });

  test('the backoff grows, never exceeds the deadline, and ends with the errors', () => {
    let progress = AWAITING;
    const waits = Array.from({ length: 8 }, () => {
      progress = afterRead(progress, callError('throttled'), at(0, {}, 0.999999));
      return progress.waitSeconds;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 20, 20, 20]);
    expect(afterRead(progress, callError('throttled'), at(1_799_500)).waitSeconds).toBe(0.5);
    expect(afterRead(progress, found('CANCELLING'), IN_TIME)).toMatchObject({
      consecutiveErrors: 0,
      lastError: undefined,
    });
  });

  test('the reason of a timeout after errors has the last error', () => {
    const progress = afterRead(FINDING, callError('throttled'), IN_TIME);
    expect(resultOf(afterRead(progress, callError('throttled'), TOO_LATE)).reason).toBe(
      `the timeout of 1800 s has passed; no cancellation is known to have been accepted; last error: ${READ_ACTION}: ThrottlingException: message of throttled; the deployment of ${DISPLAY_NAME} was never seen`,
    );
  });
});

describe('after a cancel request', () => {
  test.each(PHASES)('the response %s for the pinned deployment is followed by a read', (phase) => {
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

  test('a response for a newer deployment is reported, and the pinned one is awaited', () => {
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
      reason: `deployment x of ${DISPLAY_NAME} ended as SUCCEEDED; a newer deployment, y, has taken its place, and the cancellation may have reached that one`,
      attributes: { outcome: 'SUPERSEDED', deploymentId: 'x', deploymentStatus: 'SUCCEEDED' },
    });
  });

  test('a response with a first id pins it', () => {
    const { pinnedDeploymentId: _, ...withoutPin } = TO_CANCEL;
    const after = afterCancel(withoutPin, found('CANCELLING'), IN_TIME);
    expect(after).toMatchObject({ next: STEPS.AWAIT, pinnedDeploymentId: 'x', cancelReachedNewer: false });
  });

  test.each([
    ['the response was lost', callError('unreachable', CANCEL)],
    ['the service failed', callError('server-error', CANCEL)],
    ['the response has no id', { ...found('CANCELLING'), deploymentId: undefined }],
  ])('a newer deployment may have been reached if %s', (_, response) => {
    const after = afterRead(afterCancel(TO_CANCEL, response, IN_TIME), found('CANCELLING', 'y'), IN_TIME);
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
  ] as const)('%s is followed by a read, unless that is pointless', (kind, expected) => {
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

  describe('a rejection', () => {
    const refusedOnce = afterCancel(TO_CANCEL, callError('rejected', CANCEL), IN_TIME);

    test.each([
      ['already cancelling', found('CANCELLING'), 'AWAIT'],
      ['completed meanwhile', found('COMPLETED'), 'COMPLETED_FIRST'],
      ['cancelled meanwhile', found('CANCELLED'), 'CANCELLED'],
      ['failed meanwhile', found('FAILED'), 'NOTHING_TO_CANCEL'],
      ['gone', MISSING, 'NOTHING_TO_CANCEL'],
      ['superseded', found('IN_PROGRESS', 'y'), 'AWAIT'],
      ['still in progress', found('IN_PROGRESS'), 'SEND'],
    ])('is followed by a read that decides: %s', (_, read, expected) => {
      expect(decisionOf(refusedOnce, afterRead(refusedOnce, read, IN_TIME), read)).toBe(expected);
    });

    /** The progress after a number of rejections, each followed by a read that finds it in progress. */
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

    test('is final the third time, if the next read finds the deployment in progress', () => {
      expect(
        decisionOf(TO_CANCEL, afterRead(refusedTimes(2), found('IN_PROGRESS'), IN_TIME), found('IN_PROGRESS')),
      ).toBe('SEND');
      expect(resultOf(afterRead(refusedTimes(3), found('IN_PROGRESS'), IN_TIME))).toEqual({
        outcome: 'REFUSED',
        failed: true,
        reason: `the service refused ${CANCEL}: ConflictException: message of rejected; deployment x of ${DISPLAY_NAME} was last seen as IN_PROGRESS`,
        attributes: { outcome: 'REFUSED', deploymentId: 'x', deploymentStatus: 'IN_PROGRESS' },
      });
      expect(resultOf(afterRead(refusedTimes(3), found('COMPLETED'), IN_TIME)).outcome).toBe('COMPLETED_FIRST');
    });

    test('keeps its message, even if the next read fails', () => {
      const throttled = afterRead(refusedTimes(3), callError('throttled'), IN_TIME);
      expect(throttled.next).toBe(STEPS.CANCEL);
      expect(resultOf(afterRead(throttled, found('IN_PROGRESS'), IN_TIME)).reason).toContain(
        `the service refused ${CANCEL}: ConflictException: message of rejected;`,
      );
    });

    test('of a read is final at once', () => {
      expect(resultOf(afterRead(TO_CANCEL, callError('rejected'), IN_TIME)).reason).toContain(
        `refused ${READ_ACTION}:`,
      );
    });
  });

  test('errors of the cancel request go on counting through successful reads', () => {
    let progress = TO_CANCEL;
    const waits = Array.from({ length: 5 }, () => {
      progress = afterCancel(
        afterRead(progress, found('IN_PROGRESS'), IN_TIME),
        callError('throttled', CANCEL),
        IN_TIME,
      );
      return progress.waitSeconds;
    });
    expect(waits).toEqual([0.75, 1.5, 3, 6, 12]);
    expect(resultOf(afterRead(progress, found('IN_PROGRESS'), TOO_LATE)).reason).toBe(
      `the timeout of 1800 s has passed; no cancellation is known to have been accepted; last error: ${CANCEL}: ThrottlingException: message of throttled; deployment x of ${DISPLAY_NAME} was last seen as IN_PROGRESS`,
    );
  });
});

describe('the settings', () => {
  const ends: [Outcome, Progress, ReadResult][] = [
    ['CANCELLED', REQUESTED, found('CANCELLED')],
    ['COMPLETED_FIRST', REQUESTED, found('COMPLETED')],
    ['CANCEL_FAILED', REQUESTED, found('FAILED')],
    ['NOTHING_TO_CANCEL', INITIAL_PROGRESS, found('COMPLETED')],
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
    const after = afterRead(INITIAL_PROGRESS, MISSING, at(0, { onNotFound, failOn: TERMINAL_OUTCOMES }));
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
    [INITIAL_PROGRESS, found('FAILED'), `nothing to cancel: deployment x of ${DISPLAY_NAME} had ended as FAILED`],
    [
      TO_CANCEL,
      found('FAILED'),
      `deployment x of ${DISPLAY_NAME} ended as FAILED, and no cancellation of it is known to have been accepted`,
    ],
    [REQUESTED, MISSING, `deployment x of ${DISPLAY_NAME} gave way to a deletion, which ended as DELETE_COMPLETE`],
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

describe('every sequence of responses', () => {
  const reads: ReadResult[] = [
    ...(['IN_PROGRESS', 'UNKNOWN', 'CANCELLING', 'COMPLETED'] as const).flatMap((phase) =>
      ['x', 'y', undefined].map((id): Found => ({ ...found(phase), deploymentId: id })),
    ),
    MISSING,
    callError('rejected'),
    callError('server-error'),
    callError('unreachable'),
  ];
  const responses: (Found | CallError)[] = [
    ...['x', 'y', undefined].map((id): Found => ({ ...found('CANCELLING'), deploymentId: id })),
    callError('rejected', CANCEL),
    callError('unreachable', CANCEL),
  ];

  /** Goes through them as `run` does: each step may be interrupted after any read, and retried with what was kept. */
  function walk(
    kept: Progress,
    progress: Progress,
    depth: number,
    visit: (sent: boolean, to: Progress, by: ReadResult) => void,
  ) {
    for (const read of depth === 0 ? [] : reads) {
      const decided = afterRead(progress, read, IN_TIME);
      const sends = mayCancel(kept, decided, read);
      for (const after of sends ? responses.map((response) => afterCancel(decided, response, IN_TIME)) : [decided]) {
        visit(sends, after, read);
        if (after.next === STEPS.END) continue;
        walk(after, after, depth - 1, visit);
        const within = after.next === kept.next && after.pinnedDeploymentId === kept.pinnedDeploymentId;
        // A step that goes on in the same invocation is retried with what it started with.
        if (within && kept !== after) walk(kept, after, depth - 1, visit);
      }
    }
  }

  test('cancels only what the read right before finds in progress with the pinned id, and never changes the pin', () => {
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
        const found = by.kind === 'found' ? by : undefined;
        const wrong =
          (sends && (found?.phase !== 'IN_PROGRESS' || (pinned !== undefined && found.deploymentId !== pinned))) ||
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

test('the steps are the ones of these tests', () => {
  expect(Object.values<Step>(STEPS)).toEqual(['FIND', 'CANCEL', 'AWAIT', 'END']);
});

describe('for a guard', () => {
  const arming: DecisionContext = { ...IN_TIME, observeOnly: true };
  const ignoring = (ignoreDeploymentId: string): DecisionContext => ({ ...IN_TIME, ignoreDeploymentId });
  const withoutId = (phase: Phase): Found => ({ ...found(phase), deploymentId: undefined });

  test.each(PHASES)('observing ends at once with the id of the deployment, in %s', (phase) => {
    const result = resultOf(afterRead(FINDING, found(phase), arming));
    expect(result).toMatchObject({ outcome: 'ARMED', failed: false, attributes: { deploymentId: 'x' } });
  });

  test('observing reports that there is no deployment', () => {
    const result = resultOf(afterRead(FINDING, MISSING, arming));
    expect(result).toMatchObject({ outcome: 'ARMED', failed: false, attributes: { deploymentId: '' } });
  });

  test('observing reports no id if the service returns none', () => {
    expect(resultOf(afterRead(FINDING, withoutId('IN_PROGRESS'), arming)).attributes.deploymentId).toBeUndefined();
  });

  test.each(PHASES)('the deployment to ignore is skipped as long as it is not over, in %s', (phase) => {
    const over = OVER.includes(phase);
    const after = afterRead(FINDING, found(phase), ignoring('x'));
    expect(resultOf(after)).toMatchObject({ outcome: over ? 'NOTHING_TO_CANCEL' : 'SKIPPED', failed: false });
  });

  test('a deployment without an id is skipped, since it may be the one to ignore', () => {
    expect(resultOf(afterRead(FINDING, withoutId('IN_PROGRESS'), ignoring('other'))).outcome).toBe('SKIPPED');
    expect(resultOf(afterRead(FINDING, withoutId('IN_PROGRESS'), ignoring(''))).outcome).toBe('SKIPPED');
  });

  test.each(['other', ''])('any other deployment than %p is cancelled', (ignoreDeploymentId) => {
    const after = afterRead(FINDING, found('IN_PROGRESS'), ignoring(ignoreDeploymentId));
    expect(decisionOf(FINDING, after, found('IN_PROGRESS'))).toBe('CANCEL');
    expect(
      decisionOf(
        TO_CANCEL,
        afterRead(TO_CANCEL, found('IN_PROGRESS'), ignoring(ignoreDeploymentId)),
        found('IN_PROGRESS'),
      ),
    ).toBe('SEND');
  });
});

describe('for an event, which may be late or delivered twice', () => {
  /** The event, ten minutes before the execution that it started. */
  const HAPPENED = START - 600_000;
  const asking: DecisionContext = { ...IN_TIME, requestedAt: HAPPENED };
  const startedAt = (time: number | undefined, phase: Phase = 'IN_PROGRESS'): Found => ({
    ...found(phase),
    startedAt: time,
  });

  test.each<[string, number | undefined, string]>([
    ['long before it', HAPPENED - 3_600_000, 'CANCEL'],
    ['just before it', HAPPENED - 1, 'CANCEL'],
    ['at the same time', HAPPENED, 'CANCEL'],
    ['within the second that the time of an event is rounded to', HAPPENED + 999, 'CANCEL'],
    ['later by the tolerance of clocks', HAPPENED + CLOCK_TOLERANCE, 'CANCEL'],
    ['later than that', HAPPENED + CLOCK_TOLERANCE + 1, 'SKIPPED'],
    ['when the event was delivered', START, 'SKIPPED'],
    ['in the future, by a clock that is ahead', START + 3_600_000, 'SKIPPED'],
    ['at the epoch', 0, 'CANCEL'],
    ['at an invalid time', Number.NaN, 'SKIPPED'],
    ['at a time that the service does not return', undefined, 'SKIPPED'],
  ])('a deployment that started %s', (_when, time, expected) => {
    const found = startedAt(time);
    expect(decisionOf(FINDING, afterRead(FINDING, found, asking), found)).toBe(expected);
  });

  test.each(PHASES)('a deployment that started after it is skipped as long as it is not over, in %s', (phase) => {
    const over = OVER.includes(phase);
    const after = afterRead(FINDING, startedAt(START, phase), asking);
    expect(resultOf(after)).toMatchObject({ outcome: over ? 'NOTHING_TO_CANCEL' : 'SKIPPED', failed: false });
  });

  test('the reason has the skipped deployment and both times', () => {
    expect(resultOf(afterRead(FINDING, startedAt(START), asking)).reason).toBe(
      `deployment x of ${DISPLAY_NAME} was left alone: it started at 2026-10-01T00:00:00.000Z, after a cancellation was asked for, at 2026-09-30T23:50:00.000Z`,
    );
    expect(resultOf(afterRead(FINDING, startedAt(undefined), asking)).reason).toBe(
      `deployment x of ${DISPLAY_NAME} was left alone: it is not known to have been in flight when a cancellation was asked for, at 2026-09-30T23:50:00.000Z`,
    );
  });

  test('an error of the first read does not change what the next one skips', () => {
    const troubled = afterRead(FINDING, callError('throttled'), asking);
    expect(resultOf(afterRead(troubled, startedAt(START), asking)).outcome).toBe('SKIPPED');
  });

  test('a deployment that supersedes the pinned one after the first read is never cancelled', () => {
    const pinned = afterRead(FINDING, startedAt(HAPPENED - 60_000), asking);
    const newer: Found = { ...startedAt(START), deploymentId: 'y' };
    const after = afterRead(pinned, newer, asking);
    expect(decisionOf(pinned, after, newer)).toBe('AWAIT');
    expect(after).toMatchObject({ pinnedDeploymentId: 'x', supersededBy: 'y' });
  });

  test('without the time of an event, the start time does not matter', () => {
    const found = startedAt(START);
    expect(decisionOf(FINDING, afterRead(FINDING, found, IN_TIME), found)).toBe('CANCEL');
  });

  test('a guard skips the earlier deployment, whenever it started', () => {
    const found = startedAt(HAPPENED - 60_000);
    const { reason } = resultOf(afterRead(FINDING, found, { ...asking, ignoreDeploymentId: 'x' }));
    expect(reason).toContain('not known to have started after the guard was armed');
  });
});

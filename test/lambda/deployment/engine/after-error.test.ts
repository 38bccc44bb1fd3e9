import { INITIAL_PROGRESS } from '../../../../lambda/deployment/engine/decide';
import type { CallError, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { DENIED_TIMEOUT_MS, NEVER_ALLOWED_TIMEOUT_MS } from '../../../../lambda/deployment/engine/polling';
import { type Progress, STEPS } from '../../../../lib/contract/cancellation';
import {
  ARN,
  AWAITING,
  afterRead,
  at,
  callError,
  DISPLAY_NAME,
  ERROR_TYPES,
  FINDING,
  found,
  HINT,
  IN_DOUBT,
  IN_TIME,
  READ_ACTION,
  REQUESTED,
  resultOf,
  START,
  SUPERSEDED,
  TO_CANCEL,
  TOO_LATE,
} from './decisions';

const STATES: Readonly<Record<string, Progress>> = { FINDING, TO_CANCEL, IN_DOUBT, AWAITING, REQUESTED, SUPERSEDED };

describe('after a read that fails', () => {
  /** The decision before and after the deadline. STAY repeats the step after a wait. */
  const ENDS = {
    denied: ['STAY', 'ACCESS_DENIED'],
    rejected: ['STAY', 'TIMED_OUT'],
    conflict: ['STAY', 'TIMED_OUT'],
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
        deniedSince: kind === 'denied' ? IN_TIME.now : undefined,
        rejectedReads: kind === 'rejected' ? 1 : undefined,
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
    expect(resultOf(afterRead(AWAITING, callError('denied'), TOO_LATE)).reason).toBe(
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
      `the timeout of 1800 s has passed; no cancellation is known to have been accepted; last error: throttled, ${READ_ACTION}: ThrottlingException: message of throttled; the deployment of ${DISPLAY_NAME} was never seen`,
    );
  });

  describe('because it is denied', () => {
    /** The decision if all reads since the start were denied. */
    const deniedFor = (ms: number, before: Progress) =>
      afterRead(afterRead(before, callError('denied'), at(0)), callError('denied'), at(ms));

    test.each([
      ['no call has been allowed yet', FINDING, NEVER_ALLOWED_TIMEOUT_MS],
      ['a call has been allowed', { ...AWAITING, allowed: true }, DENIED_TIMEOUT_MS],
    ])('tries again for a while: %s', (_, before, patience) => {
      expect(deniedFor(patience - 1, before).next).toBe(before.next);
      expect(resultOf(deniedFor(patience, before)).outcome).toBe('ACCESS_DENIED');
    });

    describe('and the service responds as if there was nothing', () => {
      const hidden: ReadResult = { kind: 'not-found', deploymentStatus: 'UNKNOWN', mayBeDenied: true };
      const hiddenFor = (ms: number) => afterRead(afterRead(FINDING, hidden, at(0)), hidden, at(ms));

      test('tries again as long as for a denial, and for a second read', () => {
        expect(hiddenFor(NEVER_ALLOWED_TIMEOUT_MS - 1)).toMatchObject({ next: STEPS.FIND, deniedSince: START });
        const last = hiddenFor(NEVER_ALLOWED_TIMEOUT_MS);
        expect(last).toMatchObject({ next: STEPS.FIND, idle: true });
        const { outcome, reason } = resultOf(afterRead(last as Progress, hidden, at(NEVER_ALLOWED_TIMEOUT_MS + 5_000)));
        expect(outcome).toBe('NOT_FOUND');
        expect(reason).toContain(`${DISPLAY_NAME} was not found, or the caller may not read it`);
      });

      test('does not try again if a call has been allowed', () => {
        const allowed = { ...FINDING, allowed: true, idle: true };
        expect(resultOf(afterRead(allowed, hidden, at(0))).outcome).toBe('NOT_FOUND');
      });

      test('tries no longer than until the deadline', () => {
        expect(resultOf(afterRead(FINDING, hidden, TOO_LATE)).outcome).toBe('NOT_FOUND');
      });

      test('does not keep a guard from being armed', () => {
        expect(resultOf(afterRead(FINDING, hidden, { ...IN_TIME, observeOnly: true })).outcome).toBe('ARMED');
      });
    });

    test('waits longer from time to time', () => {
      const first = afterRead(FINDING, callError('denied'), at(0));
      const second = afterRead(first, callError('denied'), at(1_000));
      expect([first.waitSeconds, second.waitSeconds]).toEqual([0.75, 1.5]);
    });

    test('tries no longer than until the deadline, and says that it was denied', () => {
      const denied = afterRead(FINDING, callError('denied'), at(0, { timeoutSeconds: 10 }));
      const { outcome, reason } = resultOf(afterRead(denied, callError('denied'), at(10_000, { timeoutSeconds: 10 })));
      expect(outcome).toBe('ACCESS_DENIED');
      expect(reason).toContain(`not allowed to call ${READ_ACTION} on ${ARN}`);
    });

    test('counts from the first denial after a read that was allowed', () => {
      const denied = afterRead(AWAITING, callError('denied'), at(0));
      const allowed = afterRead(denied, found('CANCELLING'), at(50_000));
      expect(allowed).toMatchObject({ allowed: true });
      expect(allowed.deniedSince).toBeUndefined();
      const again = afterRead(allowed, callError('denied'), at(70_000));
      expect(again.deniedSince).toBe(START + 70_000);
    });

    test('goes on counting when another call is throttled', () => {
      const denied = afterRead({ ...AWAITING, allowed: true }, callError('denied'), at(0));
      const throttled = afterRead(denied, callError('throttled'), at(30_000));
      expect(resultOf(afterRead(throttled, callError('denied'), at(DENIED_TIMEOUT_MS))).outcome).toBe('ACCESS_DENIED');
    });
  });

  test('because it is rejected is final the third time in a row', () => {
    const once = afterRead(FINDING, callError('rejected'), IN_TIME);
    const twice = afterRead(once, callError('rejected'), IN_TIME);
    expect([once.next, twice.next]).toEqual([STEPS.FIND, STEPS.FIND]);
    expect(resultOf(afterRead(twice, callError('rejected'), IN_TIME))).toMatchObject({
      outcome: 'REFUSED',
      reason: `the service refused ${READ_ACTION}: ValidationException: message of rejected; the deployment of ${DISPLAY_NAME} was never seen`,
    });
    const found2 = afterRead({ ...twice, ...AWAITING }, found('CANCELLING'), IN_TIME);
    expect(found2.rejectedReads).toBeUndefined();
  });

  test.each([
    ['throttled', 'throttled'],
    ['conflict', 'in conflict'],
    ['server-error', 'failed'],
  ] as const)('the last error of a timeout tells what kind it was: %s', (kind, label) => {
    const progress = afterRead(AWAITING, callError(kind), IN_TIME);
    const { reason } = resultOf(afterRead(progress, callError(kind), TOO_LATE));
    expect(reason).toContain(`; last error: ${label}, ${READ_ACTION}: `);
  });
});

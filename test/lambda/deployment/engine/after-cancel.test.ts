import { mayCancel } from '../../../../lambda/deployment/engine/decide';
import { DENIED_TIMEOUT_MS } from '../../../../lambda/deployment/engine/polling';
import { type Progress, STEPS } from '../../../../lib/contract/cancellation';
import {
  ARN,
  afterCancel,
  afterRead,
  at,
  CANCEL,
  callError,
  DISPLAY_NAME,
  decisionOf,
  found,
  IN_DOUBT,
  IN_TIME,
  MISSING,
  PHASES,
  resultOf,
  STATUS,
  TO_CANCEL,
  TOO_LATE,
} from './decisions';

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
    ['denied', { requested: undefined, rejections: undefined }, 0.75],
    ['rejected', { requested: undefined, rejections: 1 }, 0.75],
    ['conflict', { requested: undefined, rejections: undefined }, 0.75],
    ['throttled', { requested: undefined, rejections: undefined }, 0.75],
    // The service may have acted, and a read may be behind it.
    ['server-error', { requested: true, rejections: undefined }, 5],
    ['unreachable', { requested: true, rejections: undefined, unreachableSince: IN_TIME.now }, 5],
  ] as const)('%s is followed by a read', (kind, expected, waitSeconds) => {
    const after = afterCancel(TO_CANCEL, callError(kind, CANCEL), IN_TIME);
    expect(after).toMatchObject({ next: STEPS.CANCEL, consecutiveErrors: 1, waitSeconds });
    const { requested, rejections, unreachableSince } = after;
    expect({ requested, rejections, unreachableSince }).toEqual({ unreachableSince: undefined, ...expected });
    const late = resultOf(afterCancel(TO_CANCEL, callError(kind, CANCEL), TOO_LATE));
    expect(late.outcome).toBe({ denied: 'ACCESS_DENIED', unreachable: 'UNAVAILABLE' }[kind as string] ?? 'TIMED_OUT');
  });

  describe('a denial', () => {
    /** The decision after a cancellation was denied at these times, each followed by a read that finds it in progress. */
    const deniedAt = (...times: number[]): Progress => {
      let progress: Progress = { ...TO_CANCEL, allowed: true };
      for (const ms of times) {
        progress = afterCancel(afterRead(progress, found('IN_PROGRESS'), at(ms)), callError('denied', CANCEL), at(ms));
      }
      return progress;
    };

    test('is tried again for a minute, although reads are allowed', () => {
      expect(deniedAt(0, 30_000, DENIED_TIMEOUT_MS - 1)).toMatchObject({ next: STEPS.CANCEL });
      const { outcome, reason } = resultOf(deniedAt(0, 30_000, DENIED_TIMEOUT_MS));
      expect(outcome).toBe('ACCESS_DENIED');
      expect(reason).toContain(`not allowed to call ${CANCEL} on ${ARN}`);
    });

    test('is over with the deployment', () => {
      expect(resultOf(afterRead(deniedAt(0, 10_000), found('COMPLETED'), at(20_000))).outcome).toBe('COMPLETED_FIRST');
    });
  });

  describe('a conflict', () => {
    test('is tried again for as long as the deployment is in progress and there is time', () => {
      let progress = TO_CANCEL;
      const waits = Array.from({ length: 8 }, () => {
        const read = afterRead(progress, found('IN_PROGRESS'), IN_TIME);
        expect(mayCancel(progress, read, found('IN_PROGRESS'))).toBe(true);
        progress = afterCancel(read, callError('conflict', CANCEL), IN_TIME);
        return progress.waitSeconds;
      });
      expect(waits).toEqual([0.75, 1.5, 3, 6, 12, 15, 15, 15]);
      expect(resultOf(afterRead(progress, found('IN_PROGRESS'), TOO_LATE))).toMatchObject({
        outcome: 'TIMED_OUT',
        reason: expect.stringContaining(`last error: in conflict, ${CANCEL}: ConflictException: message of conflict`),
      });
    });

    test.each([
      ['CANCELLED', 'CANCELLED'],
      ['COMPLETED', 'COMPLETED_FIRST'],
      ['FAILED', 'NOTHING_TO_CANCEL'],
    ] as const)('ends as the deployment does: %s is %s', (phase, expected) => {
      const progress = afterCancel(TO_CANCEL, callError('conflict', CANCEL), IN_TIME);
      expect(resultOf(afterRead(progress, found(phase), IN_TIME)).outcome).toBe(expected);
    });
  });

  describe('a rejection', () => {
    const refusedOnce = afterCancel(TO_CANCEL, callError('rejected', CANCEL), IN_TIME);

    test.each([
      ['already cancelling', found('CANCELLING'), 'AWAIT'],
      ['completed meanwhile', found('COMPLETED'), 'COMPLETED_FIRST'],
      ['cancelled meanwhile', found('CANCELLED'), 'CANCELLED'],
      ['failed meanwhile', found('FAILED'), 'NOTHING_TO_CANCEL'],
      ['not found', MISSING, 'CANCEL'],
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
        reason: `the service refused ${CANCEL}: ValidationException: message of rejected; deployment x of ${DISPLAY_NAME} was last seen as IN_PROGRESS`,
        attributes: { outcome: 'REFUSED', deploymentId: 'x', deploymentStatus: 'IN_PROGRESS' },
      });
      expect(resultOf(afterRead(refusedTimes(3), found('COMPLETED'), IN_TIME)).outcome).toBe('COMPLETED_FIRST');
    });

    test('keeps its message, even if the next read fails', () => {
      const throttled = afterRead(refusedTimes(3), callError('throttled'), IN_TIME);
      expect(throttled.next).toBe(STEPS.CANCEL);
      expect(resultOf(afterRead(throttled, found('IN_PROGRESS'), IN_TIME)).reason).toContain(
        `the service refused ${CANCEL}: ValidationException: message of rejected;`,
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
      `the timeout of 1800 s has passed; no cancellation is known to have been accepted; last error: throttled, ${CANCEL}: ThrottlingException: message of throttled; deployment x of ${DISPLAY_NAME} was last seen as IN_PROGRESS`,
    );
  });
});

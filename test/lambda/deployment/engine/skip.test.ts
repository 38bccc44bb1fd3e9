import type { DecisionContext } from '../../../../lambda/deployment/engine/decision-context';
import type { Found, Phase } from '../../../../lambda/deployment/engine/driver';
import { FIRST_READ_MS, SECOND_READ_DELAY_MS } from '../../../../lambda/deployment/engine/polling';
import { type Progress, STEPS } from '../../../../lib/contract/cancellation';
import {
  afterRead,
  at,
  callError,
  DISPLAY_NAME,
  decisionOf,
  FINDING,
  found,
  IDLE,
  IN_TIME,
  MISSING,
  OVER,
  PHASES,
  resultOf,
  START,
  TO_CANCEL,
} from './decisions';

/** How much later than the request a deployment may have started, as the documents promise. */
const CLOCK_TOLERANCE = 1_000;

describe('for a guard', () => {
  const arming: DecisionContext = { ...IN_TIME, observeOnly: true };
  const ignoring = (ignoreDeploymentId: string): DecisionContext => ({ ...IN_TIME, ignoreDeploymentId });
  const withoutId = (phase: Phase): Found => ({ ...found(phase), deploymentId: undefined });

  test.each(PHASES)('observing ends at once with the id of the deployment, in %s', (phase) => {
    const result = resultOf(afterRead(FINDING, found(phase), arming));
    expect(result).toMatchObject({ outcome: 'ARMED', failed: false, attributes: { deploymentId: 'x' } });
    expect(result.readAt).toBe('2026-10-01T00:00:05.000Z');
  });

  test('observing reports that there is no deployment', () => {
    const result = resultOf(afterRead(FINDING, MISSING, arming));
    expect(result).toMatchObject({ outcome: 'ARMED', failed: false, attributes: { deploymentId: '' } });
  });

  test('observing reports no id if the service returns none', () => {
    expect(resultOf(afterRead(FINDING, withoutId('IN_PROGRESS'), arming)).attributes.deploymentId).toBeUndefined();
  });

  test.each(PHASES)('the deployment to ignore is skipped as long as it is not over, in %s', (phase) => {
    const over = OVER.includes(phase) || phase === 'ROLLBACK_FAILED';
    // The first read may be behind.
    const first = afterRead(FINDING, found(phase), ignoring('x'));
    expect(first).toMatchObject({ next: STEPS.FIND, idle: true, waitSeconds: SECOND_READ_DELAY_MS / 1000 });
    expect(first.pinnedDeploymentId).toBeUndefined();
    const { outcome, failed } = resultOf(afterRead(first, found(phase), ignoring('x')));
    expect({ outcome, failed }).toEqual({ outcome: over ? 'NOTHING_TO_CANCEL' : 'SKIPPED', failed: false });
  });

  test('the deployment that it is to cancel is found by the second read, if the first one is behind', () => {
    const guard: DecisionContext = { ...ignoring('x'), ignoreStartedBefore: START - 60_000, requestedAt: START };
    const behind = { ...found('IN_PROGRESS'), startedAt: START - 3_600_000 };
    const current = { ...found('IN_PROGRESS', 'y'), startedAt: START - 30_000 };
    const second = afterRead(afterRead(FINDING, behind, guard), current, guard);
    expect(second).toMatchObject({ next: STEPS.CANCEL, pinnedDeploymentId: 'y' });
    expect(decisionOf(second, afterRead(second, current, guard), current)).toBe('SEND');
  });

  test('a deployment without an id is skipped, since it may be the one to ignore', () => {
    expect(resultOf(afterRead(IDLE, withoutId('IN_PROGRESS'), ignoring('other'))).outcome).toBe('SKIPPED');
    expect(resultOf(afterRead(IDLE, withoutId('IN_PROGRESS'), ignoring(''))).outcome).toBe('SKIPPED');
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
    ['at a time that the service does not return', undefined, 'SKIPPED'],
  ])('a deployment that started %s', (_when, time, expected) => {
    const found = startedAt(time);
    expect(decisionOf(FINDING, afterRead(FINDING, found, asking), found)).toBe(expected);
  });

  test.each(PHASES)('a deployment that started after it is skipped as long as it is not over, in %s', (phase) => {
    const over = OVER.includes(phase) || phase === 'ROLLBACK_FAILED';
    const after = afterRead(FINDING, startedAt(START, phase), asking);
    if (over) expect(after.next).toBe(STEPS.FIND);
    else expect(resultOf(after)).toMatchObject({ outcome: 'SKIPPED', failed: false });
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

  test('a guard skips the earlier deployment, whenever it started', () => {
    const found = startedAt(HAPPENED - 60_000);
    const { reason } = resultOf(afterRead(IDLE, found, { ...asking, ignoreDeploymentId: 'x' }));
    expect(reason).toContain('not known to have started after the guard was armed');
  });

  test('a deployment that is only awaited or refused needs no start time', () => {
    expect(afterRead(FINDING, startedAt(undefined, 'CANCELLING'), asking).next).toBe(STEPS.AWAIT);
    expect(resultOf(afterRead(IDLE, startedAt(undefined, 'NOT_CANCELLABLE'), asking)).outcome).toBe('REFUSED');
  });

  test('a deployment that the user has specified is cancelled, whenever it started', () => {
    for (const time of [undefined, START + 3_600_000]) {
      const found = { ...startedAt(time), isSpecified: true };
      expect(decisionOf(FINDING, afterRead(FINDING, found, asking), found)).toBe('CANCEL');
    }
  });
});

describe('without the time of a request, the start of the execution counts', () => {
  const startedAt = (time: number | undefined): Found => ({ ...found('IN_PROGRESS'), startedAt: time });

  test.each<[string, number, string]>([
    ['before it', START - 1, 'CANCEL'],
    ['within the tolerance of clocks', START + CLOCK_TOLERANCE, 'CANCEL'],
    ['later than that', START + CLOCK_TOLERANCE + 1, 'SKIPPED'],
  ])('for a deployment that started %s', (_, time, expected) => {
    for (const before of [FINDING, IDLE]) {
      expect(decisionOf(before, afterRead(before, startedAt(time), IN_TIME), startedAt(time))).toBe(expected);
    }
  });

  test.each<[string, Progress, DecisionContext, string]>([
    ['in the first read', FINDING, IN_TIME, 'CANCEL'],
    ['in the second read', IDLE, IN_TIME, 'SKIPPED'],
    ['after an error', afterRead(FINDING, callError('throttled'), IN_TIME), IN_TIME, 'SKIPPED'],
    ['in a first read that is late', FINDING, at(FIRST_READ_MS + 1), 'SKIPPED'],
    ['in the first read, in a fleet', FINDING, { ...IN_TIME, inFleet: true }, 'CANCEL'],
  ])('a deployment without a known start is in time only %s', (_, before, context, expected) => {
    const read = startedAt(undefined);
    expect(decisionOf(before, afterRead(before, read, context), read)).toBe(expected);
  });

  test('a deployment of a fleet without an id and without a start time is skipped', () => {
    const read = { ...startedAt(undefined), deploymentId: undefined };
    expect(resultOf(afterRead(FINDING, read, { ...IN_TIME, inFleet: true }))).toMatchObject({
      outcome: 'SKIPPED',
      reason: `the deployment of ${DISPLAY_NAME} was left alone: it is not known to have been in flight when a cancellation was asked for, at 2026-10-01T00:00:00.000Z`,
    });
  });
});

describe('a guard that was armed at some time', () => {
  const ARMED = START - 60_000;
  const guarding: DecisionContext = { ...IN_TIME, ignoreDeploymentId: 'w', ignoreStartedBefore: ARMED };

  test.each<[string, Partial<Found>, string]>([
    ['started before', { startedAt: ARMED - 1 }, 'SKIPPED'],
    ['started at that time', { startedAt: ARMED }, 'CANCEL'],
    ['started later', { startedAt: ARMED + 1_000 }, 'CANCEL'],
    ['is the one of that time', { startedAt: ARMED + 1_000, deploymentId: 'w' }, 'SKIPPED'],
    ['has another id, and no start time', { startedAt: undefined }, 'CANCEL'],
    ['has no id', { startedAt: ARMED + 1_000, deploymentId: undefined }, 'SKIPPED'],
  ])('a deployment that %s', (_, fields, expected) => {
    const read = { ...found('IN_PROGRESS'), ...fields };
    const first = afterRead(FINDING, read, guarding);
    // The first read may be behind.
    const after = expected === 'SKIPPED' ? afterRead(first, read, guarding) : first;
    expect(first.next).toBe(expected === 'SKIPPED' ? STEPS.FIND : expected);
    expect(decisionOf(FINDING, after, read)).toBe(expected);
  });

  test('skips a deployment without a start time if it knows no id', () => {
    const read = found('IN_PROGRESS');
    const after = afterRead(IDLE, read, { ...guarding, ignoreDeploymentId: undefined });
    expect(resultOf(after).reason).toContain('not known to have started after the guard was armed');
  });
});

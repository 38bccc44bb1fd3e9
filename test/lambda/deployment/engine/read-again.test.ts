import type { ReadResult } from '../../../../lambda/deployment/engine/driver';
import { MISSING_TIMEOUT_MS, SECOND_READ_DELAY_MS } from '../../../../lambda/deployment/engine/polling';
import { STEPS } from '../../../../lib/contract/cancellation';
import {
  afterRead,
  at,
  callError,
  decisionOf,
  FINDING,
  found,
  IDLE,
  IN_TIME,
  MISSING,
  OVER,
  resultOf,
  START,
  TO_CANCEL,
} from './decisions';

describe('a read that finds nothing in flight', () => {
  const NOTHING: ReadResult[] = [...OVER.map((phase) => found(phase)), { kind: 'never-deployed' }, MISSING];

  test.each(NOTHING)('is followed by a second one some seconds later: %#', (read) => {
    const after = afterRead(FINDING, read, IN_TIME);
    expect(after).toMatchObject({ next: STEPS.FIND, waitSeconds: SECOND_READ_DELAY_MS / 1000 });
    expect(after.pinnedDeploymentId).toBeUndefined();
  });

  test.each(NOTHING)('is the end if the second one finds nothing either: %#', (read) => {
    const first = afterRead(FINDING, { kind: 'never-deployed' }, IN_TIME);
    const expected = read === MISSING ? 'NOT_FOUND' : 'NOTHING_TO_CANCEL';
    expect(resultOf(afterRead(first, read, IN_TIME)).outcome).toBe(expected);
  });

  test('is followed by a second one that cancels what a list did not have yet', () => {
    const first = afterRead(FINDING, found('COMPLETED', 'w'), IN_TIME);
    const started = { ...found('IN_PROGRESS'), startedAt: START - 1_000 };
    const second = afterRead(first, started, IN_TIME);
    expect(second).toMatchObject({ next: STEPS.CANCEL, pinnedDeploymentId: 'x' });
    expect(decisionOf(second, afterRead(second, started, IN_TIME), started)).toBe('SEND');
  });

  test('waits for the second one only as long as there is time', () => {
    expect(afterRead(FINDING, MISSING, at(7_000, { timeoutSeconds: 10 })).waitSeconds).toBe(3);
    expect(resultOf(afterRead(IDLE, MISSING, at(10_000, { timeoutSeconds: 10 }))).outcome).toBe('NOT_FOUND');
  });

  test('decides on the second one also after errors in between', () => {
    const throttled = afterRead(IDLE, callError('throttled'), IN_TIME);
    expect(resultOf(afterRead(throttled, found('COMPLETED'), IN_TIME)).outcome).toBe('NOTHING_TO_CANCEL');
  });
});

describe('a read that does not find the pinned deployment', () => {
  const lost = afterRead(TO_CANCEL, MISSING, at(0));

  test('is followed by others for half a minute', () => {
    expect(lost).toMatchObject({ next: STEPS.CANCEL, missingSince: START, waitSeconds: 2 });
    expect(afterRead(lost, MISSING, at(MISSING_TIMEOUT_MS - 1)).next).toBe(STEPS.CANCEL);
    expect(resultOf(afterRead(lost, MISSING, at(MISSING_TIMEOUT_MS))).outcome).toBe('NOTHING_TO_CANCEL');
  });

  test('is followed by a cancellation if it is found again', () => {
    const again = afterRead(lost, found('IN_PROGRESS'), IN_TIME);
    expect(decisionOf(lost, again, found('IN_PROGRESS'))).toBe('SEND');
    expect(again.missingSince).toBeUndefined();
  });

  test('counts a resource without deployments as missing', () => {
    expect(afterRead(TO_CANCEL, { kind: 'never-deployed' }, at(0))).toEqual(lost);
  });
});

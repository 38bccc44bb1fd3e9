import { MAX_REJECTIONS } from '../../../../lambda/deployment/engine/after-error';
import { mayCancel } from '../../../../lambda/deployment/engine/decide';
import {
  AWAITING,
  afterCancel,
  afterRead,
  callError,
  found,
  IN_TIME,
  REQUESTED,
  resultOf,
  TO_CANCEL,
} from './decisions';

const FAILED = found('ROLLBACK_FAILED');

describe('a rollback that fails while it is awaited', () => {
  const toContinue = afterRead(REQUESTED, FAILED, IN_TIME);

  test('is continued in the next step, after another read', () => {
    expect(toContinue).toMatchObject({ next: 'CANCEL', waitSeconds: 0, continuing: true });
    expect(mayCancel(REQUESTED, toContinue, FAILED)).toBe(false);
    const again = afterRead(toContinue, FAILED, IN_TIME);
    expect(mayCancel(toContinue, again, FAILED)).toBe(true);
  });

  test('is not continued if the next read finds it rolling back, or rolled back', () => {
    const rolling = found('CANCELLING');
    expect(mayCancel(toContinue, afterRead(toContinue, rolling, IN_TIME), rolling)).toBe(false);
    expect(resultOf(afterRead(toContinue, found('CANCELLED'), IN_TIME)).outcome).toBe('CANCELLED');
  });

  test('is continued after a read that was behind when the request was to be sent', () => {
    const behind = afterRead(toContinue, found('CANCELLING'), IN_TIME);
    expect(behind).toMatchObject({ next: 'AWAIT' });
    const again = afterRead(behind, FAILED, IN_TIME);
    expect(again).toMatchObject({ next: 'CANCEL' });
    expect(mayCancel(again, afterRead(again, FAILED, IN_TIME), FAILED)).toBe(true);
  });

  test('is not continued if the next read finds another deployment', () => {
    const other = found('ROLLBACK_FAILED', 'y');
    expect(mayCancel(toContinue, afterRead(toContinue, other, IN_TIME), other)).toBe(false);
  });

  test('is awaited after the request was accepted, and never continued again', () => {
    const accepted = afterCancel(toContinue, found('CANCELLING', undefined), IN_TIME);
    expect(accepted).toMatchObject({ next: 'AWAIT', continued: true, requested: true });
    const behind = afterRead(accepted, FAILED, IN_TIME);
    expect(behind).toMatchObject({ next: 'AWAIT', continued: true });
    expect(mayCancel(accepted, behind, FAILED)).toBe(false);
    const end = resultOf(afterRead(behind, { ...found('FAILED'), advice: 'what to do' }, IN_TIME));
    expect(end.outcome).toBe('CANCEL_FAILED');
    expect(end.reason).toMatch(/; what to do$/);
  });

  test('is refused after as many rejections as a cancellation, not counting those of the cancellation', () => {
    let progress = afterRead({ ...REQUESTED, rejections: MAX_REJECTIONS - 1, lastRejection: 'no' }, FAILED, IN_TIME);
    for (let rejections = 1; rejections <= MAX_REJECTIONS; rejections++) {
      expect(progress).toMatchObject({ next: 'CANCEL' });
      progress = afterRead(afterCancel(progress, callError('rejected'), IN_TIME), FAILED, IN_TIME);
    }
    expect(resultOf(progress).outcome).toBe('REFUSED');
  });
});

test.each([
  ['before a cancellation is requested', TO_CANCEL],
  ['while it rolls back by itself', AWAITING],
])('a rollback that fails %s is continued as well', (_case, progress) => {
  expect(afterRead(progress, FAILED, IN_TIME)).toMatchObject({ next: 'CANCEL', continuing: true });
});

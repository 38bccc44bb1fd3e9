import { MAX_REJECTIONS } from '../../../../lambda/deployment/engine/after-error';
import { mayCancel } from '../../../../lambda/deployment/engine/decide';
import type { Found } from '../../../../lambda/deployment/engine/driver';
import { type Progress, STEPS } from '../../../../lib/contract/cancellation';
import { AWAITING, afterCancel, afterRead, at, CANCEL, callError, FINDING, found, START } from './decisions';

const SINCE = START + 10_000;
const FORCE_AFTER = 300_000;
const DUE = 10_000 + FORCE_AFTER;
const STOPPING: Found = { ...found('CANCELLING'), forceAfterMs: FORCE_AFTER };
const STOPPED_AT_SINCE: Progress = { ...AWAITING, requested: true, cancellingSince: SINCE };
const TO_FORCE: Progress = { ...STOPPED_AT_SINCE, next: STEPS.CANCEL, force: true };

test('the time counts from the response to the cancel request', () => {
  const toCancel: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
  expect(afterCancel(toCancel, STOPPING, at(10_000))).toMatchObject({ next: STEPS.AWAIT, cancellingSince: SINCE });
  expect(afterCancel(toCancel, found('CANCELLING'), at(10_000))).not.toHaveProperty('cancellingSince');
});

test('the time counts from the first read if somebody else has cancelled it, and no later read changes it', () => {
  const first = afterRead(FINDING, STOPPING, at(10_000));
  expect(first).toMatchObject({ next: STEPS.AWAIT, cancellingSince: SINCE, requested: true });
  expect(afterRead(first, STOPPING, at(20_000))).toMatchObject({ next: STEPS.AWAIT, cancellingSince: SINCE });
});

test.each<[string, Progress, Found, number, string]>([
  ['too early', STOPPED_AT_SINCE, STOPPING, DUE - 1, STEPS.AWAIT],
  ['in time', STOPPED_AT_SINCE, STOPPING, DUE, STEPS.CANCEL],
  ['later', STOPPED_AT_SINCE, STOPPING, DUE + 60_000, STEPS.CANCEL],
  ['not wanted', STOPPED_AT_SINCE, found('CANCELLING'), DUE, STEPS.AWAIT],
  ['a read that is behind', STOPPED_AT_SINCE, { ...STOPPING, phase: 'IN_PROGRESS' }, DUE, STEPS.AWAIT],
  ['forced already', { ...STOPPED_AT_SINCE, force: true }, STOPPING, DUE, STEPS.AWAIT],
  ['over', STOPPED_AT_SINCE, { ...STOPPING, phase: 'CANCELLED' }, DUE, STEPS.END],
  ['of a newer deployment', STOPPED_AT_SINCE, { ...STOPPING, deploymentId: 'y' }, DUE, STEPS.AWAIT],
])(
  'a deployment that is still being cancelled is forced to end, after the time: %s',
  (_, before, read, elapsed, next) => {
    const after = afterRead(before, read, at(elapsed));
    expect(after.next).toBe(next);
    // The step that decides it does not send it: a retry of that step could not know that it was sent.
    expect(mayCancel(before, after, read)).toBe(false);
    if (next === STEPS.CANCEL) expect(after).toMatchObject({ force: true, waitSeconds: 0 });
  },
);

test.each<[string, Progress, Found, boolean]>([
  ['still being cancelled', TO_FORCE, STOPPING, true],
  ['in progress, as a read that is behind shows', TO_FORCE, { ...STOPPING, phase: 'IN_PROGRESS' }, false],
  ['over', TO_FORCE, { ...STOPPING, phase: 'CANCELLED' }, false],
  ['another deployment', TO_FORCE, { ...STOPPING, deploymentId: 'y' }, false],
  ['rejected for good', { ...TO_FORCE, rejections: MAX_REJECTIONS }, STOPPING, false],
])('the request that forces the end is sent right after a read that finds it: %s', (_, kept, read, sends) => {
  expect(mayCancel(kept, afterRead(kept, read, at(DUE + 2_000)), read)).toBe(sends);
});

test('the request is sent once, and its end is awaited', () => {
  const sent = afterCancel(afterRead(TO_FORCE, STOPPING, at(DUE)), STOPPING, at(DUE));
  expect(sent).toMatchObject({ next: STEPS.AWAIT, force: true, requested: true });
  expect(afterRead(sent, STOPPING, at(DUE + FORCE_AFTER)).next).toBe(STEPS.AWAIT);
});

test('a request without a response is sent again, and one that is rejected for good is not', () => {
  const lost = afterCancel(TO_FORCE, callError('unreachable', CANCEL), at(DUE));
  expect(lost).toMatchObject({ next: STEPS.CANCEL, force: true });
  expect(mayCancel(lost, afterRead(lost, STOPPING, at(DUE + 9_000)), STOPPING)).toBe(true);
  let rejected = TO_FORCE;
  for (let count = 0; count < MAX_REJECTIONS; count++) {
    rejected = afterCancel(rejected, callError('rejected', CANCEL), at(DUE));
  }
  expect(afterRead(rejected, STOPPING, at(DUE + 9_000))).toMatchObject({ next: STEPS.AWAIT });
});

test('a wait does not go past the time, however long the interval is', () => {
  const wait = (elapsed: number) =>
    afterRead(STOPPED_AT_SINCE, STOPPING, at(elapsed, { pollIntervalSeconds: 200 })).waitSeconds;
  expect([wait(20_000), wait(DUE - 90_000)]).toEqual([200, 90]);
});

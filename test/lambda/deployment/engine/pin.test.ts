import type { Found, Phase } from '../../../../lambda/deployment/engine/driver';
import { type Identity, identityOf, isPinned, isSamePin } from '../../../../lambda/deployment/engine/pin';
import { type Progress, STEPS } from '../../../../lib/contract/cancellation';
import { afterRead, DISPLAY_NAME, decisionOf, FINDING, found, IN_TIME, resultOf, START, TO_CANCEL } from './decisions';

test('a response that is out of date is not about a newer deployment', () => {
  const pinned: Progress = { ...TO_CANCEL, pinnedStartedAt: START - 60_000 };
  const older: Found = { ...found('COMPLETED', 'w'), startedAt: START - 3_600_000 };
  expect(afterRead(pinned, older, IN_TIME)).toEqual({ ...pinned, allowed: true, waitSeconds: 2 });
  const newer: Found = { ...older, startedAt: START };
  expect(afterRead(pinned, newer, IN_TIME)).toMatchObject({ next: STEPS.AWAIT, supersededBy: 'w' });
});

describe('a service that returns start times in place of ids', () => {
  const at60 = (phase: Phase, startedAt: number): Found => ({ ...found(phase), deploymentId: undefined, startedAt });
  const before = START - 60_000;
  const pinned = afterRead(FINDING, at60('IN_PROGRESS', before), IN_TIME);

  test('pins the start time', () => {
    expect(pinned).toMatchObject({ next: STEPS.CANCEL, pinnedStartedAt: before });
    const read = at60('IN_PROGRESS', before);
    expect(decisionOf(pinned, afterRead(pinned, read, IN_TIME), read)).toBe('SEND');
  });

  test('never cancels a deployment that started later, and reports that it took the place of the pinned one', () => {
    const read = at60('IN_PROGRESS', START + 500);
    const after = afterRead(pinned, read, IN_TIME);
    expect(decisionOf(pinned, after, read)).toBe('SUPERSEDED');
    expect(resultOf(after).reason).toBe(
      `how the deployment of ${DISPLAY_NAME} ended cannot be known any more: last seen as IN_PROGRESS; a newer deployment, started at 2026-10-01T00:00:00.500Z, has taken its place`,
    );
  });

  test('says nothing if it returns no start time either, or an earlier one', () => {
    for (const startedAt of [undefined, before - 1]) {
      const read = { ...at60('IN_PROGRESS', before), startedAt };
      expect(decisionOf(pinned, afterRead(pinned, read, IN_TIME), read)).toBe('CANCEL');
    }
  });

  test('skips a deployment that started later if nothing is pinned', () => {
    const { pinnedStartedAt: _, ...unpinned } = pinned;
    const read = at60('IN_PROGRESS', START + 60_000);
    expect(decisionOf(unpinned, afterRead(unpinned, read, IN_TIME), read)).toBe('SKIPPED');
  });
});

describe('a read', () => {
  test.each<[string, { id?: string; startedAt?: number }, { id?: string; startedAt?: number }, Identity]>([
    [
      'with the pinned id is about the pinned deployment',
      { id: 'v', startedAt: 2 },
      { id: 'v', startedAt: 1 },
      'pinned',
    ],
    ['with another id and an earlier start is older', { id: 'v', startedAt: 2 }, { id: 'w', startedAt: 1 }, 'older'],
    ['with another id and the same start is newer', { id: 'v', startedAt: 2 }, { id: 'w', startedAt: 2 }, 'newer'],
    ['with another id and a later start is newer', { id: 'v', startedAt: 2 }, { id: 'w', startedAt: 3 }, 'newer'],
    ['with another id and no start is newer', { id: 'v', startedAt: 2 }, { id: 'w' }, 'newer'],
    ['with another id is newer if no start is pinned', { id: 'v' }, { id: 'w', startedAt: 1 }, 'newer'],
    ['without an id may be about another deployment', { id: 'v', startedAt: 2 }, { startedAt: 2 }, 'unknown'],
    ['with the pinned start is about the pinned deployment', { startedAt: 2 }, { id: 'w', startedAt: 2 }, 'pinned'],
    ['with an earlier start is older', { startedAt: 2 }, { startedAt: 1 }, 'older'],
    ['with a later start is newer', { startedAt: 2 }, { startedAt: 3 }, 'newer'],
    ['without a start may be about another deployment', { startedAt: 2 }, {}, 'unknown'],
    ['is about the deployment to pin if nothing is pinned', {}, { id: 'w', startedAt: 1 }, 'pinned'],
  ])('%s', (_what, pinned, read, expected) => {
    const kept = { pinnedDeploymentId: pinned.id, pinnedStartedAt: pinned.startedAt };
    const seen = { ...found('IN_PROGRESS'), deploymentId: read.id, startedAt: read.startedAt };
    expect(identityOf(kept, seen)).toBe(expected);
  });
});

test.each([
  [{}, false],
  [{ pinnedDeploymentId: 'v' }, true],
  [{ pinnedStartedAt: 1 }, true],
])('an id or a start time is enough to tell a deployment from others: %j', (kept, expected) => {
  expect(isPinned(kept)).toBe(expected);
});

test.each([
  [{ pinnedDeploymentId: 'v', pinnedStartedAt: 1 }, true],
  [{ pinnedDeploymentId: 'w', pinnedStartedAt: 1 }, false],
  [{ pinnedDeploymentId: 'v', pinnedStartedAt: 2 }, false],
])('a pin has changed if its id or its start time has: %j', (other, expected) => {
  expect(isSamePin({ pinnedDeploymentId: 'v', pinnedStartedAt: 1 }, other)).toBe(expected);
});

import type { Found, Phase } from '../../../../lambda/deployment/engine/driver';
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

import { mayCancel } from '../../../../lambda/deployment/engine/decide';
import type { CallError, Found, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { MISSING_TIMEOUT_MS } from '../../../../lambda/deployment/engine/polling';
import { type Outcome, type Progress, STEPS } from '../../../../lib/contract/cancellation';
import { afterCancel, afterRead, at, CANCEL, callError, found, MISSING } from './decisions';

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

  const DEPTH = 4;

  /** Goes through them as `run` does: each step may be interrupted after any read, and retried with what was kept. */
  function walk(
    kept: Progress,
    progress: Progress,
    depth: number,
    visit: (sent: boolean, to: Progress, by: ReadResult) => void,
  ) {
    // Late enough for two reads in a row to find that a deployment is gone.
    const context = at((DEPTH - depth) * MISSING_TIMEOUT_MS);
    for (const read of depth === 0 ? [] : reads) {
      const decided = afterRead(progress, read, context);
      const sends = mayCancel(kept, decided, read);
      for (const after of sends ? responses.map((response) => afterCancel(decided, response, context)) : [decided]) {
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
      walk(start, start, DEPTH, (sends, after, by) => {
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
    const reached = ['COMPLETED_FIRST', 'NOTHING_TO_CANCEL', 'REFUSED', 'SUPERSEDED', 'UNAVAILABLE'];
    expect([...outcomes].sort()).toEqual(reached);
  });
});

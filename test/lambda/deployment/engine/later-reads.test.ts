import { MAX_REJECTIONS } from '../../../../lambda/deployment/engine/after-error';
import { mayCancel } from '../../../../lambda/deployment/engine/decide';
import type { Found, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { DENIED_TIMEOUT_MS, MISSING_TIMEOUT_MS } from '../../../../lambda/deployment/engine/polling';
import { type Progress, STEPS } from '../../../../lib/contract/cancellation';
import {
  AWAITING,
  afterCancel,
  afterRead,
  at,
  CANCEL,
  callError,
  FINDING,
  found,
  IN_TIME,
  MISSING,
  REQUESTED,
  resultOf,
  START,
  TO_CANCEL,
  TOO_LATE,
} from './decisions';

const withoutId = ({ pinnedDeploymentId: _, ...progress }: Progress): Progress => progress;

test.each<[string, Progress, string | undefined]>([
  ['by its ID', REQUESTED, 'x'],
  ['without an ID', withoutId(REQUESTED), undefined],
])('a deployment that is awaited %s is never reported as left alone, however late it started', (_what, before, id) => {
  const late: Found = { ...found('CANCELLING'), deploymentId: id, startedAt: START + 3_600_000 };
  expect(afterRead(before, late, IN_TIME)).toMatchObject({ next: STEPS.AWAIT });
  expect(resultOf(afterRead(before, { ...late, phase: 'CANCELLED' }, IN_TIME)).outcome).toBe('CANCELLED');
});

describe('a deletion', () => {
  const deleting = afterRead(FINDING, found('DELETING'), IN_TIME);
  const gone = { ...deleting, missingSince: IN_TIME.now - MISSING_TIMEOUT_MS };

  test.each<[string, Progress, ReadResult]>([
    ['fails', deleting, found('DELETION_OVER')],
    ['succeeds', gone, MISSING],
  ])(
    'that was in flight at the first read is superseded by a deployment that has started before it %s',
    (_how, before, read) => {
      expect(resultOf(afterRead({ ...before, supersededBy: 'y' }, read, IN_TIME)).outcome).toBe('SUPERSEDED');
      expect(resultOf(afterRead(before, read, IN_TIME)).outcome).toBe('NOTHING_TO_CANCEL');
    },
  );

  test.each([TO_CANCEL, AWAITING])('that starts later does not hide how the deployment ended: %j', (before) => {
    const later = afterRead(before, found('DELETING'), IN_TIME);
    expect(resultOf(afterRead(later, found('COMPLETED'), IN_TIME)).outcome).toBe('COMPLETED_FIRST');
  });
});

describe('a cancellation that the service rejects', () => {
  const rejected: Progress = { ...TO_CANCEL, rejections: MAX_REJECTIONS, lastRejection: 'no' };

  test('is refused only if the next read finds the deployment in progress', () => {
    expect(resultOf(afterRead(rejected, found('IN_PROGRESS'), IN_TIME)).outcome).toBe('REFUSED');
    expect(afterRead(rejected, found('UNKNOWN'), IN_TIME)).toMatchObject({ next: STEPS.CANCEL });
  });

  test('is not refused while the deployment is awaited, by a read that is behind', () => {
    expect(afterRead({ ...rejected, next: STEPS.AWAIT }, found('IN_PROGRESS'), IN_TIME).next).toBe(STEPS.AWAIT);
  });
});

test('the errors of a cancel request are over when a read finds that the deployment is being cancelled', () => {
  const failed = afterCancel(TO_CANCEL, callError('throttled', CANCEL), IN_TIME);
  const awaited = afterRead(failed, found('CANCELLING'), IN_TIME);
  expect(awaited).toMatchObject({ next: STEPS.AWAIT, consecutiveErrors: 0 });
  expect(resultOf(afterRead(awaited, found('CANCELLING'), TOO_LATE)).reason).not.toContain('last error');
});

test('a request that forces the end is not sent to a deployment that is ending', () => {
  const toForce: Progress = { ...REQUESTED, next: STEPS.CANCEL, force: true, cancellingSince: START };
  const ending: Found = { ...found('ENDING'), forceAfterMs: 1 };
  expect(afterRead(toForce, ending, IN_TIME)).toMatchObject({ next: STEPS.AWAIT });
});

test.each<[string, ReadResult]>([
  ['nothing', MISSING],
  ['no deployment', { kind: 'never-deployed' }],
  ['one that is over', found('COMPLETED')],
])(
  'a first read that finds %s shows that reads are allowed, so that a denial is final after a minute',
  (_what, read) => {
    const denied = afterRead(afterRead(FINDING, read, at(0)), callError('denied'), at(5_000));
    expect(denied.next).toBe(STEPS.FIND);
    const final = afterRead(denied, callError('denied'), at(5_000 + DENIED_TIMEOUT_MS));
    expect(resultOf(final).outcome).toBe('ACCESS_DENIED');
  },
);

test('a deployment whose ID is read for the first time is not cancelled, whatever the step has pinned', () => {
  const unpinned = withoutId(TO_CANCEL);
  expect(mayCancel(unpinned, unpinned, found('IN_PROGRESS'))).toBe(false);
});

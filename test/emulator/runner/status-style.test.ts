import { type StatusStyle, styleOf } from '../../../emulator/runner/status-style';

test.each<[StatusStyle, string]>([
  ['good', 'CREATE_COMPLETE SUCCEEDED Succeeded SUCCESSFUL COMPLETED_FIRST UPDATE_COMPLETE'],
  ['bad', 'CREATE_FAILED FAILED Failed ROLLBACK_FAILED CANCEL_FAILED TIMED_OUT ABORTED ACCESS_DENIED REFUSED'],
  ['undone', 'ROLLBACK_COMPLETE ROLLBACK_IN_PROGRESS ROLLBACK_SUCCESSFUL CANCELLED Stopped Superseded DELETE_COMPLETE'],
  ['moving', 'IN_PROGRESS InProgress CANCELLING Stopping PENDING STOP_REQUESTED CREATE_IN_PROGRESS Created Queued'],
  ['plain', 'ARMED NOTHING_TO_CANCEL ok'],
])('the style %s applies to %s', (style, statuses) => {
  expect(statuses.split(' ').filter((status) => styleOf(status) !== style)).toEqual([]);
});

test('a sentence is not a status', () => {
  expect(styleOf('12 deployments: 10 cancelled, 2 failed')).toBe('plain');
});

import { exitCodeOf } from '../../cli/exit-code';
import type { Outcome } from '../../lib/contract/cancellation';

test.each<[Outcome, boolean, number]>([
  ['CANCELLED', false, 0],
  ['CANCELLED', true, 1],
  ['NOT_FOUND', false, 0],
  ['NOT_FOUND', true, 1],
  ['REFUSED', true, 1],
  ['SKIPPED', false, 0],
  ['ERROR', true, 2],
  ['ACCESS_DENIED', true, 3],
  ['TIMED_OUT', true, 4],
  ['UNAVAILABLE', true, 5],
])('%s, failed: %s, has exit code %d', (outcome, failed, code) => {
  expect(exitCodeOf({ outcome, failed })).toBe(code);
});

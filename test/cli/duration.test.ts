import { formatDuration, formatElapsed, parseDuration } from '../../cli/duration';

test.each([
  ['1s', 1],
  ['90s', 90],
  ['30m', 1800],
  ['1h', 3600],
  ['0s', undefined],
  ['2h', undefined],
  ['30', undefined],
  ['m', undefined],
  ['1.5m', undefined],
  ['-1m', undefined],
  ['1d', undefined],
])('the duration %s is %s seconds', (text, seconds) => {
  expect(parseDuration(text, { min: 1, max: 3600 })).toBe(seconds);
});

test.each([
  [1, '1s'],
  [90, '90s'],
  [1800, '30m'],
  [3600, '1h'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [0, '0:00'],
  [65_900, '1:05'],
  [3_600_000, '60:00'],
])('%d ms have passed: %s', (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});

import { backoff, pollInterval } from '../../../../lambda/deployment/engine/polling';

test.each([
  [0, 0, 1_800],
  [0, 0.5, 2_000],
  [59_999, 0.5, 2_000],
  [60_000, 0.5, 4_700],
  [3_600_000, 0, 4_230],
  [3_600_000, 0.999, 5_169],
  [-5_000, 0.5, 2_000],
])('%d ms after the start, with the random number %d, the next read is in %d ms', (elapsed, random, expected) => {
  expect(pollInterval(elapsed, random)).toBe(expected);
});

test.each([
  [0, 0.5, 1, 30_000, 30_000],
  [3_600_000, 0, 1, 30_000, 27_000],
  [3_600_000, 1, 1, 1_000, 1_100],
  [0, 0.5, 1_000, 1_000, 8_000],
])(
  '%d ms after the start, with the random number %d, %d deployments and an interval of %d ms, the next read is in %d ms',
  (elapsed, random, activeCount, interval, expected) => {
    expect(pollInterval(elapsed, random, activeCount, interval)).toBe(expected);
  },
);

test.each([
  [1, 0, 500],
  [1, 1, 1_000],
  [2, 1, 2_000],
  [5, 0, 8_000],
  [6, 1, 20_000],
  [1_000_000, 1, 20_000],
  [0, 1, 1_000],
])(
  'after %d consecutive errors, with the random number %d, the backoff is %d ms',
  (consecutiveErrors, random, expected) => {
    expect(backoff(consecutiveErrors, random)).toBe(expected);
  },
);

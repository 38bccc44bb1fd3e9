import { backoff, fleetLoad, invocationPollMs, pollInterval } from '../../../../lambda/deployment/engine/polling';
import { LONG_TIMEOUT_SECONDS, TIMEOUT_SECONDS } from '../../../../lib/contract/cancellation';

test.each([
  [0, 0, 1_800],
  [0, 0.5, 2_000],
  [59_999, 0.5, 2_000],
  [60_000, 0.5, 4_700],
  [2_699_999, 0, 4_230],
  [2_699_999, 0.999, 5_169],
  [2_700_000, 0, 54_000],
  [2_700_000, 0.5, 60_000],
  [86_400_000, 0.999, 65_988],
  [-5_000, 0.5, 2_000],
])('%d ms after the start, with the random number %d, the next read is in %d ms', (elapsed, random, expected) => {
  expect(pollInterval(elapsed, random)).toBe(expected);
});

test.each([
  [0, 0.5, 1, 30_000, 30_000],
  [2_699_999, 0, 1, 30_000, 27_000],
  [2_699_999, 1, 1, 1_000, 1_100],
  [2_700_000, 0, 1, 30_000, 54_000],
  [2_700_000, 1, 1, 1_000, 66_000],
  [2_700_000, 0.5, 1, 300_000, 300_000],
  [0, 0.5, 1_000, 1_000, 8_000],
  [600_000, 0.5, 1_000, 1_000, 60_000],
])(
  '%d ms after the start, with the random number %d, %d deployments and an interval of %d ms, the next read is in %d ms',
  (elapsed, random, activeCount, interval, expected) => {
    expect(pollInterval(elapsed, random, { activeCount }, interval)).toBe(expected);
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

/** Up to three invocations wait themselves. A fleet has one for each 25 deployments. */
test.each([
  [{}, 240_000],
  [{ cancellations: 1 }, 240_000],
  [{ cancellations: 3 }, 240_000],
  [{ cancellations: 4 }, 0],
  [{ cancellations: 200 }, 0],
  [{ activeCount: 1 }, 240_000],
  [{ activeCount: 75 }, 240_000],
  [{ activeCount: 76 }, 0],
  [{ activeCount: 1_000 }, 0],
  [{ cancellations: 4, activeCount: 1 }, 0],
  [{ cancellations: 2, activeCount: 76 }, 0],
])('with %j, an invocation polls for %d ms', (load, expected) => {
  expect(invocationPollMs(load, 0)).toBe(expected);
  expect(invocationPollMs(load, TIMEOUT_SECONDS.max * 1000 - 1)).toBe(expected);
});

test('after the longest timeout of CloudFormation, an invocation waits for a backoff, and not for the next read', () => {
  const late = TIMEOUT_SECONDS.max * 1000;
  const polled = invocationPollMs({}, late);
  expect(polled).toBeGreaterThan(backoff(100, 1));
  expect(polled).toBeLessThan(pollInterval(late, 0, {}, 1_000));
  expect(invocationPollMs({ cancellations: 4 }, late)).toBe(0);
});

/** Those that go back to the state machine poll the less often, the longer it takes, and the more they are. */
test.each([
  [0, { cancellations: 4 }, undefined, 2_000],
  [30_000, { cancellations: 4 }, undefined, 3_000],
  [600_000, { cancellations: 4 }, undefined, 60_000],
  [600_000, { cancellations: 3 }, undefined, 4_700],
  [600_000, { cancellations: 4 }, 5_000, 5_000],
  [200_000, { cancellations: 4 }, 1_000, 1_000],
  [2_000_000, { cancellations: 4 }, 1_000, 10_000],
  [2_000_000, { cancellations: 4 }, 30_000, 30_000],
  [2_700_000, { cancellations: 4 }, undefined, 270_000],
  [2_700_000, { cancellations: 4 }, 1_000, 60_000],
  [86_400_000, { cancellations: 4 }, undefined, 300_000],
  [86_400_000, { cancellations: 4 }, 1_000, 60_000],
  [86_400_000, { cancellations: 4 }, 90_000, 90_000],
  [0, { cancellations: 200 }, undefined, 10_000],
  [0, { cancellations: 200 }, 5_000, 10_000],
  [600_000, { activeCount: 76 }, 5_000, 60_000],
])(
  '%d ms after the start, with %j and an interval of %p ms, the next read is in %d ms',
  (elapsed, load, chosen, expected) => {
    expect(pollInterval(elapsed, 0.5, load, chosen)).toBe(expected);
  },
);

test.each([1_000, 10_000])('the steps of a fleet of %d fit into the history of an execution', (activeCount) => {
  const [batches, eventsOfStep, maxEvents, timeout] = [40, 9, 25_000, 45 * 60_000];
  let steps = 0;
  for (let elapsed = 0; elapsed < timeout; elapsed += pollInterval(elapsed, 0, { activeCount })) steps++;
  expect(steps).toBeLessThan(60);
  // What is left is for invocations that are tried again.
  expect(steps * batches * eventsOfStep).toBeLessThan(maxEvents * 0.9);
});

test.each([
  [{}, undefined, 1_600],
  [{}, 1, 1_600],
  [{}, 300, 330],
  [{ cancellations: 4 }, undefined, 400],
  [{ cancellations: 4 }, 1, 2_300],
  [{ cancellations: 4 }, 300, 400],
])(
  'with %j and an interval of %p s, a day takes less than %d steps, which fit into a history',
  (load, chosen, most) => {
    const day = LONG_TIMEOUT_SECONDS.max * 1000;
    let steps = 0;
    for (let elapsed = 0, entered = 0; elapsed < day; ) {
      // The state machine waits whole seconds.
      const wait = pollInterval(elapsed, 0, load, chosen === undefined ? undefined : chosen * 1000);
      const polls = elapsed + wait - entered <= invocationPollMs(load, entered);
      elapsed += polls ? wait : Math.ceil(wait / 1000) * 1000;
      if (polls) continue;
      entered = elapsed;
      steps++;
    }
    expect(steps).toBeLessThan(most);
    // A step adds 9 events. What is left is for invocations that are tried again.
    expect(steps * 9).toBeLessThan(25_000 * 0.85);
  },
);

/** The stack counts a fleet with its concurrency, but only its batches run. */
test.each([
  [{}, 40, 30, 2],
  [{ cancellations: 40 }, 40, 30, 2],
  [{ cancellations: 45 }, 40, 30, 7],
  [{ cancellations: 80 }, 40, 30, 42],
  [{ cancellations: 40 }, 40, 1_000, 40],
  [{ cancellations: 40 }, 400, 10_000, 40],
  [{ cancellations: 45 }, 400, 10_000, 45],
  [{ cancellations: 2 }, 2, 50, 2],
])(
  'with %j, a fleet with a concurrency of %d and %d active deployments is one of %d invocations',
  (load, concurrency, activeCount, cancellations) => {
    expect(fleetLoad(load, concurrency, activeCount)).toEqual({ cancellations, activeCount });
  },
);

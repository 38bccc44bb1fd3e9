import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FleetModelled, modelFleet, rowOf } from '../../bench/fleet-model';
import { SLOWEST } from '../../bench/fleet-service';

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_HISTORY_EVENTS = 25_000;
const MAX_STATE_BYTES = 256 * 1024;
/** The default quota of Lambda is 1,000. */
const MAX_FUNCTIONS = 40;

describe('a fleet of 10,000 deployments in flight', () => {
  const SIZE = 10_000;
  let fleet: FleetModelled;
  beforeAll(async () => {
    jest.spyOn(console, 'info').mockImplementation(() => undefined);
    fleet = await modelFleet({ size: SIZE });
  }, 1_200_000);

  test('is cancelled, each deployment once', () => {
    expect(fleet.result).toMatchObject({ failed: false, reason: '10000 deployments: 10000 cancelled' });
    expect(fleet.cancelled).toHaveLength(SIZE);
    expect(new Set(fleet.cancelled).size).toBe(SIZE);
  });

  test('fits into the history and the states of one execution', () => {
    expect(fleet.historyEvents).toBeLessThan(MAX_HISTORY_EVENTS / 2);
    expect(fleet.largestStateBytes).toBeLessThan(MAX_STATE_BYTES);
  });

  test('takes no more than 40 functions at the same time', () => {
    expect(fleet.functionsAtOnce).toBeLessThanOrEqual(MAX_FUNCTIONS);
  });

  test('keeps to the rate of the service: fewer than a tenth of its calls are throttled', () => {
    expect(fleet.throttledCalls).toBeLessThan(fleet.calls / 10);
  });

  test('takes no longer than its slowest deployment and four rounds of 80 s', () => {
    expect(fleet.seconds).toBeLessThan(SLOWEST + 4 * 80 + 20);
  });

  test('has a row on the cost page', () => {
    expect(readFileSync(join(__dirname, '..', '..', 'docs', 'cost.md'), 'utf8')).toContain(rowOf(fleet));
  });
});

test('a fleet of 1,000 has a row on the cost page', async () => {
  jest.spyOn(console, 'info').mockImplementation(() => undefined);
  const fleet = await modelFleet({ size: 1_000 });
  expect(readFileSync(join(__dirname, '..', '..', 'docs', 'cost.md'), 'utf8')).toContain(rowOf(fleet));
}, 300_000);

test('of 10,000 deployments, no more than maxConcurrency are in progress at the same time', async () => {
  jest.spyOn(console, 'info').mockImplementation(() => undefined);
  // The new quota of an account is 10 functions at the same time.
  const fleet = await modelFleet({ size: 10_000, concurrency: 100 });
  expect(fleet.functionsAtOnce).toBe(10);
  expect(fleet.result.reason).toBe('10000 deployments: 10000 cancelled');
  expect(fleet.historyEvents).toBeLessThan(MAX_HISTORY_EVENTS / 2);
}, 1_200_000);

import {
  Consistency,
  type ConsistencyOption,
  type ConsistencyOptions,
  History,
  isRead,
  type Read,
} from '../../../emulator/core/consistency';
import { keyedRandom, seededRandom } from '../../../emulator/core/seeded-random';

const draws = (seed: number) => keyedRandom(seededRandom(seed));
const eventual = (seed: number, option: ConsistencyOption = 'eventual') => new Consistency(option, draws(seed));
const SEEDS = Array.from({ length: 50 }, (_, index) => index);

/** A parameter that was put at 1 s, overwritten at 2 s, and deleted at 10 s. */
function parameter(): History<string | undefined> {
  const states = new History<string | undefined>('parameter 1');
  states.write('first', 1_000);
  states.write('second', 2_000);
  states.write(undefined, 10_000);
  return states;
}

/** A read with the same lag for every write, or one lag for each. */
const lagging = (...lags: number[]): Read => ({ lag: (_, version) => lags[version - 1] ?? lags[0] ?? 0 });

describe('a read', () => {
  test.each<[string, Read, number, string | undefined, number]>([
    ['before the first write', lagging(3_000), 500, undefined, 0],
    ['before the lag of the first write', lagging(3_000), 3_999, undefined, 0],
    ['after the lag of the first write', lagging(3_000), 4_000, 'first', 1],
    ['before the lag of an overwrite', lagging(3_000), 4_999, 'first', 1],
    ['after the lag of an overwrite', lagging(3_000), 5_000, 'second', 2],
    ['before the lag of a deletion', lagging(3_000), 12_999, 'second', 2],
    ['after the lag of a deletion', lagging(3_000), 13_000, undefined, 3],
    ['of an overwrite whose lag passes before that of the first write', lagging(9_000, 1_000), 3_000, 'second', 2],
    ['without a lag', lagging(0), 10_000, undefined, 3],
    ['without a lag, of a service whose clock was set back', lagging(0), 0, undefined, 3],
    ['that is at most one write behind', { ...lagging(60_000), maxBehind: 1 }, 10_000, 'second', 2],
  ])('%s returns the state of its time', (_what, read, now, state, count) => {
    const states = parameter();
    expect(states.seenBy(read, now)).toBe(state);
    expect(states.countSeenBy(read, now)).toBe(count);
    expect(states.current).toBeUndefined();
  });

  test('with strong consistency returns the last write', () => {
    for (const seed of SEEDS)
      expect(parameter().seenBy(eventual(seed, 'strong').read('a:GetB'), 2_000)).toBe(undefined);
    expect(Consistency.STRONG.readPermissions('a:GetB').lag('role', 1)).toBe(0);
  });
});

describe('eventual consistency', () => {
  const lags = (read: (consistency: Consistency) => Read) => SEEDS.map((seed) => read(eventual(seed)).lag('item', 1));

  test('has lags of up to three seconds for reads', () => {
    const found = lags((consistency) => consistency.read('ssm:GetParameter'));
    expect(Math.min(...found)).toBeLessThan(500);
    expect(Math.max(...found)).toBeGreaterThan(2_500);
    expect(Math.max(...found)).toBeLessThanOrEqual(3_000);
  });

  test('has lags of up to ten seconds for permissions', () => {
    const found = lags((consistency) => consistency.readPermissions('ssm:GetParameter'));
    expect(Math.max(...found)).toBeGreaterThan(9_000);
    expect(Math.max(...found)).toBeLessThanOrEqual(10_000);
  });

  test('has lists that are later than reads by ID, and the reverse', () => {
    const list = lags((consistency) => consistency.read('ecs:ListServiceDeployments'));
    const describe = lags((consistency) => consistency.read('ecs:DescribeServiceDeployments'));
    const later = list.filter((lag, index) => lag > (describe[index] ?? 0)).length;
    expect(later).toBeGreaterThan(10);
    expect(later).toBeLessThan(40);
  });

  test('has the same lags in every run with the same seed, in any order of reads of other items', () => {
    const one = eventual(7);
    const other = eventual(7);
    other.read('ssm:GetParameter');
    other.read('ecs:ListServiceDeployments').lag('other', 3);
    const lag = one.read('proton:GetService').lag('item', 2);
    expect(other.read('proton:GetService').lag('item', 2)).toBe(lag);
    expect(eventual(8).read('proton:GetService').lag('item', 2)).not.toBe(lag);
  });

  test('answers reads from replicas, so that a read may return an older state than the read before', () => {
    const found = SEEDS.map((seed) => {
      const consistency = eventual(seed);
      return Array.from({ length: 8 }, () => parameter().seenBy(consistency.read('ssm:GetParameter'), 3_500));
    });
    const goesBack = (states: readonly (string | undefined)[]) =>
      states.some((state, index) => index > 0 && state === undefined && states[index - 1] !== undefined);
    expect(found.some(goesBack)).toBe(true);
    // Each replica has one state at a time.
    for (const states of found) expect(new Set(states).size).toBeLessThanOrEqual(2);
  });
});

describe('options', () => {
  const lag = (options: ConsistencyOptions, read: (consistency: Consistency) => Read) =>
    read(new Consistency(options, () => 0.5)).lag('item', 1);

  test.each<[ConsistencyOptions, number, number, number]>([
    [{}, 0, 0, 0],
    [{ reads: { max: 4_000 } }, 2_000, 2_000, 0],
    [{ reads: { min: 2_000, max: 4_000 } }, 3_000, 3_000, 0],
    [{ operations: { 'ecs:ListServiceDeployments': { max: 8_000 } } }, 4_000, 0, 0],
    [{ reads: { max: 2_000 }, operations: { 'ecs:ListServiceDeployments': { max: 0 } } }, 0, 1_000, 0],
    [{ permissions: { min: 60_000, max: 60_000 } }, 0, 0, 60_000],
  ])('%j', (options, list, describe, permission) => {
    expect(lag(options, (consistency) => consistency.read('ecs:ListServiceDeployments'))).toBe(list);
    expect(lag(options, (consistency) => consistency.read('ecs:DescribeServiceDeployments'))).toBe(describe);
    expect(lag(options, (consistency) => consistency.readPermissions('ecs:ListServiceDeployments'))).toBe(permission);
  });

  test('without replicas never return an older state than the read before', () => {
    for (const seed of SEEDS) {
      const consistency = eventual(seed, { reads: { max: 3_000 } });
      const counts = Array.from({ length: 30 }, (_, index) =>
        parameter().countSeenBy(consistency.read('ssm:GetParameter'), 500 * index),
      );
      expect(counts).toEqual([...counts].sort());
    }
  });
});

test.each([
  ['DescribeStacks', true],
  ['GetParameter', true],
  ['ListExecutions', true],
  ['PutParameter', false],
  ['StopServiceDeployment', false],
  ['CancelServiceInstanceDeployment', false],
])('%s only reads: %p', (operation, expected) => {
  expect(isRead(operation)).toBe(expected);
});

test('random numbers by key follow from the seed, and from nothing else', () => {
  const one = draws(3);
  const other = draws(3);
  const keys = Array.from({ length: 200 }, (_, index) => `key ${index}`);
  const numbers = keys.map(one);
  expect([...keys].reverse().map(other).reverse()).toEqual(numbers);
  expect(keys.map(draws(4))).not.toEqual(numbers);
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.1);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
});

test('the seed of random numbers by key is drawn at the first use', () => {
  let drawn = 0;
  const random = keyedRandom(() => {
    drawn++;
    return 0.5;
  });
  expect(drawn).toBe(0);
  random('a');
  random('b');
  expect(drawn).toBe(1);
});

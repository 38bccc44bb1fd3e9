import { Delivery, type DeliveryOption } from '../../../emulator/core/delivery';
import { keyedRandom, seededRandom } from '../../../emulator/core/seeded-random';

/** The delays of a number of events for one target. */
function delays(option: DeliveryOption, count = 1_000, seed = 1): (readonly number[])[] {
  const delivery = new Delivery(option, keyedRandom(seededRandom(seed)));
  return Array.from({ length: count }, () => delivery.next('target'));
}

test('prompt delivery is immediate, and there is one', () => {
  expect(delays('prompt', 100)).toEqual(Array(100).fill([0]));
});

describe('at-least-once delivery', () => {
  const found = delays('at-least-once');
  const first = found.map(([delay = Number.NaN]) => delay);

  test('is up to five seconds late', () => {
    expect(Math.min(...first)).toBeLessThan(500);
    expect(Math.max(...first)).toBeGreaterThan(4_500);
    expect(Math.max(...first)).toBeLessThanOrEqual(5_000);
  });

  test('repeats about every tenth event within half a minute', () => {
    const repeated = found.filter(({ length }) => length === 2);
    expect(repeated.length).toBeGreaterThan(70);
    expect(repeated.length).toBeLessThan(130);
    for (const [one = 0, two = 0] of repeated) {
      expect(two).toBeGreaterThanOrEqual(one);
      expect(two - one).toBeLessThanOrEqual(30_000);
    }
    expect(found.every(({ length }) => length <= 2)).toBe(true);
  });

  test('is out of order for events that are accepted in sequence', () => {
    const outOfOrder = first.filter((delay, index) => index > 0 && delay + 100 < (first[index - 1] ?? 0));
    expect(outOfOrder.length).toBeGreaterThan(100);
  });

  test('is the same in every run with the same seed, for each target', () => {
    expect(delays('at-least-once')).toEqual(found);
    expect(delays('at-least-once', 1_000, 2)).not.toEqual(found);
    const delivery = new Delivery('at-least-once', keyedRandom(seededRandom(1)));
    delivery.next('other');
    expect(delivery.next('target')).toEqual(found[0]);
  });
});

test.each<[DeliveryOption, readonly number[]]>([
  [{}, [0]],
  [{ delay: { min: 60_000, max: 60_000 } }, [60_000]],
  [{ duplicates: 1 }, [0, 0]],
  [{ delay: { max: 0 }, duplicates: 1, duplicateDelay: { min: 300_000, max: 300_000 } }, [0, 300_000]],
  [{ delay: { min: 5_000, max: 5_000 }, duplicates: 1 }, [5_000, 10_000]],
])('%j delivers after %j', (option, expected) => {
  expect(delays(option, 5)).toEqual(Array(5).fill(expected));
});

import { EventQueue, type EventReceiver, type QueuedEvent } from '../../../../emulator/aws/lambda/event-queue';
import { VirtualClock } from '../../../../emulator/core/clock';
import { Delivery, type DeliveryOption } from '../../../../emulator/core/delivery';
import { ServiceError } from '../../../../emulator/core/http-server';
import { keyedRandom, seededRandom } from '../../../../emulator/core/seeded-random';
import { START, until } from './lambda-fixture';

const HOURS = 3_600_000;
const exactly = (ms: number) => ({ min: ms, max: ms });
const throttled = new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);

/** A queue with one function, which succeeds by default, and its invocations: second and payload. */
function queueWith(option: DeliveryOption, overrides: Partial<EventReceiver> = {}) {
  const clock = new VirtualClock(START);
  const queue = new EventQueue(clock, new Delivery(option, keyedRandom(seededRandom(1))));
  const invocations: [second: number, payload: string][] = [];
  let dropped = 0;
  const { run, ...others } = overrides;
  const receiver: EventReceiver = {
    name: 'worker',
    exists: () => true,
    config: () => ({}),
    run: async (event: QueuedEvent, attempt) => {
      invocations.push([(clock.now() - START) / 1000, event.payload]);
      return (await run?.(event, attempt)) ?? true;
    },
    dropped: () => {
      dropped++;
    },
    ...others,
  };
  return { clock, queue, receiver, invocations, dropped: () => dropped };
}

test('a prompt event is delivered once, immediately', async () => {
  const { clock, queue, receiver, invocations, dropped } = queueWith('prompt');
  queue.accept(receiver, 'a');
  await until(clock, 24 * HOURS);
  expect(invocations).toEqual([[0, 'a']]);
  expect(dropped()).toBe(0);
});

test('a late event is delivered after its delay', async () => {
  const { clock, queue, receiver, invocations } = queueWith({ delay: exactly(2 * HOURS) });
  queue.accept(receiver, 'a');
  await until(clock, 3 * HOURS);
  expect(invocations).toEqual([[7_200, 'a']]);
});

test('a repeated event has the same request ID', async () => {
  const ids: string[] = [];
  const { clock, queue, receiver, invocations } = queueWith(
    { duplicates: 1, duplicateDelay: exactly(300_000) },
    { run: async ({ requestId }) => ids.push(requestId) > 0 },
  );
  const requestId = queue.accept(receiver, 'a');
  await until(clock, HOURS);
  expect(invocations).toEqual([
    [0, 'a'],
    [300, 'a'],
  ]);
  expect(ids).toEqual([requestId, requestId]);
});

test('events with different delays are delivered out of order', async () => {
  const { clock, queue, receiver, invocations } = queueWith({ delay: { max: 60_000 } });
  const payloads = Array.from({ length: 20 }, (_, index) => String(index));
  for (const payload of payloads) queue.accept(receiver, payload);
  await until(clock, HOURS);
  const delivered = invocations.map(([, payload]) => payload);
  expect(delivered).not.toEqual(payloads);
  expect(new Set(delivered)).toEqual(new Set(payloads));
});

test.each<[string, number, [number, string][], number]>([
  ['older than the maximum age is dropped', 60_001, [], 1],
  ['of the maximum age is delivered', 60_000, [[60, 'a']], 0],
])('an event %s', async (_what, delay, expected, dropped) => {
  const { clock, queue, receiver, invocations, ...counts } = queueWith(
    { delay: exactly(delay) },
    { config: () => ({ maximumEventAge: 60 }) },
  );
  queue.accept(receiver, 'a');
  await until(clock, 24 * HOURS);
  expect(invocations).toEqual(expected);
  expect(counts.dropped()).toBe(dropped);
});

test('an event older than six hours is dropped by default', async () => {
  const { clock, queue, receiver, invocations, dropped } = queueWith({ delay: exactly(6 * HOURS + 1) });
  queue.accept(receiver, 'a');
  await until(clock, 24 * HOURS);
  expect(invocations).toEqual([]);
  expect(dropped()).toBe(1);
});

test('the maximum age is that at the time of the delivery', async () => {
  let maximumEventAge = 600;
  const { clock, queue, receiver, invocations, dropped } = queueWith(
    { delay: exactly(300_000) },
    { config: () => ({ maximumEventAge }) },
  );
  queue.accept(receiver, 'a');
  maximumEventAge = 60;
  await until(clock, HOURS);
  expect(invocations).toEqual([]);
  expect(dropped()).toBe(1);
});

test('a duplicate that is too old does not count as a dropped event', async () => {
  const { clock, queue, receiver, invocations, dropped } = queueWith(
    { duplicates: 1, duplicateDelay: exactly(300_000) },
    { config: () => ({ maximumEventAge: 60 }) },
  );
  queue.accept(receiver, 'a');
  await until(clock, HOURS);
  expect(invocations).toEqual([[0, 'a']]);
  expect(dropped()).toBe(0);
});

test('an event waits in the queue while there is no capacity, longer each time, for a time of its own', async () => {
  let attempts = 0;
  const run = async () => {
    if (++attempts <= 5) throw throttled;
    return true;
  };
  const { clock, queue, receiver, invocations, dropped } = queueWith('prompt', { run });
  queue.accept(receiver, 'a');
  await until(clock, HOURS);
  const seconds = invocations.map(([second]) => second);
  const waits = seconds.slice(1).map((second, index) => second - (seconds[index] ?? 0));
  expect(waits).toHaveLength(5);
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeGreaterThan(2 ** index / 2);
    expect(wait).toBeLessThan(2 ** index);
  }
  expect(dropped()).toBe(0);
});

test('a waiting event is dropped at its maximum age', async () => {
  const { clock, queue, receiver, dropped } = queueWith('prompt', {
    config: () => ({ maximumEventAge: 60 }),
    run: async () => {
      throw throttled;
    },
  });
  queue.accept(receiver, 'a');
  await until(clock, HOURS);
  expect(dropped()).toBe(1);
});

test('an event for a function that was deleted meanwhile is not delivered', async () => {
  let exists = true;
  const { clock, queue, receiver, invocations } = queueWith({ delay: exactly(5_000) }, { exists: () => exists });
  queue.accept(receiver, 'a');
  exists = false;
  await until(clock, HOURS);
  expect(invocations).toEqual([]);
});

test('nothing is delivered after the end', async () => {
  const { clock, queue, receiver, invocations } = queueWith({ delay: exactly(5_000) });
  queue.accept(receiver, 'a');
  queue.close();
  queue.accept(receiver, 'b');
  await until(clock, HOURS);
  expect(invocations).toEqual([]);
});

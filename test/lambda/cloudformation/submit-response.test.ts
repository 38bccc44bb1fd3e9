import { inspect } from 'node:util';
import { ResponseDeliveryError, submitResponse } from '../../../lambda/cloudformation/submit-response';
import { captureConsole, failure, Outside, RESPONSE_URL, SECRET } from './fakes';

const BODY = '{"Status":"SUCCESS"}';

let printed: () => string;
beforeEach(() => {
  printed = captureConsole();
});
afterEach(() => {
  expect(printed()).not.toContain(SECRET);
  jest.restoreAllMocks();
});

/** A mailbox that fails so often, taking its time for each attempt. */
function failing(outside: Outside, times: number, name: string, takes = 0) {
  let failures = 0;
  const send = outside.responseSender.send;
  outside.responseSender.send = async (url, body) => {
    await outside.clock.sleep(takes);
    if (failures < times) {
      failures++;
      throw failure(name);
    }
    await send(url, body);
  };
  return { failures: () => failures };
}

test('puts an answer once when it works', async () => {
  const outside = new Outside();
  await submitResponse(RESPONSE_URL, BODY, outside);
  expect(outside.answers).toEqual([{ url: RESPONSE_URL, body: { Status: 'SUCCESS' } }]);
  expect(printed()).toBe('[]');
});

test.each([1, 2, 5, 8])('puts the same answer to the same place again after %i failures', async (times) => {
  const outside = new Outside();
  failing(outside, times, 'AnswerRefused500');
  await submitResponse(RESPONSE_URL, BODY, outside);
  expect(outside.answers).toEqual([{ url: RESPONSE_URL, body: { Status: 'SUCCESS' } }]);
  expect(printed().match(/'response-not-sent'/g)).toHaveLength(times);
  expect(printed()).toContain('AnswerRefused500');
});

test.each([
  ['at once', 0],
  ['after ten seconds each', 10_000],
])('gives up within the time that the function has, when it never works and fails %s', async (_what, takes) => {
  const outside = new Outside();
  const responseSender = failing(outside, Number.POSITIVE_INFINITY, 'TypeError', takes);
  const since = outside.clock.now();
  const error = await submitResponse(RESPONSE_URL, BODY, outside).catch((reason) => reason);
  expect(error).toBeInstanceOf(ResponseDeliveryError);
  expect(error.message).toBe('the answer to cloudformation could not be put within 90 s');
  // With all that a log of an unhandled error shows of it.
  expect(inspect(error, { showHidden: true, depth: null })).not.toContain(SECRET);
  expect(outside.clock.now() - since).toBeGreaterThan(60_000);
  expect(outside.clock.now() - since).toBeLessThanOrEqual(100_000);
  expect(responseSender.failures()).toBeGreaterThan(3);
});

test.each([
  ['the least', 0],
  ['the most', 0.999],
])('waits longer and longer, but never for long, with %s chance', async (_what, random) => {
  const outside = new Outside();
  outside.clock.random = () => random;
  const waits: number[] = [];
  const sleep = outside.clock.sleep;
  outside.clock.sleep = (ms) => {
    if (ms > 0) waits.push(ms);
    return sleep(ms);
  };
  failing(outside, 8, 'Error');
  await submitResponse(RESPONSE_URL, BODY, outside);
  expect(waits).toHaveLength(8);
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  expect(waits[0]).toBeGreaterThanOrEqual(250);
  expect(waits[0]).toBeLessThanOrEqual(500);
  expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
});

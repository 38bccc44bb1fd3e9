import { inspect } from 'node:util';
import { ResponseDeliveryError, submitResponse } from '../../../lambda/cloudformation/submit-response';
import { captureConsole, FakeDependencies, failure, RESPONSE_URL, SECRET } from './fakes';

const noDoubt = async () => undefined;
const BODY = '{"Status":"SUCCESS"}';

let logged: () => string;
beforeEach(() => {
  logged = captureConsole();
});
afterEach(() => {
  expect(logged()).not.toContain(SECRET);
  jest.restoreAllMocks();
});

/** Makes the sender fail a number of times, and take some time for each attempt. */
function failTimes(deps: FakeDependencies, times: number, name: string, takes = 0) {
  let failures = 0;
  const send = deps.responseSender.send;
  deps.responseSender.send = async (url, body) => {
    await deps.clock.sleep(takes);
    if (failures < times) {
      failures++;
      throw failure(name);
    }
    await send(url, body);
  };
  return { failures: () => failures };
}

test('sends a response once when that succeeds', async () => {
  const deps = new FakeDependencies();
  await submitResponse(RESPONSE_URL, BODY, deps, noDoubt);
  expect(deps.responses).toEqual([{ url: RESPONSE_URL, body: { Status: 'SUCCESS' } }]);
  expect(logged()).toBe('[]');
});

test.each([1, 2, 5, 8])('sends the same response to the same URL again after %i failures', async (times) => {
  const deps = new FakeDependencies();
  failTimes(deps, times, 'ResponseRejectedError500');
  await submitResponse(RESPONSE_URL, BODY, deps, noDoubt);
  expect(deps.responses).toEqual([{ url: RESPONSE_URL, body: { Status: 'SUCCESS' } }]);
  expect(logged().match(/'response-not-sent'/g)).toHaveLength(times);
  expect(logged()).toContain('ResponseRejectedError500');
});

test('sends again without waiting until the body is kept, and ends only after that', async () => {
  const deps = new FakeDependencies();
  failTimes(deps, 1, 'ResponseRejectedError500');
  let keep: () => void = () => undefined;
  const kept = new Promise<void>((resolve) => {
    keep = resolve;
  });
  let isOver = false;
  const submitted = submitResponse(RESPONSE_URL, BODY, deps, () => kept).then(() => {
    isOver = true;
  });
  await new Promise(setImmediate);
  expect(deps.responses).toHaveLength(1);
  expect(isOver).toBe(false);
  keep();
  await submitted;
  expect(isOver).toBe(true);
});

test.each([
  ['immediately', 0],
  ['after ten seconds', 10_000],
])('gives up within the timeout of the function when every attempt fails %s', async (_what, takes) => {
  const deps = new FakeDependencies();
  const responseSender = failTimes(deps, Number.POSITIVE_INFINITY, 'TypeError', takes);
  const since = deps.clock.now();
  const error = await submitResponse(RESPONSE_URL, BODY, deps, noDoubt).catch((reason) => reason);
  expect(error).toBeInstanceOf(ResponseDeliveryError);
  expect(error.message).toBe('the response to cloudformation could not be sent within 90 s');
  // Everything that the log of an unhandled error shows.
  expect(inspect(error, { showHidden: true, depth: null })).not.toContain(SECRET);
  expect(deps.clock.now() - since).toBeGreaterThan(60_000);
  expect(deps.clock.now() - since).toBeLessThanOrEqual(100_000);
  expect(responseSender.failures()).toBeGreaterThan(3);
});

test.each([
  ['the lowest', 0],
  ['the highest', 0.999],
])('waits longer after every failure, up to a limit, with %s random number', async (_what, random) => {
  const deps = new FakeDependencies();
  deps.clock.random = () => random;
  const waits: number[] = [];
  const sleep = deps.clock.sleep;
  deps.clock.sleep = (ms) => {
    if (ms > 0) waits.push(ms);
    return sleep(ms);
  };
  failTimes(deps, 8, 'Error');
  await submitResponse(RESPONSE_URL, BODY, deps, noDoubt);
  expect(waits).toHaveLength(8);
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  expect(waits[0]).toBeGreaterThanOrEqual(250);
  expect(waits[0]).toBeLessThanOrEqual(500);
  expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
});

test('the first failure is in doubt: what follows from that is done before the second attempt, and once', async () => {
  const deps = new FakeDependencies();
  failTimes(deps, 3, 'TypeError');
  const onDoubt = jest.fn(async () => {
    expect(deps.operations).toEqual([]);
  });
  await submitResponse(RESPONSE_URL, BODY, deps, onDoubt);
  expect(onDoubt).toHaveBeenCalledTimes(1);
  const another = new FakeDependencies();
  await submitResponse(RESPONSE_URL, BODY, another, onDoubt);
  expect(onDoubt).toHaveBeenCalledTimes(1);
});

test('the delays have jitter', async () => {
  const waits = async (random: number) => {
    const deps = new FakeDependencies();
    deps.clock.random = () => random;
    failTimes(deps, 4, 'TypeError');
    const since = deps.clock.now();
    await submitResponse(RESPONSE_URL, BODY, deps, noDoubt);
    return deps.clock.now() - since;
  };
  expect(await waits(0.9)).toBeGreaterThan(await waits(0.1));
});

test('sending ends with the time of the invocation', async () => {
  const deps = new FakeDependencies();
  deps.invocationStart = deps.clock.now() - 280_000;
  failTimes(deps, Number.POSITIVE_INFINITY, 'TypeError');
  await expect(submitResponse(RESPONSE_URL, BODY, deps, noDoubt)).rejects.toThrow(ResponseDeliveryError);
  expect(deps.clock.now()).toBeLessThanOrEqual(deps.budget.end);
});

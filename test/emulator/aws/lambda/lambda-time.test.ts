import { Lambda } from '../../../../emulator/aws/lambda/lambda';
import { RealClock, sleep } from '../../../../emulator/core/clock';
import { HttpServer } from '../../../../emulator/core/http-server';
import { configuration, lambdas, lambdaWith, resultOf, SLEEP, START } from './lambda-fixture';

describe('time', () => {
  test('twenty minutes of sleep pass on the clock in less than a second', async () => {
    const { lambda, clock } = lambdaWith(
      `${SLEEP}
       exports.handler = async () => {
         const times = [Date.now()];
         for (let i = 0; i < 20; i++) { await sleep(60_000); times.push(new Date().getTime()); }
         return { times, isDate: new Date() instanceof Date, parsed: new Date(0).toISOString() };
       };`,
      { timeout: 1500 },
    );
    const began = performance.now();
    const result = (await resultOf(lambda)) as { times: number[] };
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(result).toMatchObject({ isDate: true, parsed: '1970-01-01T00:00:00.000Z' });
    expect(result.times).toEqual(Array.from({ length: 21 }, (_, i) => START + i * 60_000));
    expect(clock.now()).toBe(START + 20 * 60_000);
  });

  test('stands still while a handler is at work in real time', async () => {
    const { lambda, clock } = lambdaWith(
      `const { readFile } = require('node:fs/promises');
       exports.handler = async () => {
         let late = false;
         setTimeout(() => { late = true; }, 500);
         for (let i = 0; i < 50; i++) await readFile(__filename);
         return { late, at: Date.now() };
       };`,
    );
    const woken = sleep(clock, 1_000).then(() => clock.now());
    expect(await resultOf(lambda)).toEqual({ late: false, at: START });
    expect(await woken).toBe(START + 1_000);
  });

  test('is correct for parallel sleeps, one of which is aborted', async () => {
    const { lambda, clock } = lambdaWith(
      `${SLEEP}
       exports.handler = async () => {
         const stop = new AbortController();
         const long = sleep(900_000, undefined, { signal: stop.signal }).catch((error) => error.name);
         const waits = [sleep(3_000, 'three'), sleep(1_000, 'one'), sleep(2_000, 'two')];
         const first = await Promise.race(waits);
         const all = await Promise.all(waits);
         const at = Date.now();
         stop.abort();
         return { first, all, at, long: await long };
       };`,
      { timeout: 1500 },
    );
    expect(await resultOf(lambda)).toEqual({
      first: 'one',
      all: ['three', 'one', 'two'],
      at: START + 3_000,
      long: 'AbortError',
    });
    expect(clock.now()).toBe(START + 3_000);
  });

  test('passes for every kind of timer', async () => {
    const { lambda } = lambdaWith(
      `const { promisify } = require('node:util');
       exports.handler = async () => {
         const called = [];
         const at = (what) => called.push([what, Date.now() - ${START}]);
         setTimeout(at, 2_000, 'second');
         setTimeout(() => at('first'), 1_000).unref();
         clearTimeout(setTimeout(() => at('cleared'), 1_500));
         require('node:timers').setTimeout(at, 2_500, 'third');
         const late = setTimeout(at, 2_600, 'refreshed');
         AbortSignal.timeout(3_000).addEventListener('abort', ({ target }) => at(target.reason.name));
         await promisify(setTimeout)(2_550);
         late.refresh();
         await promisify(setTimeout)(10_000);
         return called;
       };`,
    );
    expect(await resultOf(lambda)).toEqual([
      ['first', 1_000],
      ['second', 2_000],
      ['third', 2_500],
      ['TimeoutError', 3_000],
      ['refreshed', 5_150],
    ]);
  });

  test.each([
    ['fetch', `fetch(url, { signal: AbortSignal.timeout(40_000) }).then(() => 'answered', ({ name }) => name)`],
    [
      'node:http',
      `new Promise((resolve) => {
         const request = require('node:http').get(url, { agent: false }, () => resolve('answered'));
         request.on('error', () => undefined);
         setTimeout(() => { request.destroy(); resolve('TimeoutError'); }, 40_000);
       })`,
    ],
  ])('passes while an answer never comes, and not before one that comes: %s', async (_what, get) => {
    const { lambda, clock } = lambdaWith(
      `exports.handler = async (url) => [await (${get}), Date.now() - ${START}];`,
      {},
      { maxBusyMs: 30_000, endpoints: () => ({ AWS_ENDPOINT_URL: server.url }) },
    );
    const server: HttpServer = await HttpServer.listen({
      services: [],
      raw: () => sleep(new RealClock(), 50).then(() => ({ statusCode: 200 })),
      rawFaults: ({ path }) => (path === '/hangs' ? { kind: 'hang' } : undefined),
      onHang: (port) => lambda.unanswered(port),
    });
    try {
      expect(await resultOf(lambda, `${server.url}/slow`)).toEqual(['answered', 0]);
      const began = performance.now();
      expect(await resultOf(lambda, `${server.url}/hangs`)).toEqual(['TimeoutError', 40_000]);
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(clock.now()).toBe(START + 40_000);
    } finally {
      await server.close();
    }
  });

  test('does not pass for a timer of an earlier invocation', async () => {
    const { lambda, clock } = lambdaWith(
      `const { readFile } = require('node:fs/promises');
       exports.handler = async () => { setTimeout(() => {}, 10_000); await readFile(__filename); };`,
    );
    for (let i = 0; i < 20; i++) await resultOf(lambda);
    expect(clock.now()).toBe(START);
  });

  test('is real time on a real clock', async () => {
    const lambda = new Lambda({ clock: new RealClock() });
    lambdas.push(lambda);
    lambda.register(
      configuration(`${SLEEP}
        exports.handler = async () => { const from = Date.now(); await sleep(30); return [from, Date.now()]; };`),
    );
    const before = Date.now();
    const [from, to] = (await resultOf(lambda)) as [number, number];
    expect(from).toBeGreaterThanOrEqual(before);
    expect(to - from).toBeGreaterThanOrEqual(29);
    expect(to).toBeLessThanOrEqual(Date.now());
  });
});

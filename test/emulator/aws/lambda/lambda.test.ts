import type { LambdaFault } from '../../../../emulator/aws/lambda/function';
import { Lambda } from '../../../../emulator/aws/lambda/lambda';
import { Ssm } from '../../../../emulator/aws/ssm';
import { RealClock, sleep, VirtualClock } from '../../../../emulator/core/clock';
import { HttpServer, type ServiceCall } from '../../../../emulator/core/http-server';
import {
  ARN,
  bundle,
  bundleOf,
  configuration,
  errorOf,
  inOrder,
  lambdas,
  lambdaWith,
  resultOf,
  SLEEP,
  START,
  until,
} from './lambda-fixture';

describe('a result', () => {
  test.each([
    ['of an async handler', `exports.handler = async (event) => ({ got: event.n });`, { got: 1 }],
    ['that is returned synchronously', `exports.handler = (event) => event.n + 1;`, 2],
    ['that is missing', `exports.handler = async () => {};`, null],
  ])('%s comes back as JSON', async (_, code, expected) => {
    expect(await resultOf(lambdaWith(code).lambda, { n: 1 })).toEqual(expected);
  });

  test('of an ES module is returned, and its timers are virtual as well', async () => {
    const { lambda, clock } = lambdaWith('', {
      codeDirectory: bundle(
        `import { setTimeout as sleep } from 'node:timers/promises';
         export const handler = async () => { await sleep(50_000); return 'esm'; };`,
        'index.mjs',
      ),
    });
    expect(await resultOf(lambda)).toBe('esm');
    expect(clock.now()).toBe(START + 50_000);
  });

  const commonJs = `exports.handler = async () => __filename.split('.').at(-1);`;
  const esModule = `const extension = await import.meta.url.split('.').at(-1); export const handler = async () => extension;`;
  test.each([
    ['.js before .mjs and .cjs', { 'index.js': commonJs, 'index.mjs': esModule, 'index.cjs': commonJs }, 'js'],
    ['.mjs before .cjs', { 'index.mjs': esModule, 'index.cjs': commonJs }, 'mjs'],
    ['.cjs in a package of ES modules', { 'index.cjs': commonJs, 'package.json': '{"type":"module"}' }, 'cjs'],
    ['.js as an ES module in such a package', { 'index.js': esModule, 'package.json': '{"type":"module"}' }, 'js'],
    ['.js as CommonJS in another package', { 'index.js': commonJs, 'package.json': '{"name":"function"}' }, 'js'],
  ])('comes from the file that Lambda would load: %s', async (_, files, extension) => {
    expect(await resultOf(lambdaWith('', { codeDirectory: bundleOf(files) }).lambda)).toBe(extension);
  });

  test('of a handler that imports a file while it sleeps is the import: no time passes until it is done', async () => {
    const { lambda, clock } = lambdaWith('', {
      codeDirectory: bundleOf({
        'index.mjs': `import { setTimeout as sleep } from 'node:timers/promises';
          export const handler = () => Promise.race([sleep(1_000), import('./other.mjs').then((other) => other.answer)]);`,
        'other.mjs': `export { answer } from './third.mjs';`,
        'third.mjs': `export const answer = await new Promise((resolve) => setImmediate(resolve, 'loaded'));`,
      }),
    });
    expect(await resultOf(lambda)).toBe('loaded');
    expect(clock.now()).toBe(START);
  });
});

describe('the environment', () => {
  test('has the variables of the template and of Lambda, and none of this process', async () => {
    process.env.A_SECRET_OF_THIS_PROCESS = 'x';
    const { lambda } = lambdaWith(
      `exports.handler = async () => process.env;`,
      { environment: { MACHINE_ARN: 'arn:x' } },
      { endpoints: () => ({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_PROTON: 'http://127.0.0.1:2' }) },
    );
    const environment = (await resultOf(lambda)) as Record<string, string>;
    expect(environment).toMatchObject({
      MACHINE_ARN: 'arn:x',
      AWS_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_NAME: 'worker',
      AWS_ACCESS_KEY_ID: 'AKIAWORKER',
      AWS_SECRET_ACCESS_KEY: expect.any(String),
      AWS_SESSION_TOKEN: expect.any(String),
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_PROTON: 'http://127.0.0.1:2',
    });
    expect(environment).not.toHaveProperty('A_SECRET_OF_THIS_PROCESS');
    expect(environment).not.toHaveProperty('HOME');
  });

  test('lets an SDK client in the function find the services, as its role', async () => {
    const clock = new VirtualClock(START);
    const calls: ServiceCall[] = [];
    const ssm = new Ssm({ clock, environment: { partition: 'aws', region: 'eu-west-1', account: '123456789012' } });
    const server = await HttpServer.listen({ services: [ssm], onCall: (call) => calls.push(call) });
    const lambda = new Lambda({ clock, endpoints: () => ({ AWS_ENDPOINT_URL: server.url }) });
    lambdas.push(lambda);
    lambda.register(
      configuration(
        `const { SSMClient, PutParameterCommand } = require(${JSON.stringify(require.resolve('@aws-sdk/client-ssm'))});
         exports.handler = async () => {
           await new SSMClient({}).send(new PutParameterCommand({ Name: '/a', Value: 'b', Type: 'String' }));
         };`,
      ),
    );
    await resultOf(lambda);
    await server.close();
    expect(ssm.parameters).toMatchObject([{ name: '/a', value: 'b' }]);
    expect(calls).toMatchObject([{ operation: 'PutParameter', accessKeyId: 'AKIAWORKER' }]);
  });
});

test('the context has the members of Lambda, and its remaining time follows the clock', async () => {
  const { lambda } = lambdaWith(
    `${SLEEP}
     exports.handler = async (event, context) => {
       const before = context.getRemainingTimeInMillis();
       await sleep(12_000);
       return { ...context, before, after: context.getRemainingTimeInMillis() };
     };`,
    { logGroupName: '/aws/lambda/mine' },
  );
  const answer = await lambda.invoke(ARN, {});
  expect(JSON.parse(answer.payload)).toMatchObject({
    awsRequestId: answer.requestId,
    functionName: 'worker',
    functionVersion: '$LATEST',
    invokedFunctionArn: ARN,
    memoryLimitInMB: '128',
    logGroupName: '/aws/lambda/mine',
    before: 60_000,
    after: 48_000,
  });
});

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

describe('an error', () => {
  test('of the handler is returned with its type, message and trace, and is logged', async () => {
    const { lambda } = lambdaWith(`exports.handler = async () => { throw new TypeError('boom'); };`);
    expect(await errorOf(lambda)).toEqual({
      errorType: 'TypeError',
      errorMessage: 'boom',
      trace: expect.arrayContaining(['TypeError: boom']),
    });
    expect(lambda.logs(ARN).map(({ text }) => text)).toEqual([expect.stringMatching(/\tERROR\tInvoke Error .*boom/)]);
    expect(lambda.usage(ARN)).toMatchObject({ invocations: 1, errors: 1 });
  });

  test('that is not an Error is returned with its own type', async () => {
    const { lambda } = lambdaWith(`exports.handler = async () => { throw 'boom'; };`);
    expect(await errorOf(lambda)).toEqual({ errorType: 'string', errorMessage: 'boom', trace: [] });
  });

  test.each([
    [
      'a rejection that nobody handles',
      `exports.handler = () => { Promise.reject(new Error('lost')); return new Promise(() => {}); };`,
      { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: lost' },
    ],
    [
      'an exception that nobody catches',
      `exports.handler = () => { setTimeout(() => { throw new RangeError('lost'); }); return new Promise(() => {}); };`,
      { errorType: 'RangeError', errorMessage: 'lost' },
    ],
    [
      'an exit',
      `exports.handler = () => process.exit(7);`,
      { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(/^RequestId: .* Error: .*exit status 7$/) },
    ],
    [
      'want of memory',
      `exports.handler = () => { const all = []; for (;;) all.push(new Array(1e5).fill(all.length)); };`,
      { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(/signal: killed$/) },
    ],
  ])('from %s ends the process; the next invocation starts cold', async (_, code, error) => {
    const { lambda } = lambdaWith(code, { memorySize: 64 });
    expect(await errorOf(lambda)).toMatchObject(error);
    expect(await errorOf(lambda)).toMatchObject(error);
    expect(lambda.usage(ARN)).toMatchObject({ invocations: 2, coldStarts: 2 });
  });

  test.each([
    [
      'code that does not exist',
      { handler: 'other.handler' },
      'Runtime.ImportModuleError',
      /Cannot find module 'other'/,
    ],
    [
      'a handler that does not exist',
      { handler: 'index.other' },
      'Runtime.HandlerNotFound',
      /index.other is undefined/,
    ],
    ['code that throws', { codeDirectory: () => `throw new Error('at init')` }, 'Error', /at init/],
    ['code that does not parse', { codeDirectory: () => 'exports.=' }, 'Runtime.UserCodeSyntaxError', /Unexpected/],
    ['code that misses a module', { codeDirectory: () => `require('nope')` }, 'Runtime.ImportModuleError', /'nope'/],
  ])('of %s is an init error', async (_, overrides, errorType, message) => {
    const { codeDirectory, ...rest } = { codeDirectory: undefined, ...overrides };
    const { lambda } = lambdaWith(codeDirectory?.() ?? `exports.handler = () => 1;`, rest);
    expect(await errorOf(lambda)).toMatchObject({ errorType, errorMessage: expect.stringMatching(message) });
  });

  test('from a timeout is Sandbox.Timedout, and the function does not continue', async () => {
    const { lambda, clock } = lambdaWith(
      `${SLEEP}
       exports.handler = async () => { await sleep(2_000); console.log('two'); await sleep(2_000); console.log('four'); };`,
      { timeout: 3 },
    );
    const { requestId, payload, functionError } = await lambda.invoke(ARN, {});
    expect(functionError).toBe('Unhandled');
    expect(JSON.parse(payload)).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after 3.00 seconds`,
    });
    expect(clock.now()).toBe(START + 3_000);
    await until(clock, 60_000);
    expect(lambda.logs(ARN).map(({ text }) => text)).toEqual([
      expect.stringMatching(/\tINFO\ttwo$/),
      expect.stringMatching(/Task timed out after 3.00 seconds$/),
    ]);
    expect(lambda.usage(ARN).billedMs).toBe(3_000);
  });

  test('from waiting for an event that never comes is a timeout as well', async () => {
    const { lambda, clock } = lambdaWith(
      `exports.handler = () => new Promise(() => setInterval(() => {}, 1000));`,
      { timeout: 300 },
      { maxBusyMs: 50 },
    );
    expect(await errorOf(lambda)).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect(clock.now()).toBe(START + 300_000);
  });
});

describe('threads', () => {
  const COUNTING = `${SLEEP}
    let n = 0;
    exports.handler = async ({ ms }) => { n++; if (ms) await sleep(ms); return n; };`;

  test('stay warm from one invocation to the next', async () => {
    const { lambda } = lambdaWith(COUNTING);
    expect([await resultOf(lambda), await resultOf(lambda), await resultOf(lambda)]).toEqual([1, 2, 3]);
    expect(lambda.usage(ARN)).toEqual({
      invocations: 3,
      coldStarts: 1,
      errors: 0,
      throttles: 0,
      dropped: 0,
      billedMs: 3,
    });
  });

  test('are one for each concurrent invocation, and each bills its own time', async () => {
    const { lambda } = lambdaWith(COUNTING);
    const results = await Promise.all([5_000, 10_000, 15_000].map((ms) => resultOf(lambda, { ms })));
    expect(results).toEqual([1, 1, 1]);
    expect(lambda.usage(ARN)).toMatchObject({ invocations: 3, coldStarts: 3, billedMs: 30_000 });
  });

  test('are replaced after an update of the function, at the end of their invocation', async () => {
    const { lambda } = lambdaWith(COUNTING);
    await resultOf(lambda);
    const running = resultOf(lambda, { ms: 1_000 });
    lambda.register(configuration(`exports.handler = () => process.env.V;`, { environment: { V: 'new' } }));
    expect(await running).toBe(2);
    expect(await resultOf(lambda)).toBe('new');
  });

  test('end with the function', async () => {
    const { lambda } = lambdaWith(COUNTING);
    await resultOf(lambda);
    lambda.deregister(ARN);
    await expect(lambda.invoke(ARN, {})).rejects.toMatchObject({ type: 'ResourceNotFoundException', statusCode: 404 });
  });
});

describe('logs', () => {
  const LOGGING = `${SLEEP}
    exports.handler = async () => {
      console.info({ event: 'step', n: 1 });
      await sleep(5_000);
      console.error('%s!', 'careful');
      process.stdout.write('raw\\n');
    };`;

  test('have the time of the clock and the request ID, as text', async () => {
    const { lambda } = lambdaWith(LOGGING);
    const { requestId } = await lambda.invoke(ARN, {});
    expect(lambda.logs(ARN)).toEqual([
      { timestamp: START, requestId, text: `2026-01-01T00:00:00.000Z\t${requestId}\tINFO\t{ event: 'step', n: 1 }` },
      { timestamp: START + 5_000, requestId, text: `2026-01-01T00:00:05.000Z\t${requestId}\tERROR\tcareful!` },
      { timestamp: START + 5_000, requestId, text: 'raw' },
    ]);
  });

  test('can be JSON', async () => {
    const { lambda } = lambdaWith(LOGGING, { logFormat: 'JSON' });
    const { requestId } = await lambda.invoke(ARN, {});
    expect(JSON.parse(lambda.logs(ARN)[0]!.text)).toEqual({
      timestamp: '2026-01-01T00:00:00.000Z',
      level: 'INFO',
      requestId,
      message: { event: 'step', n: 1 },
    });
  });
});

describe('payloads', () => {
  test.each([
    ['6 MB', 6 * 1024 * 1024, (lambda: Lambda, event: unknown) => lambda.invoke(ARN, event)],
    ['256 KB', 256 * 1024, async (lambda: Lambda, event: unknown) => lambda.invokeAsync(ARN, event)],
  ])('over %s are rejected', async (_, limit, invoke) => {
    const { lambda } = lambdaWith(`exports.handler = () => 1;`);
    await expect(invoke(lambda, 'x'.repeat(limit - 2))).resolves.toHaveProperty('requestId');
    await expect(invoke(lambda, 'x'.repeat(limit - 1))).rejects.toMatchObject({
      type: 'RequestTooLargeException',
      statusCode: 413,
    });
  });

  test('of a response over 6 MB are an error of the function', async () => {
    const { lambda } = lambdaWith(`exports.handler = () => 'x'.repeat(6 * 1024 * 1024);`);
    expect(await errorOf(lambda)).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });
});

describe('faults', () => {
  const TRACED = `${SLEEP}
    exports.handler = async () => {
      console.log('begin'); await sleep(1_000); console.log('middle'); await sleep(1_000); console.log('end');
      return 'done';
    };`;

  test.each<[string, LambdaFault, string[], Record<string, unknown>]>([
    ['a crash before the handler', { kind: 'crash', when: 'before' }, [], { errorType: 'Runtime.ExitError' }],
    [
      'a crash at the second sleep',
      { kind: 'crash', when: { sleep: 2 } },
      ['begin', 'middle'],
      { errorType: 'Runtime.ExitError' },
    ],
    [
      'a crash after the handler',
      { kind: 'crash', when: 'after' },
      ['begin', 'middle', 'end'],
      { errorType: 'Runtime.ExitError' },
    ],
    ['a timeout before anything', { kind: 'timeout', when: 'before' }, [], { errorType: 'Sandbox.Timedout' }],
    [
      'a timeout after everything',
      { kind: 'timeout', when: 'after' },
      ['begin', 'middle', 'end'],
      { errorType: 'Sandbox.Timedout' },
    ],
  ])('%s: the effects stay, the result is lost, and the next invocation succeeds', async (_, fault, done, error) => {
    const { lambda } = lambdaWith(TRACED, {}, { faults: inOrder(fault) });
    expect(await errorOf(lambda)).toMatchObject(error);
    const said = lambda.logs(ARN).map(({ text }) => /INFO\t(\w+)$/.exec(text)?.[1]);
    expect(said.filter((word) => word !== undefined)).toEqual(done);
    expect(await resultOf(lambda)).toBe('done');
    expect(lambda.usage(ARN)).toMatchObject({ invocations: 2, coldStarts: 2, errors: 1 });
  });

  test.each(['before', 'after'] as const)(
    'a timeout %s everything is over as soon as time has passed, whatever timers are left',
    async (when) => {
      const LEAVING = `exports.handler = async () => { setTimeout(() => undefined, 1_000); return 'done'; };`;
      const faults = [undefined, { kind: 'timeout', when } as const];
      const { lambda, clock } = lambdaWith(
        LEAVING,
        { timeout: 60 },
        { faults: () => faults.shift(), maxBusyMs: 30_000 },
      );
      expect(await resultOf(lambda)).toBe('done');
      const began = performance.now();
      // Holds the clock until the thread has sent its messages.
      const release = clock.hold();
      void sleep(new RealClock(), 500).then(release);
      expect(await errorOf(lambda)).toMatchObject({ errorType: 'Sandbox.Timedout' });
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(clock.now()).toBe(START + 60_000);
    },
  );

  test('a throttle: the function is not run', async () => {
    const { lambda } = lambdaWith(TRACED, {}, { faults: inOrder({ kind: 'throttle' }) });
    await expect(lambda.invoke(ARN, {})).rejects.toMatchObject({ type: 'TooManyRequestsException', statusCode: 429 });
    expect(lambda.usage(ARN)).toMatchObject({ invocations: 0, throttles: 1 });
  });

  test('depend on the invocation', async () => {
    const seen: unknown[] = [];
    const { lambda } = lambdaWith(TRACED, {}, { faults: (invocation) => void seen.push(invocation) });
    const { requestId } = await lambda.invoke(ARN, { n: 1 });
    expect(seen).toEqual([
      { functionName: 'worker', requestId, event: { n: 1 }, invocationType: 'RequestResponse', attempt: 1 },
    ]);
  });
});

test('the usage of a function is still available after its deletion', async () => {
  const { lambda } = lambdaWith(`exports.handler = async () => { throw new Error('no'); };`);
  await errorOf(lambda);
  lambda.deregister(ARN);
  expect(lambda.functions).toEqual([]);
  expect(lambda.past).toMatchObject([{ configuration: { arn: ARN }, usage: { invocations: 1, errors: 1 } }]);
});

test('closing ends running invocations', async () => {
  const { lambda } = lambdaWith(`exports.handler = () => new Promise(() => setInterval(() => {}, 1000));`);
  const running = errorOf(lambda);
  await lambda.close();
  expect(await running).toMatchObject({ errorType: 'Runtime.ExitError' });
  await expect(lambda.invoke(ARN, {})).rejects.toThrow('closed');
});

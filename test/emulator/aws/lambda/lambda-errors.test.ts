import type { LambdaFault } from '../../../../emulator/aws/lambda/function';
import { RealClock, sleep } from '../../../../emulator/core/clock';
import { ARN, errorOf, inOrder, lambdaWith, resultOf, SLEEP, START, until } from './lambda-fixture';

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

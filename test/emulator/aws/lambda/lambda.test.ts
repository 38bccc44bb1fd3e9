import { Lambda } from '../../../../emulator/aws/lambda/lambda';
import { Ssm } from '../../../../emulator/aws/ssm';
import { VirtualClock } from '../../../../emulator/core/clock';
import { HttpServer, type ServiceCall } from '../../../../emulator/core/http-server';
import {
  ARN,
  bundle,
  bundleOf,
  configuration,
  errorOf,
  lambdas,
  lambdaWith,
  resultOf,
  SLEEP,
  START,
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

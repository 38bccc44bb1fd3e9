import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerInvocation } from '../../../../emulator/aws/lambda/api';
import { Lambda, type LambdaOptions } from '../../../../emulator/aws/lambda/lambda';
import { VirtualClock } from '../../../../emulator/core/clock';
import { HttpServer, type RawRequest } from '../../../../emulator/core/http-server';
import { seededRandom } from '../../../../emulator/core/seeded-random';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:worker';
const open: { close: () => Promise<void> }[] = [];
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'function-'));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  rmSync(directory, { recursive: true });
});

/** A server with one function, and the paths of all other requests. */
async function serverWith(code: string, options: Partial<LambdaOptions> = {}, denied?: string) {
  writeFileSync(join(directory, 'index.js'), code);
  const requests: RawRequest[] = [];
  const lambda = new Lambda({
    clock: new VirtualClock(),
    endpoints: () => ({ AWS_ENDPOINT_URL: server.url }),
    ...options,
  });
  const server: HttpServer = await HttpServer.listen({
    services: [],
    raw: (request) => {
      const answer = answerInvocation(lambda, request, () => denied);
      if (!answer) requests.push(request);
      return answer ?? { statusCode: 200 };
    },
  });
  open.push(lambda, server);
  lambda.register({
    functionName: 'worker',
    arn: ARN,
    codeDirectory: directory,
    handler: 'index.handler',
    environment: {},
    memorySize: 128,
    timeout: 60,
    accessKeyId: 'AKIAWORKER',
  });
  const url = `${server.url}/2015-03-31/functions/${encodeURIComponent(ARN)}/invocations`;
  const invoke = (init: RequestInit = {}, at = url) => fetch(at, { method: 'POST', body: '{"n":20}', ...init });
  return { lambda, invoke, requests };
}

describe('Invoke', () => {
  test('runs a function and returns its result', async () => {
    const { invoke } = await serverWith('exports.handler = async ({ n }) => n + 1;');
    const answer = await invoke();
    expect([answer.status, answer.headers.get('x-amz-function-error'), await answer.json()]).toEqual([200, null, 21]);
  });

  test('returns an error of the function as a result with the header of function errors', async () => {
    const { invoke } = await serverWith('exports.handler = async () => { throw new TypeError("no"); };');
    const answer = await invoke();
    expect([answer.status, answer.headers.get('x-amz-function-error')]).toEqual([200, 'Unhandled']);
    expect(await answer.json()).toMatchObject({ errorType: 'TypeError', errorMessage: 'no' });
  });

  test('runs nothing without permission', async () => {
    const { invoke, lambda } = await serverWith('exports.handler = async () => 1;', {}, 'not allowed');
    const answer = await invoke();
    expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([403, 'AccessDeniedException']);
    expect(await answer.json()).toMatchObject({ Message: 'not allowed' });
    expect(lambda.invocations).toBe(0);
  });

  test('fails for a function that does not exist', async () => {
    const { invoke } = await serverWith('exports.handler = async () => 1;');
    const other = await invoke({}, (await invoke()).url.replace('worker', 'other'));
    expect([other.status, other.headers.get('x-amzn-errortype')]).toEqual([404, 'ResourceNotFoundException']);
  });

  test.each([
    ['another kind of invocation', { headers: { 'x-amz-invocation-type': 'Event' } }, ''],
    ['a version', {}, '?Qualifier=1'],
  ])('rejects %s, because it is not supported', async (_what, init, query) => {
    const { invoke } = await serverWith('exports.handler = async () => 1;');
    const answer = await invoke(init, (await invoke()).url + query);
    expect(answer.headers.get('x-amzn-errortype')).toBe('UnknownOperationException');
    expect(await answer.json()).toMatchObject({
      Message: expect.stringMatching(/^the emulated Lambda has no POST \//),
    });
  });
});

describe('a function', () => {
  test('that sends a PUT to the host of a pre-signed URL by HTTPS reaches the emulator', async () => {
    const { lambda, requests } = await serverWith(`
      const https = require('https');
      exports.handler = () => new Promise((resolve, reject) => {
        const { hostname } = new URL(process.env.AWS_ENDPOINT_URL);
        const request = https.request({ hostname, path: '/answer', method: 'PUT' }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        request.on('error', reject);
        request.end('yes');
      });`);
    expect((await lambda.invoke(ARN, {})).payload).toBe('200');
    expect(requests).toMatchObject([{ method: 'PUT', path: '/answer', body: 'yes' }]);
  });

  test('finds the modules of the runtime, if there are any', async () => {
    const code = `exports.handler = async () => typeof require('constructs').Construct;`;
    const runtimeModules = join(__dirname, '..', '..', '..', '..', 'node_modules');
    expect((await (await serverWith(code, { runtimeModules })).lambda.invoke(ARN, {})).payload).toBe('"function"');
    const alone = await (await serverWith(code)).lambda.invoke(ARN, {});
    expect(alone.payload).toContain("Cannot find module 'constructs'");
  });

  test('has the same random numbers in every run with the same seed', async () => {
    const draw = async (seed: number) => {
      const random = seededRandom(seed);
      const { lambda } = await serverWith('exports.handler = async () => [Math.random(), Math.random()];', { random });
      return JSON.parse((await lambda.invoke(ARN, {})).payload) as number[];
    };
    const [once, again, other] = [await draw(7), await draw(7), await draw(8)];
    expect(again).toEqual(once);
    expect(new Set([...once, ...other]).size).toBe(4);
    for (const number of [...once, ...other]) expect(number).toBeGreaterThanOrEqual(0);
    for (const number of [...once, ...other]) expect(number).toBeLessThan(1);
  });
});

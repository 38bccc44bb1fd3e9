import { InlineCode } from '../../../../emulator/aws/lambda/inline-code';
import { Lambda } from '../../../../emulator/aws/lambda/lambda';
import { type Clock, RealClock, VirtualClock } from '../../../../emulator/core/clock';
import { HttpServer, type RawRequest } from '../../../../emulator/core/http-server';

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:worker';
const START = Date.UTC(2026, 0, 1);

const inline = new InlineCode();
let lambda: Lambda;
let server: HttpServer;
let requests: RawRequest[];

beforeEach(async () => {
  requests = [];
  server = await HttpServer.listen({
    services: [],
    raw: (request) => {
      requests.push(request);
      return { statusCode: 200 };
    },
  });
});
afterEach(async () => {
  await lambda.close();
  await server.close();
});
afterAll(() => inline.close());

async function invoke(code: string, clock: Clock = new VirtualClock(START), event: object = {}) {
  lambda = new Lambda({ clock, endpoints: () => ({ AWS_ENDPOINT_URL: server.url }) });
  lambda.register({
    functionName: 'worker',
    arn: ARN,
    codeDirectory: inline.directoryOf(code),
    handler: 'index.handler',
    environment: {},
    memorySize: 128,
    timeout: 10,
    accessKeyId: 'AKIAWORKER',
  });
  const { payload, functionError } = await lambda.invoke(ARN, event);
  return { result: JSON.parse(payload), functionError };
}

describe('a handler that returns nothing', () => {
  test.each([
    ['calls back', `exports.handler = (event, context, callback) => { setTimeout(callback, 5_000, null, 'a'); };`, 'a'],
    ['succeeds', `exports.handler = (event, context) => { setTimeout(context.succeed, 5_000, 'b'); };`, 'b'],
    ['is done', `exports.handler = (event, context) => { setTimeout(context.done, 5_000, null, 'c'); };`, 'c'],
    ['leaves a timer', `exports.handler = () => { setTimeout(() => console.log('later'), 5_000); };`, null],
  ])('has its result when it %s', async (_what, code, result) => {
    const clock = new VirtualClock(START);
    expect(await invoke(code, clock)).toEqual({ result, functionError: undefined });
    expect(clock.now()).toBe(START + 5_000);
  });

  test.each([
    ['calls back', `exports.handler = (event, context, callback) => { callback(new Error('no')); };`],
    ['fails', `exports.handler = (event, context) => { context.fail(new Error('no')); };`],
  ])('has its error when it %s', async (_what, code) => {
    const { result, functionError } = await invoke(code);
    expect(functionError).toBe('Unhandled');
    expect(result).toMatchObject({ errorType: 'Error', errorMessage: 'no' });
  });

  test('does nothing, and ends at once', async () => {
    expect(await invoke('exports.handler = () => {};')).toEqual({ result: null, functionError: undefined });
  });

  test('ends when nothing is left to do in real time', async () => {
    const code = `exports.handler = () => { setTimeout(() => { globalThis.done = true; }, 30); };`;
    expect(await invoke(code, new RealClock())).toEqual({ result: null, functionError: undefined });
  });
});

describe('inline code', () => {
  test('sends a response with cfn-response', async () => {
    const code = `const { send, SUCCESS } = require('cfn-response');
      exports.handler = (event, context) => send(event, context, SUCCESS, { Size: 3 }, 'thing-1');`;
    const event = {
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Thing',
      ResponseURL: `${server.url}/bucket/object?X-Amz-Signature=1`,
    };
    expect(await invoke(code, undefined, event)).toEqual({ result: null, functionError: undefined });
    expect(requests.map(({ method, path }) => [method, path])).toEqual([['PUT', '/bucket/object?X-Amz-Signature=1']]);
    expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'thing-1',
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Thing',
      Data: { Size: 3 },
    });
  });

  test('may be an ES module', async () => {
    const code = `import { basename } from 'node:path';\nexport const handler = async () => basename('/a/b');`;
    expect(await invoke(code)).toEqual({ result: 'b', functionError: undefined });
  });
});

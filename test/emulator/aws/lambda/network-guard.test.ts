import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lambda } from '../../../../emulator/aws/lambda/lambda';
import { Ssm } from '../../../../emulator/aws/ssm';
import { VirtualClock } from '../../../../emulator/core/clock';
import { HttpServer } from '../../../../emulator/core/http-server';

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:worker';

/** A server that must never be called. */
let listener: Server;
let connections: number;
let directory: string;
let emulator: HttpServer;
let ssm: Ssm;
let lambda: Lambda;
let refused: string[];
const clock = new VirtualClock();

beforeEach(async () => {
  connections = 0;
  refused = [];
  listener = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  directory = mkdtempSync(join(tmpdir(), 'function-'));
  ssm = new Ssm({ clock, environment: { partition: 'aws', region: 'eu-west-1', account: '123456789012' } });
  emulator = await HttpServer.listen({ services: [ssm], raw: ({ path }) => ({ statusCode: 200, body: path }) });
  lambda = new Lambda({
    clock,
    endpoints: () => ({ AWS_ENDPOINT_URL: emulator.url }),
    onRefusedConnection: (name, target) => refused.push(`${name}: ${target}`),
  });
});

afterEach(async () => {
  await lambda.close();
  await emulator.close();
  await new Promise((resolve) => listener.close(resolve));
  rmSync(directory, { recursive: true });
  expect(connections).toBe(0);
});

const port = () => (listener.address() as AddressInfo).port;

async function invoke(code: string, environment: Readonly<Record<string, string>> = {}, file = 'index.js') {
  writeFileSync(join(directory, file), code);
  lambda.register({
    functionName: 'worker',
    arn: ARN,
    codeDirectory: directory,
    handler: 'index.handler',
    environment,
    memorySize: 128,
    timeout: 10,
    accessKeyId: 'AKIAWORKER',
  });
  const { payload, functionError } = await lambda.invoke(ARN, { port: port(), emulator: emulator.url });
  return { result: JSON.parse(payload), functionError };
}

describe('a connection to anything but the emulator is refused and reported:', () => {
  const once = (emitter: string) => `require('node:events').once(${emitter}, 'connect')`;
  const get = (protocol: string) =>
    `new Promise((resolve, reject) => require('node:${protocol}').get(\`${protocol}://127.0.0.1:\${port}/a\`, resolve).on('error', reject))`;
  const local = () => `127.0.0.1:${port()}`;

  test.each<[string, string, () => string]>([
    ['http', get('http'), local],
    ['https', get('https'), local],
    ['fetch', "fetch('http://127.0.0.1:' + port)", local],
    ['fetch over TLS', "fetch('https://127.0.0.1:' + port)", local],
    [
      'http2',
      "new Promise((_, reject) => require('node:http2').connect('http://127.0.0.1:' + port).on('error', reject))",
      local,
    ],
    ['net', once("require('node:net').connect(port, '127.0.0.1')"), local],
    ['a new socket', once("new (require('node:net').Socket)().connect({ port, host: '127.0.0.1' })"), local],
    ['tls', once("require('node:tls').connect({ port, host: '127.0.0.1' })"), local],
    ['localhost by default', once("require('node:net').connect(port)"), () => `localhost:${port()}`],
    ['a Unix socket', once("require('node:net').connect('/var/run/docker.sock')"), () => '/var/run/docker.sock'],
    [
      'HTTP over a Unix socket',
      "new Promise((resolve, reject) => require('node:http').get({ socketPath: '/var/run/docker.sock' }, resolve).on('error', reject))",
      () => '/var/run/docker.sock',
    ],
    ['another host', "fetch('https://api.example.com/orders')", () => 'api.example.com:443'],
    ['a lookup', "require('node:dns').promises.lookup('api.example.com')", () => 'api.example.com'],
    [
      'a lookup with a callback',
      "require('node:util').promisify(require('node:dns').lookup)('api.example.com')",
      () => 'api.example.com',
    ],
    ['a DNS query', "require('node:dns/promises').resolveTxt('api.example.com')", () => 'api.example.com'],
    ['a reverse DNS query', "require('node:dns').promises.reverse('192.0.2.1')", () => '192.0.2.1'],
    [
      'a query of a resolver',
      "new (require('node:dns').promises.Resolver)().resolve4('api.example.com')",
      () => 'api.example.com',
    ],
    ['a datagram', "require('node:dgram').createSocket('udp4').send('a', port, '127.0.0.1')", local],
    ['a process', "require('node:child_process').execSync('curl example.com')", () => 'the process curl example.com'],
    ['a thread', "new (require('node:worker_threads').Worker)('a.js')", () => 'the thread a.js'],
  ])('%s', async (_what, connect, target) => {
    const code = `exports.handler = async ({ port }) => { await (${connect}); return 'connected'; };`;
    const { functionError, result } = await invoke(code);
    expect({ functionError, result }).toEqual({
      functionError: 'Unhandled',
      result: expect.objectContaining({ errorMessage: expect.any(String) }),
    });
    expect(refused).toEqual([`worker: ${target()}`]);
  });

  test('the error names the target, also in an ES module that imports functions by name', async () => {
    const code = `import { get } from 'node:https';
      export const handler = () => new Promise((resolve, reject) => get('https://api.example.com', resolve).on('error', reject));`;
    const { result } = await invoke(code, {}, 'index.mjs');
    expect(result.errorMessage).toBe(
      'connection to api.example.com:443 refused: a function connects to the emulator only',
    );
    expect(refused).toEqual(['worker: api.example.com:443']);
  });

  test('a connection while the function loads', async () => {
    const { functionError } = await invoke(
      `require('node:http').get('http://127.0.0.1:${port()}').on('error', () => undefined); exports.handler = async () => 1;`,
    );
    expect(functionError).toBeUndefined();
    expect(refused).toEqual([`worker: 127.0.0.1:${port()}`]);
  });
});

test('the emulator can be reached by its URL, and by HTTPS on its host', async () => {
  const code = `const get = (url) => new Promise((resolve) => require(url.startsWith('https') ? 'node:https' : 'node:http')
      .get(url, (response) => response.on('data', (data) => resolve(String(data)))));
    exports.handler = async ({ emulator }) => [
      await get(emulator + '/a'),
      await get('https://127.0.0.1/b'),
      await (await fetch(emulator + '/c')).text(),
    ];`;
  expect(await invoke(code)).toEqual({ result: ['/a', '/b', '/c'], functionError: undefined });
  expect(refused).toEqual([]);
});

describe('a call of AWS reaches the emulator', () => {
  const client = JSON.stringify(require.resolve('@aws-sdk/client-ssm'));
  const put = (options: string) => `const { SSMClient, PutParameterCommand } = require(${client});
    exports.handler = async ({ port }) => {
      await new SSMClient(${options}).send(new PutParameterCommand({ Name: '/a', Value: 'b', Type: 'String' }));
    };`;

  test.each<[string, string, () => Record<string, string>]>([
    ['with the endpoint of its client', "{ endpoint: 'http://127.0.0.1:' + port }", () => ({})],
    ['with an HTTPS endpoint of its client', "{ endpoint: 'https://127.0.0.1:' + port + '/base' }", () => ({})],
    ['with a region of its client', "{ region: 'us-west-2' }", () => ({})],
    [
      'with the endpoint of AWS, because configured endpoints are ignored',
      '{}',
      () => ({ AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }),
    ],
    ['with AWS_ENDPOINT_URL', '{}', () => ({ AWS_ENDPOINT_URL: `http://127.0.0.1:${port()}` })],
    ['with AWS_ENDPOINT_URL_SSM', '{}', () => ({ AWS_ENDPOINT_URL_SSM: `http://127.0.0.1:${port()}` })],
  ])('%s', async (_what, options, environment) => {
    expect(await invoke(put(options), environment())).toEqual({ result: null, functionError: undefined });
    expect(ssm.parameters).toMatchObject([{ name: '/a', value: 'b' }]);
    expect(refused).toEqual([]);
  });
});

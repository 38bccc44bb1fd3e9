import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { builtinModules } from 'node:module';
import type { AddressInfo } from 'node:net';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { simulationOf } from '../../emulator/simulation/service-simulation';
import type { Progress } from '../../lib/contract/cancellation';
import { DEPLOYMENT_KINDS, sampleIdentifiers, serviceOf } from '../../lib/deployments/kinds';

const ROOT = join(__dirname, '..', '..');
const BUNDLES = join(ROOT, 'dist', 'lambda');
const FILES = readdirSync(BUNDLES);
/** What the SDK would load for credentials that are not in the environment, and for streams of events. */
const NEVER_LOADED = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/core/event-streams',
  '@smithy/credential-provider-imds',
];
const FUNCTIONS = ['cloudformation.mjs', 'codepipeline.mjs', 'deployment.mjs'];
const textOf = (file: string) => readFileSync(join(BUNDLES, file), 'utf8');
/** No profile of this machine. */
const NO_PROFILE = { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull };

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bundles-'));
  folders.push(folder);
  return folder;
}

/** The output of a process of Node.js that has nothing of the environment of this one. */
async function node(args: readonly string[], environment: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...NO_PROFILE, ...environment } });
  return stdout;
}

/** What a file of the asset loads, static and dynamic imports alike. */
function importsOf(file: string): string[] {
  const imports = textOf(file).matchAll(/\b(?:from|import\(?)"([^"]+)"/g);
  return [...imports].map(([, name = '']) => name);
}

describe('the asset', () => {
  test('holds ES modules and nothing else, a file for each function among them', () => {
    expect(FILES.filter((file) => !file.endsWith('.mjs'))).toEqual([]);
    expect(FILES).toEqual(expect.arrayContaining(FUNCTIONS));
  });

  test('loads nothing but its own files and what Node.js has', () => {
    const known = (name: string) =>
      builtinModules.includes(name.replace(/^node:/, '')) || (name.startsWith('./') && FILES.includes(name.slice(2)));
    const imports = FILES.flatMap(importsOf);
    expect(imports.length).toBeGreaterThan(FILES.length);
    const others = [...new Set(imports.filter((name) => !known(name)))].sort();
    expect(others).toEqual(NEVER_LOADED);
    // Only on demand.
    const text = FILES.map(textOf).join('\n');
    for (const name of others) expect(text).not.toMatch(new RegExp(`(from|import)"${name}"`));
    expect(FILES.filter((file) => textOf(file).includes('Dynamic require of'))).toEqual([]);
  });

  test('holds no operation that no function calls', () => {
    const all = FILES.map(textOf).join('\n');
    for (const called of ['GetServiceInstance', 'StopServiceDeployment', 'PutParameter']) expect(all).toContain(called);
    for (const other of ['CreateEnvironmentTemplate', 'CreateCapacityProvider', 'DescribeParameters'])
      expect(all).not.toContain(other);
  });

  test.each(FUNCTIONS)('has a handler in %s', async (file) => {
    const script = `import(${JSON.stringify(join(BUNDLES, file))}).then((it) => process.stdout.write(typeof it.handler));`;
    expect(await node(['-e', script])).toBe('function');
  });

  test('has no file that cannot be loaded', async () => {
    const script = `
      const files = ${JSON.stringify(FILES.map((file) => join(BUNDLES, file)))};
      Promise.all(files.map((file) => import(file))).then((loaded) => process.stdout.write(String(loaded.length)));`;
    expect(await node(['-e', script])).toBe(String(FILES.length));
  });
});

describe('a function that is loaded', () => {
  const traced = async (file: string): Promise<unknown> =>
    JSON.parse(await node([join(__dirname, 'trace-load.mjs'), file]));

  test.each(FUNCTIONS)('has looked for no credentials, opened no file and called nobody: %s', async (file) => {
    expect(await traced(join(BUNDLES, file))).toEqual([]);
  });

  test('would be noticed if it had', async () => {
    const file = join(temporaryFolder(), 'curious.mjs');
    writeFileSync(
      file,
      `import { spawn } from 'node:child_process';
       import { existsSync } from 'node:fs';
       import { readFile } from 'node:fs/promises';
       import { connect } from 'node:net';
       existsSync('/nowhere/token');
       readFile('/nowhere/.aws/credentials').catch(() => undefined);
       connect({ host: '127.0.0.1', port: 1 }).on('error', () => undefined);
       spawn('/nowhere/credentials').on('error', () => undefined);`,
    );
    expect(await traced(file)).toEqual([
      'existsSync "/nowhere/token"',
      'readFile "/nowhere/.aws/credentials"',
      expect.stringMatching(/^connect .*"127\.0\.0\.1"/),
      'spawn "/nowhere/credentials"',
    ]);
  });
});

const INSTANCE = {
  kind: 'proton-service-instance',
  identifiers: { serviceName: 'web', serviceInstanceName: 'web-prod' },
};

function eventFor(deployment: object): { readonly [name: string]: unknown } {
  return {
    request: { contractVersion: '1', deployment, settings: { timeoutSeconds: '60' } },
    // The timeout has passed, so the first response is the end.
    startTime: new Date(Date.now() - 60_000).toISOString(),
  };
}

/** Invokes the deployment function of a folder in a process of its own, as Lambda would. */
async function invoke(folder: string, event: object, environment: Record<string, string> = {}): Promise<unknown> {
  const script = `
    const context = { getRemainingTimeInMillis: () => 20000, invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:f' };
    console.info = () => {};
    import(${JSON.stringify(join(folder, 'deployment.mjs'))})
      .then(({ handler }) => handler(${JSON.stringify(event)}, context))
      .then((answer) => process.stdout.write(JSON.stringify(answer)));`;
  return JSON.parse(await node(['-e', script], environment));
}

const CREDENTIALS = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: 'session',
};

/** Invokes the deployment function with a service that gives all calls the same answer, and returns the headers of the calls. */
async function invokeWith(
  event: object,
  { status = 400, type, body, variable = 'AWS_ENDPOINT_URL' }: ServiceAnswer,
): Promise<{ readonly answer: unknown; readonly seen: readonly IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { answer: await invoke(BUNDLES, event, { [variable]: url, ...CREDENTIALS }), seen };
  } finally {
    server.close();
  }
}

interface ServiceAnswer {
  readonly status?: number;
  readonly type: string;
  readonly body: string;
  /** The variable of the environment that names the endpoint. */
  readonly variable?: string;
}

const json = (error: string) => ({
  type: 'application/x-amz-json-1.0',
  body: JSON.stringify({ __type: error, message: 'no' }),
});

describe('the deployment function', () => {
  const ACCESS_DENIED = {
    type: 'text/xml',
    body: '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
  };

  test.each(DEPLOYMENT_KINDS)('loads the service of %s when it meets one', async (kind) => {
    const { type } = simulationOf(kind).errors?.accessDenied ?? { type: 'AccessDeniedException' };
    const deployment = { kind, identifiers: sampleIdentifiers(kind) };
    const denied = type === 'AccessDenied' ? ACCESS_DENIED : json(type);
    const { answer, seen } = await invokeWith(eventFor(deployment), denied);
    expect((answer as Progress).result?.outcome).toBe('ACCESS_DENIED');
    expect(seen).toHaveLength(1);
    expect(seen[0]?.authorization).toContain(`/eu-west-1/${serviceOf(kind)}/aws4_request`);
  });

  test('loads a service when it is to find a fleet', async () => {
    const event = eventFor(INSTANCE);
    const fleet = { kind: 'proton-service-instances', identifiers: { serviceName: 'web' } };
    const find = { ...event, fleetStep: 'FIND', request: { ...(event.request as object), fleet } };
    const { answer, seen } = await invokeWith(find, json('AccessDeniedException'));
    expect(answer).toMatchObject({ result: { outcome: 'ACCESS_DENIED' } });
    expect(seen.map((headers) => headers['x-amz-target'])).toEqual(['AwsProton20200720.ListServiceInstances']);
  });

  test('fails with a service that is there only in part', async () => {
    const folder = temporaryFolder();
    cpSync(BUNDLES, folder, { recursive: true });
    const [file = ''] = FILES.filter((name) => name.startsWith('proton'));
    const [missing = ''] = importsOf(file).filter(
      (name) => name.startsWith('./') && !FUNCTIONS.includes(name.slice(2)),
    );
    rmSync(join(folder, missing));
    await expect(invoke(folder, eventFor(INSTANCE))).rejects.toThrow(`Cannot find module '${join(folder, missing)}'`);
  });

  test.each([['AWS_ENDPOINT_URL'], ['AWS_ENDPOINT_URL_PROTON']])(
    'has the client of the SDK, which signs with the credentials of the environment and goes where %s says',
    async (variable) => {
      const notFound = json('com.amazonaws.proton#ResourceNotFoundException');
      const { answer, seen } = await invokeWith(eventFor(INSTANCE), { ...notFound, variable });
      expect((answer as Progress).result?.outcome).toBe('NOT_FOUND');
      expect(seen).toHaveLength(1);
      expect(seen[0]).toMatchObject({
        authorization: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/proton\/aws4_request, /,
        ),
        'x-amz-security-token': 'session',
        'x-amz-target': 'AwsProton20200720.GetServiceInstance',
        'user-agent': expect.stringMatching(/^aws-sdk-js\/3\.\d+\.\d+ /),
      });
    },
  );
});

describe('the build in another folder, of the functions, the contract, the kinds and the SDK', () => {
  let folder: string;
  let made: string;
  const build = () => promisify(execFile)(process.execPath, [join(folder, 'lambda', 'bundle.mjs')]);
  beforeAll(async () => {
    folder = join(temporaryFolder(), 'another', 'folder');
    made = join(folder, 'dist', 'lambda');
    mkdirSync(join(folder, 'node_modules'), { recursive: true });
    for (const sources of ['lambda', 'lib/contract', 'lib/deployments', 'scripts/write-bundle.mjs'])
      cpSync(join(ROOT, sources), join(folder, sources), { recursive: true });
    for (const packages of ['@aws-sdk', '@aws', '@smithy', 'bowser'])
      cpSync(join(ROOT, 'node_modules', packages), join(folder, 'node_modules', packages), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', 'esbuild'), join(folder, 'node_modules', 'esbuild'));
    await build();
  });

  test('makes the same files, byte for byte', () => {
    expect(readdirSync(made).sort()).toEqual([...FILES].sort());
    const differing = FILES.filter((file) => !readFileSync(join(made, file)).equals(readFileSync(join(BUNDLES, file))));
    expect(differing).toEqual([]);
  });

  test('touches no file that is as it should be, and removes those that do not belong there', async () => {
    const stranger = join(made, 'stranger.mjs');
    writeFileSync(stranger, '');
    const times = () => FILES.map((file) => statSync(join(made, file)).mtimeMs);
    const before = times();
    await build();
    expect(times()).toEqual(before);
    expect(existsSync(stranger)).toBe(false);
  });
});

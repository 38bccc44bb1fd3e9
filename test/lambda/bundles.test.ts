import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { builtinModules } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { App, Stack } from 'aws-cdk-lib';
import { Assembly } from '../../emulator/simulation/assembly';
import type { Progress } from '../../lib/contract/cancellation';
import { DeploymentCancellation, ProtonDeployment } from '../../lib/index';

const ROOT = join(__dirname, '..', '..');
const BUNDLES = join(ROOT, 'dist', 'lambda');
const SCRIPTS = readdirSync(BUNDLES).filter((file) => file.endsWith('.js'));
const INSTANCE = { serviceName: 'web', serviceInstanceName: 'web-prod' };
const textOf = (file: string) => readFileSync(join(BUNDLES, file), 'utf8');

interface Resource {
  readonly Type: string;
  readonly Properties: { readonly Code: { readonly S3Key: string } };
}

/** Where the code of the functions of a stack is that cancels one deployment of Proton, each once. */
function codeOfOneStack(): string[] {
  const app = new App();
  new DeploymentCancellation(new Stack(app, 'Stack'), 'Cancel', {
    deployment: ProtonDeployment.serviceInstance(INSTANCE),
  });
  const assembly = new Assembly(app.synth().directory);
  const [stack] = assembly.stacks;
  const { Resources } = (stack?.template ?? {}) as { Resources: Record<string, Resource> };
  const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  return [...new Set(functions.map(({ Properties }) => assembly.pathOf(Properties.Code.S3Key)))];
}

/** As long as a zip of a folder is: its files, a header and an entry of the directory for each, and the end. */
function zippedBytes(folder: string): number {
  return readdirSync(folder).reduce((sum, file) => {
    return sum + 30 + 46 + 2 * file.length + deflateRawSync(readFileSync(join(folder, file)), { level: 9 }).length;
  }, 22);
}

/** Invokes the deployment function of a folder in a process of its own, as Lambda would. */
async function invoke(folder: string, event: object, environment: Record<string, string> = {}): Promise<unknown> {
  const script = `
    const context = { getRemainingTimeInMillis: () => 20000, invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:f' };
    console.info = () => {};
    require(${JSON.stringify(join(folder, 'deployment.js'))}).handler(${JSON.stringify(event)}, context)
      .then((answer) => process.stdout.write(JSON.stringify(answer)));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env: environment });
  return JSON.parse(stdout);
}

const EVENT = {
  request: {
    contractVersion: '1',
    deployment: { kind: 'proton-service-instance', identifiers: INSTANCE },
    settings: { timeoutSeconds: '60' },
  },
  startTime: new Date().toISOString(),
};

test('what a stack ships that cancels a deployment of Proton is at most 82 KB, zipped, for all of its functions', () => {
  const folders = codeOfOneStack();
  expect(folders.reduce((sum, folder) => sum + zippedBytes(folder), 0)).toBeLessThanOrEqual(82_000);
  expect(folders).toHaveLength(1);
});

test.each([
  ['single sign-on', /GetRoleCredentials|sso-oidc|ssoRegion/],
  ['roles that are assumed', /AssumeRole/],
  ['processes that give credentials', /credential_process|child_process/],
  ['the metadata services of instances and containers', /169\.254\.|AWS_CONTAINER_CREDENTIALS|latest\/meta-data/],
  ['the files of ~/.aws', /AWS_SHARED_CREDENTIALS_FILE|AWS_CONFIG_FILE/],
  ['event streams', /:message-type|:exception-type/],
  ['adaptive retries', /measuredTxRate|lastMaxRate/],
  ['http/2', /node:http2/],
])('no bundle holds %s', (_what, words) => {
  expect(SCRIPTS.filter((file) => words.test(textOf(file)))).toEqual([]);
});

test('what no handler identifiers of the shapes and errors of a service is not in a bundle', () => {
  const all = SCRIPTS.map(textOf).join('\n');
  expect(all).toContain('ParameterNotFound');
  expect(all).not.toContain('AutomationDefinitionNotFound');
});

test('a bundle loads nothing but what is beside it and what Node.js has', () => {
  const known = (name: string) =>
    builtinModules.includes(name.replace(/^node:/, '')) ||
    (name.startsWith('./') && existsSync(join(BUNDLES, name))) ||
    // What the SDK would load for operations that stream; none is used.
    name === '@smithy/core/event-streams';
  const required = SCRIPTS.flatMap((file) =>
    [...textOf(file).matchAll(/require\("([^"]+)"\)/g)].map(([, name = '']) => name),
  );
  expect(required.length).toBeGreaterThan(10);
  expect(required.filter((name) => !known(name))).toEqual([]);
});

describe('the deployment function', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bundles-'));
    cpSync(BUNDLES, folder, { recursive: true });
    for (const file of readdirSync(folder)) if (file.startsWith('proton-service')) rmSync(join(folder, file));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('says what to do when it is asked for a service that its stack has not declared', async () => {
    const { result } = (await invoke(folder, EVENT)) as Progress;
    expect(result).toMatchObject({ outcome: 'ERROR', failed: true });
    expect(result?.reason).toContain('kind proton-service-instance is not in this workflow: declare');
  });

  test('does not run with a service that is there only in part', async () => {
    const half = mkdtempSync(join(tmpdir(), 'bundles-'));
    cpSync(BUNDLES, half, { recursive: true });
    const files: Record<string, string[]> = JSON.parse(textOf('files.json'));
    const needed = files['proton-service']?.find(
      (file) => file.startsWith('chunk-') && !files.deployment?.includes(file),
    );
    rmSync(join(half, String(needed)));
    await expect(invoke(half, EVENT)).rejects.toThrow(`Cannot find module './${needed}'`);
    rmSync(half, { recursive: true });
  });

  test('says the same when it is to find a fleet', async () => {
    const fleet = { kind: 'proton-service-instances', identifiers: { serviceName: 'web' } };
    const event = { ...EVENT, fleetStep: 'FIND', request: { ...EVENT.request, fleet } };
    expect(await invoke(folder, event)).toMatchObject({
      result: {
        outcome: 'ERROR',
        reason: expect.stringContaining('kind proton-service-instances is not in this workflow'),
      },
    });
  });
});

test.each([['AWS_ENDPOINT_URL'], ['AWS_ENDPOINT_URL_PROTON']])(
  'the client is the one of the SDK: it signs with the credentials of the environment, and goes where %s says',
  async (variable) => {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers);
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: 'com.amazonaws.proton#ResourceNotFoundException', message: 'no' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const environment = {
        [variable]: url,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_SESSION_TOKEN: 'session',
      };
      const { result } = (await invoke(BUNDLES, EVENT, environment)) as Progress;
      expect(result?.outcome).toBe('NOT_FOUND');
      expect(seen).toHaveLength(1);
      expect(seen[0]).toMatchObject({
        authorization: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/proton\/aws4_request, /,
        ),
        'x-amz-security-token': 'session',
        'x-amz-target': 'AwsProton20200720.GetServiceInstance',
        'user-agent': expect.stringMatching(/^aws-sdk-js\/3\.\d+\.\d+ /),
      });
    } finally {
      server.close();
    }
  },
);

test('bundling again beside whoever reads touches nothing that is as it should be, and takes away what is not', async () => {
  const stranger = join(BUNDLES, 'stranger.js');
  writeFileSync(stranger, '');
  const times = () => SCRIPTS.map((file) => statSync(join(BUNDLES, file)).mtimeMs);
  const before = times();
  await promisify(execFile)(process.execPath, [join(ROOT, 'lambda', 'bundle.mjs')]);
  expect(times()).toEqual(before);
  expect(existsSync(stranger)).toBe(false);
});

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MINUTES, SECONDS } from '../../emulator/core/plan';
import type { Script } from '../../emulator/simulation/scenarios';
import { cancelsOf, closeServers, environmentOf, lastIdOf, quick, serveEcs } from '../cli/run-cli';

// Each test starts the bundled files as the runner does, and they wait in real time.
jest.setTimeout(60_000);

const ECS = { kind: 'ecs', cluster: 'prod', service: 'web', 'poll-interval': '1s' };

afterEach(closeServers);

/** Starts 100 seconds after the emulator: no job has seen it. Negative: before. */
const startsAt = (at: number): Script => ({
  deployment: {
    at,
    steps: [{ after: 30 * MINUTES, status: 'SUCCEEDED' }],
    onCancel: { steps: [{ after: SECONDS, status: 'CANCELLED' }] },
  },
});

/** Reads the file of outputs or states, as the runner does. */
function entriesOf(file: string): Record<string, string> {
  const entries = readFileSync(file, 'utf8').matchAll(/^(.+?)<<(.+)\n([\s\S]*?)\n\2\n/gm);
  return Object.fromEntries([...entries].map(([, name, , value]) => [name, value]));
}

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
}

async function runStep(
  step: 'main' | 'post',
  inputs: Readonly<Record<string, string>>,
  url: string,
  state: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'action-'));
  const [GITHUB_OUTPUT, GITHUB_STATE] = ['output', 'state'].map((name) => join(folder, name)) as [string, string];
  for (const file of [GITHUB_OUTPUT, GITHUB_STATE]) writeFileSync(file, '');
  const env = {
    ...environmentOf(url),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_OUTPUT,
    GITHUB_STATE,
    ...prefixed('INPUT_', inputs, (name) => name.toUpperCase()),
    ...prefixed('STATE_', state),
  };
  const child = spawn(process.execPath, [join(__dirname, `../../action/dist/${step}.mjs`)], { env });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, stdout, outputs: entriesOf(GITHUB_OUTPUT), state: entriesOf(GITHUB_STATE) };
}

function prefixed(prefix: string, values: Readonly<Record<string, string>>, spell = (name: string) => name) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${spell(name)}`, value]));
}

test('cancels, and has outputs', async () => {
  const server = await serveEcs(quick('cancelled'));
  const { code, stdout, outputs, state } = await runStep('main', ECS, server.url);
  const id = lastIdOf(server);
  expect(code).toBe(0);
  expect(stdout).toContain(`CANCELLED: deployment ${id} of ecs service prod/web is ROLLBACK_SUCCESSFUL; see https://`);
  expect(outputs).toEqual({
    outcome: 'CANCELLED',
    'deployment-status': 'ROLLBACK_SUCCESSFUL',
    'deployment-id': id,
    'console-url':
      'https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/web/deployments?region=us-east-1',
  });
  // The post step has nothing to do.
  expect(state).toEqual({});
  expect(await runStep('post', ECS, server.url)).toMatchObject({ code: 0, stdout: '', outputs: {} });
});

test('fails as the command line fails, with an error in the summary', async () => {
  const server = await serveEcs(quick('not-found'));
  const { code, stdout, outputs } = await runStep('main', ECS, server.url);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^::error::NOT_FOUND: ecs service prod\/web was not found/m);
  expect(outputs.outcome).toBe('NOT_FOUND');
});

test('a dry run cancels nothing', async () => {
  const server = await serveEcs(quick('cancelled'));
  const { code, stdout, outputs } = await runStep('main', { ...ECS, 'dry-run': 'true' }, server.url);
  expect(code).toBe(0);
  expect(stdout).toContain('would call ecs:StopServiceDeployment on ');
  expect(outputs).toMatchObject({ outcome: '', 'deployment-id': lastIdOf(server) });
  expect(cancelsOf(server)).toEqual([]);
});

describe('with post', () => {
  const POST = { ...ECS, post: 'true' };

  test('the main step cancels nothing, and the post step cancels what the job has started', async () => {
    const server = await serveEcs(startsAt(3 * SECONDS));
    const started = new Promise((resolve) => {
      for (const service of server.simulated) service.onChange(resolve);
    });
    const main = await runStep('main', POST, server.url);
    expect(main).toMatchObject({ code: 0, outputs: {}, state: { startedAt: expect.stringMatching(/^\d{4}-.*Z$/) } });
    expect(server.calls).toEqual([]);
    await started;
    const post = await runStep('post', POST, server.url, main.state);
    expect(post.code).toBe(0);
    expect(post.stdout).toContain('CANCELLED: ');
    expect(cancelsOf(server).map(({ deploymentId }) => deploymentId)).toEqual([lastIdOf(server)]);
  });

  test('a deployment that was in flight before the job is left alone', async () => {
    const server = await serveEcs(startsAt(-MINUTES));
    const { state } = await runStep('main', POST, server.url);
    const { code, stdout } = await runStep('post', POST, server.url, state);
    expect(code).toBe(0);
    expect(stdout).toContain('SKIPPED: ');
    expect(cancelsOf(server)).toEqual([]);
  });

  test('a deployment that is named is cancelled, whenever it started', async () => {
    const server = await serveEcs(startsAt(-MINUTES));
    const inputs = { ...POST, 'deployment-id': lastIdOf(server) };
    const { state } = await runStep('main', inputs, server.url);
    const { code } = await runStep('post', inputs, server.url, state);
    expect(code).toBe(0);
    expect(cancelsOf(server)).toHaveLength(1);
  });
});

test.each([
  [{ ...ECS, kind: '' }, 'name what to cancel: one of ecs, '],
  [{ ...ECS, cluster: '' }, 'ecs needs --service-deployment-arn, or --cluster and --service'],
  [{ ...ECS, cluster: '', post: 'true' }, 'ecs needs --service-deployment-arn, or --cluster and --service'],
  [{ ...ECS, post: 'yes' }, "input post must be true or false, not 'yes'"],
  [{ ...ECS, 'dry-run': '1' }, "input dry-run must be true or false, not '1'"],
  [{ ...ECS, abandon: 'true' }, "Unknown option '--abandon'"],
])('inputs that are not valid fail the main step: %j', async (inputs, message) => {
  const { code, stdout } = await runStep('main', inputs, 'http://127.0.0.1:1');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^::error::/);
  expect(stdout).toContain(message);
});

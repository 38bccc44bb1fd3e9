import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../cli/package.json';
import { USAGE } from '../../cli/usage';
import { MINUTES, SECONDS } from '../../emulator/core/plan';
import type { Script } from '../../emulator/simulation/scenarios';
import {
  cancelsOf,
  closeServers,
  environmentOf,
  lastIdOf,
  quick,
  runCli,
  serveEcs,
  serveScript,
  startCli,
} from './run-cli';

// Each test starts processes that wait in real time.
jest.setTimeout(120_000);

const ECS = ['ecs', '--cluster', 'prod', '--service', 'web'];

afterEach(closeServers);

const lasting = (ms: number): Script => ({
  deployment: {
    at: -2 * MINUTES,
    steps: [{ after: 30 * MINUTES, status: 'SUCCEEDED' }],
    onCancel: { steps: [{ after: ms, status: 'CANCELLED' }] },
  },
});

test('an execution of a pipeline that is still stopping after the time is abandoned', async () => {
  const kind = 'codepipeline-execution';
  const server = await serveScript(kind, { deployment: { at: -2 * MINUTES, onCancel: { steps: [] } } });
  const args = ['pipeline', 'release', '--abandon-after', '4s', '--poll-interval', '1s', '--json'];
  const { code, stdout } = await runCli(args, environmentOf(server.url)).finally(() => server.close());
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, outcome: 'CANCELLED', deploymentStatus: 'Stopped' });
  expect(server.calls.filter((call) => call.endsWith(':StopPipelineExecution'))).toHaveLength(2);
});

const NOWHERE = environmentOf('http://127.0.0.1:1');

test('the help and the version need no credentials', async () => {
  expect(await runCli(['--help'], {})).toEqual({ code: 0, stdout: USAGE, stderr: '' });
  expect(await runCli(['--version'], {})).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
});

test('arguments that are not valid', async () => {
  const { code, stdout, stderr } = await runCli(['ecs', '--cluster', 'prod'], NOWHERE);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe('cancel-deployment: ecs needs --service-deployment-arn, or --cluster and --service\n');
});

test('no region', async () => {
  const { code, stderr } = await runCli(ECS, { ...NOWHERE, AWS_REGION: undefined });
  expect(code).toBe(2);
  expect(stderr).toBe('cancel-deployment: no region was found: pass --region, or set AWS_REGION\n');
});

test('no credentials', async () => {
  const { code, stderr } = await runCli(ECS, { ...NOWHERE, AWS_ACCESS_KEY_ID: undefined });
  expect(code).toBe(3);
  expect(stderr).toMatch(/^cancel-deployment: no credentials were found: .*\n$/);
});

test('AWS STS that cannot be reached', async () => {
  const { code, stderr } = await runCli(ECS, NOWHERE);
  expect(code).toBe(5);
  expect(stderr).toMatch(/^cancel-deployment: the account of the credentials is not known: .*set AWS_ACCOUNT_ID\n$/);
});

test('the region and the credentials of a profile, the variable of the AWS CLI, and an endpoint', async () => {
  const server = await serveEcs(quick('nothing-to-cancel'));
  const config = join(mkdtempSync(join(tmpdir(), 'cli-config-')), 'config');
  writeFileSync(config, '[profile ops]\nregion = us-east-1\naws_access_key_id = a\naws_secret_access_key = b\n');
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, ...env } = environmentOf(server.url);
  const [ofProfile, ofVariable, ofFlags] = await Promise.all([
    runCli([...ECS, '--profile', 'ops'], { ...env, AWS_CONFIG_FILE: config }),
    runCli(ECS, { ...env, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION: AWS_REGION }),
    // Another region has another service: what the emulator returns is not about it.
    runCli([...ECS, '--region', 'eu-west-1', '--endpoint-url', server.url, '--timeout', '2s'], {
      ...NOWHERE,
      AWS_ACCOUNT_ID: '123456789012',
    }),
  ]);
  expect(ofProfile).toMatchObject({ code: 0, stdout: expect.stringContaining('NOTHING_TO_CANCEL: ') });
  expect(ofVariable).toMatchObject({ code: 0, stdout: expect.stringContaining('NOTHING_TO_CANCEL: ') });
  expect(ofFlags.code).toBe(5);
  expect(ofFlags.stdout).toContain('in account 123456789012 and region eu-west-1, or at --endpoint-url');
});

test('without a terminal, each status is a line of stderr, and the last sentence is stdout', async () => {
  const server = await serveEcs(lasting(2 * SECONDS));
  const { code, stdout, stderr } = await runCli([...ECS, '--poll-interval', '1s'], environmentOf(server.url));
  const id = lastIdOf(server);
  expect({ code, stdout, stderr: stderr.split('\n') }).toEqual({
    code: 0,
    stdout: `CANCELLED: deployment ${id} of ecs service prod/web is ROLLBACK_SUCCESSFUL; see https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/web/deployments?region=us-east-1\n`,
    stderr: ['IN_PROGRESS', 'ROLLBACK_REQUESTED', 'ROLLBACK_SUCCESSFUL']
      .map((status) => `ecs service prod/web is ${status} (deployment ${id})`)
      .concat(''),
  });
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s stops the waiting only, and a second run goes on with it',
  async (signal) => {
    const server = await serveEcs(lasting(8 * SECONDS));
    const env = environmentOf(server.url);
    const first = startCli([...ECS, '--poll-interval', '1s'], env);
    await first.says(/ROLLBACK_REQUESTED/);
    first.kill(signal);
    const id = lastIdOf(server);
    const command = `cancel-deployment ecs --cluster prod --service web --deployment-id ${id}`;
    expect(await first.ended).toMatchObject({
      code: 130,
      stdout: `stopped waiting, and the cancellation goes on; to wait again: ${command}\n`,
    });
    const [, ...args] = command.split(' ');
    const second = await runCli([...args, '--json', '--poll-interval', '1s'], env);
    expect(second.code).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ outcome: 'CANCELLED', deploymentId: id });
    expect(cancelsOf(server)).toHaveLength(1);
  },
);

test('an interruption is a JSON document as well', async () => {
  const server = await serveEcs(lasting(5 * MINUTES));
  const cancelled = new Promise((resolve) => {
    for (const service of server.simulated) service.onChange(resolve);
  });
  const run = startCli([...ECS, '--json'], environmentOf(server.url));
  await cancelled;
  run.kill('SIGINT');
  const { code, stdout, stderr } = await run.ended;
  expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    outcome: null,
    cancelRequested: true,
    deploymentId: lastIdOf(server),
  });
});

test('an ID of another deployment than the one in flight: that one is not cancelled', async () => {
  const server = await serveEcs(lasting(1 * SECONDS));
  const args = [...ECS, '--deployment-id', 'another', '--json', '--timeout', '3s'];
  const { code, stdout } = await runCli(args, environmentOf(server.url));
  expect(code).not.toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ failed: true, deploymentId: 'another' });
  expect(cancelsOf(server)).toEqual([]);
});

test('a dry run for people', async () => {
  const server = await serveEcs(lasting(1 * SECONDS));
  const { code, stdout } = await runCli([...ECS, '--dry-run'], environmentOf(server.url));
  const id = lastIdOf(server);
  const service = 'arn:aws:ecs:us-east-1:123456789012:service/prod/web';
  const deployment = `arn:aws:ecs:us-east-1:123456789012:service-deployment/prod/web/${id}`;
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    `ecs service prod/web is IN_PROGRESS (deployment ${id})`,
    `would call ecs:StopServiceDeployment on ${deployment}`,
    'permissions:',
    `  ecs:ListServiceDeployments on ${service}`,
    `  ecs:DescribeServiceDeployments on ${deployment}`,
    `  ecs:StopServiceDeployment on ${deployment}`,
    'see https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/web/deployments?region=us-east-1',
    '',
  ]);
  expect(cancelsOf(server)).toEqual([]);
});

test.each([
  ['nothing-to-cancel', /^would cancel nothing: nothing to cancel: /m, 0],
  ['not-found', /^would cancel nothing: ecs service prod\/web was not found/m, 1],
] as const)('a dry run of %s', async (name, reason, expected) => {
  const server = await serveEcs(quick(name));
  const { code, stdout } = await runCli([...ECS, '--dry-run'], environmentOf(server.url));
  expect(code).toBe(expected);
  expect(stdout).toMatch(reason);
});

test('a dry run of a deployment that is being cancelled already', async () => {
  const server = await serveEcs({
    deployment: { at: -MINUTES, steps: [{ after: 30 * SECONDS, status: 'CANCELLING' }] },
  });
  const { code, stdout } = await runCli([...ECS, '--dry-run'], environmentOf(server.url));
  expect(code).toBe(0);
  expect(stdout).toContain('would cancel nothing, and wait until the deployment is over');
});

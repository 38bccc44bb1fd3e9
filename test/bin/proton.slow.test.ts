import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  CancelServiceInstanceDeploymentCommand,
  GetServiceInstanceCommand,
  ProtonClient,
} from '@aws-sdk/client-proton';
import { SCENARIO_NAMES } from '../../emulator/simulation/scenarios';

const children = new Set<ChildProcess>();

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

function proton(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, '../../bin/proton.ts'), ...args]);
  children.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    output: () => ({ stdout, stderr }),
    ended,
    stop: () => child.kill('SIGTERM'),
    /** Resolves when stdout contains a match. */
    says: async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const match = pattern.exec(stdout);
        if (match) return match;
        await Promise.race([
          new Promise((resolve) => child.stdout.once('data', resolve)),
          ended.then(() => Promise.reject(new Error(`ended without ${pattern}: ${stderr}`))),
        ]);
      }
    },
  };
}

test('prints its URL, responds to an SDK, logs its calls, and ends with a signal', async () => {
  const server = proton('--scenario', 'timeout', '--service-name', 'shop', '--service-instance-name', 'shop-live');
  const [, url] = await server.says(
    /listens at (http:\/\/127\.0\.0\.1:\d+)\n(?:.*\n)*.*cancel-service-instance-deployment/,
  );
  expect(server.output().stdout).toContain('scenario proton-service-instance/timeout: ');
  expect(server.output().stdout).toContain('get-service-instance --service-name shop --name shop-live');

  const client = new ProtonClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  const { serviceInstance } = await client.send(
    new GetServiceInstanceCommand({ serviceName: 'shop', name: 'shop-live' }),
  );
  expect(serviceInstance?.deploymentStatus).toBe('IN_PROGRESS');
  await client.send(
    new CancelServiceInstanceDeploymentCommand({ serviceName: 'shop', serviceInstanceName: 'shop-live' }),
  );
  client.destroy();
  await server.says(/service\/shop\/service-instance\/shop-live: deployment \S+ is CANCELLING\n/);
  await server.says(/CancelServiceInstanceDeployment: ok\n/);

  server.stop();
  expect(await server.ended).toBe(0);
  expect(server.output().stderr).toBe('');
});

test.each([
  [
    ['--scenario', 'proton-service-pipeline/slow', '--service-name', 'shop'],
    'service/shop/pipeline: IN_PROGRESS',
    ['get-service --name shop', 'cancel-service-pipeline-deployment --service-name shop'],
  ],
  [
    ['--scenario', 'proton-environment/slow', '--environment-name', 'live'],
    'environment/live: IN_PROGRESS',
    ['get-environment --name live', 'cancel-environment-deployment --environment-name live'],
  ],
  [
    ['--scenario', 'proton-component/slow', '--component-name', 'queue'],
    'component/queue: IN_PROGRESS',
    ['get-component --name queue', 'cancel-component-deployment --component-name queue'],
  ],
])('with %j prints the deployment, and the commands that read and cancel it', async (args, resource, commands) => {
  const server = proton(...args);
  await server.says(/cancel-.*\n/);
  const lines = server
    .output()
    .stdout.split('\n')
    .map((line) => line.trim());
  expect(lines).toEqual(expect.arrayContaining([resource, ...commands.map((command) => `aws proton ${command}`)]));
});

test.each([
  [['--port', 'http'], "--port must be a whole number from 0 to 65535, not 'http'"],
  [['--port', '70000'], "--port must be a whole number from 0 to 65535, not '70000'"],
  [['--scenario', 'nope'], `--scenario 'nope' is not known; there are ${SCENARIO_NAMES.join(', ')}`],
  [['--scenario', 'proton-environment/nope'], "--scenario 'proton-environment/nope' is not known"],
  [['--scenario', 'ecs-service-deployment/slow'], "--scenario 'ecs-service-deployment/slow' is not known"],
  [['--environment-name', 'we.b'], '--environment-name must start with a letter or digit'],
  [['--component-name='], '--component-name must have 1 to 100 characters, not 0'],
  [['--service-name', '-web'], "Option '--service-name' argument is ambiguous"],
  [['--service-name=-web'], '--service-name must start with a letter or digit'],
  [['--colour'], "Unknown option '--colour'"],
  [['web'], "Unexpected argument 'web'"],
])('rejects %j with exit code 2', async (args, message) => {
  const server = proton(...args);
  expect(await server.ended).toBe(2);
  const { stdout, stderr } = server.output();
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^proton: [^\n]+\ntry --help\n$/);
});

test('reports a port in use with exit code 1', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const server = proton('--port', String(port));
  const exitCode = await server.ended;
  other.close();
  expect(exitCode).toBe(1);
  expect(server.output().stderr).toMatch(new RegExp(`^proton: .*EADDRINUSE.*:${port}\n$`));
});

test('--help names every option and every scenario', async () => {
  const server = proton('--help');
  expect(await server.ended).toBe(0);
  const names = ['--service-name', '--service-instance-name', '--environment-name', '--component-name'];
  for (const word of ['--port', '--scenario', ...names, ...SCENARIO_NAMES, 'proton-environment/cancelled']) {
    expect(server.output().stdout).toContain(word);
  }
});

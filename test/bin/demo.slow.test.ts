import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RealClock } from '../../emulator/core/clock';
import { HttpServer } from '../../emulator/core/http-server';
import { MINUTES, SECONDS } from '../../emulator/services/proton/plan';
import { DEFAULT_NAMES, serviceInstanceSeed } from '../../emulator/services/proton/scenarios';
import { protonService } from '../../emulator/services/proton/service';
import { SimulatedProton } from '../../emulator/services/proton/simulated-service';
import type { Report } from '../../emulator/simulation/run';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm start -- args` */
function start(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, '../../bin/demo.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Jest sets it for its own output.
    env: { ...process.env, FORCE_COLOR: undefined },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

test('--list lists the scenarios, each with a description', async () => {
  const { code, stdout } = await start('--list');
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  for (const line of lines) expect(line).toMatch(/^\S+ {2,}\S.*$/);
  const names = lines.map((line) => line.split(' ')[0]);
  expect(names).toEqual(
    expect.arrayContaining([
      'cancelled',
      'cancel-fails',
      'finishes-first',
      'nothing-to-cancel',
      'already-cancelling',
      'throttled',
      'conflict',
      'not-found',
      'access-denied',
      'superseded',
      'vanishes',
      'unavailable',
      'timeout',
      'slow',
    ]),
  );
  expect(new Set(names).size).toBe(names.length);
});

test('a stack that succeeds: progress first, outputs last, exit code 0', async () => {
  const { code, stdout, stderr } = await start();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  // Lines without escape sequences.
  expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^scenario cancelled: /);
  const at = (pattern: RegExp) => lines.findIndex((line) => pattern.test(line));
  const order = [
    /^ +0:00 {2}CREATE_IN_PROGRESS +AWS::CloudFormation::Stack +CancelDeployment$/,
    /^ +0:00 {2}CREATE_IN_PROGRESS +Custom::DeploymentCancellation +Cancellation/,
    /^ +0:00 {2}state machine +RequestCancellation$/,
    /^ +0:00 {2}deployment +\S+ {2}ROLLBACK_REQUESTED$/,
    /^ +0:40 {2}deployment +\S+ {2}ROLLBACK_SUCCESSFUL$/,
    /^ +0:4\d {2}CREATE_COMPLETE +AWS::CloudFormation::Stack +CancelDeployment$/,
    /^CREATE_COMPLETE after 0:4\d: \d+ function invocations, \d+ state transitions, \d+ calls of ecs, \d+ of ssm, /,
    /^Outputs:$/,
    /^CancellationDeploymentStatus\w+ = ROLLBACK_SUCCESSFUL$/,
  ].map(at);
  expect(order).not.toContain(-1);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order.at(-1)).toBe(lines.length - 1);
});

test('--json prints one document and nothing else, also for a stack that fails, with exit code 1', async () => {
  const { code, stdout, stderr } = await start('--json', '--scenario', 'access-denied', '-c', 'serviceName=shop');
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const report = JSON.parse(stdout) as Report;
  expect(report).toMatchObject({
    scenario: 'access-denied',
    stackStatus: 'ROLLBACK_COMPLETE',
    outputs: {},
    statusReason: expect.stringMatching(/:service-deployment\/prod\/shop\/\S+; allow it to the role/),
    counts: {
      lambdaInvocations: expect.any(Number),
      stateTransitions: expect.any(Number),
      calls: { ecs: expect.any(Number) },
    },
  });
  expect(report.resourceEvents.at(-1)).toMatchObject({ logicalId: 'CancelDeployment', status: 'ROLLBACK_COMPLETE' });
  expect(new Set(report.history.map(({ kind }) => kind))).toEqual(new Set(['resource', 'state', 'call']));
  // The cancel request is denied for a minute before that is final, and the longest delay is 20 s.
  const calls = report.history.flatMap((event) => (event.kind === 'call' && event.service === 'ecs' ? [event] : []));
  expect(report.counts.calls.ecs).toBe(calls.length);
  const requests = calls.filter(({ operation }) => operation === 'StopServiceDeployment');
  expect(new Set(requests.map(({ answer }) => answer))).toEqual(new Set(['AccessDeniedException']));
  expect(requests.length).toBeGreaterThanOrEqual(5);
  expect(requests.length).toBeLessThanOrEqual(12);
  expect(requests.at(-1)?.atSeconds).toBeGreaterThanOrEqual(60);
  expect(requests.at(-1)?.atSeconds).toBeLessThan(80);
});

test('--proton-endpoint calls an external AWS Proton, in real time', async () => {
  const proton = new SimulatedProton(
    serviceInstanceSeed(DEFAULT_NAMES, {
      at: -2 * MINUTES,
      onCancel: { steps: [{ after: 1 * SECONDS, status: 'CANCELLED' }] },
    }),
    new RealClock(),
  );
  const server = await HttpServer.listen({ services: [protonService(proton)] });
  const { code, stdout } = await start(
    '--json',
    '--scenario',
    'proton-service-instance/cancelled',
    '--proton-endpoint',
    server.url,
  );
  proton.stop();
  await server.close();
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as Report;
  expect(Object.values(report.outputs)).toEqual(['CANCELLED']);
  expect(report.elapsedSeconds).toBeGreaterThan(1);
  expect(proton.acceptedCancels).toHaveLength(1);
  // The emulated Proton is not used, and is not in the report.
  expect(report.deploymentsBefore).toEqual([]);
  expect(report.history.filter(({ kind }) => kind === 'deployment')).toEqual([]);
});

test('--report writes an HTML page in addition to the output, also for a stack that fails', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'report-'));
  try {
    const file = join(directory, 'report.html');
    const { code, stdout, stderr } = await start('--scenario', 'access-denied', '--report', file);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout.endsWith(`\n\nReport: ${file}\n`)).toBe(true);
    const page = await readFile(file, 'utf8');
    expect(page).toMatch(/^<!DOCTYPE html>\n.*<\/html>\n$/s);
    expect(page).toContain('ROLLBACK_COMPLETE');
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('an app of examples/ runs like a scenario, and the state machine that it starts publishes the result', async () => {
  const { code, stdout, stderr } = await start('--scenario', 'examples/step-functions-task');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^scenario examples\/step-functions-task: /);
  expect(stdout).toMatch(
    /\n +0:4\d {2}message +cancelled: deployment \S+ of ecs service prod\/web is ROLLBACK_SUCCESSFUL\n/,
  );
});

test.each([
  [['--scenario', 'nope'], /^npm start: --scenario 'nope' is not known; there are cancelled, .*timeout.*\n$/],
  [
    ['--proton-endpoint', 'http://127.0.0.1:1'],
    /^npm start: --proton-endpoint cannot be used with the scenario cancelled, which does not use Proton\n$/,
  ],
  [
    ['--proton-endpoint', 'http://127.0.0.1:1', '--scenario', 'rollback-of-create'],
    /^npm start: --proton-endpoint cannot be used with the scenario rollback-of-create, which starts deployments on the emulated Proton only\n$/,
  ],
])('rejects %j with exit code 2', async (args, message) => {
  const { code, stdout, stderr } = await start(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
});

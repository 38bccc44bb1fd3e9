import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { allScenarios } from '../../emulator/simulation/find-scenario';
import type { Report } from '../../emulator/simulation/run';

// Each test starts a process, which starts another one.
jest.setTimeout(60_000);

function start(...args: string[]) {
  const local = join(__dirname, '../../bin/demo.ts');
  return spawnSync(process.execPath, ['--import', 'tsx', local, ...args], { encoding: 'utf8' });
}

test('a scenario of another kind deploys a stack with that kind', () => {
  const { status, stdout } = start(
    '--scenario',
    'proton-environment/cancelled',
    '-c',
    'environmentName=live',
    '--json',
  );
  expect(status).toBe(0);
  const { scenario, stackStatus, outputs, history }: Report = JSON.parse(stdout);
  expect({ scenario, stackStatus, statuses: Object.values(outputs) }).toEqual({
    scenario: 'proton-environment/cancelled',
    stackStatus: 'CREATE_COMPLETE',
    statuses: ['CANCELLED'],
  });
  const moved = history
    .filter((event) => event.kind === 'deployment')
    .map(({ resource, status }) => [resource, status]);
  expect(moved).toEqual([
    ['environment/live', 'CANCELLING'],
    ['environment/live', 'CANCELLED'],
  ]);
});

test('a scenario of an ECS service deploys a stack with the names of the context', () => {
  const names = ['-c', 'clusterName=live', '-c', 'serviceName=api'];
  const { status, stdout } = start('--scenario', 'ecs-service-deployment/cancelled', ...names, '--json');
  expect(status).toBe(0);
  const { stackStatus, outputs, history }: Report = JSON.parse(stdout);
  expect({ stackStatus, statuses: Object.values(outputs) }).toEqual({
    stackStatus: 'CREATE_COMPLETE',
    statuses: ['ROLLBACK_SUCCESSFUL'],
  });
  const moved = history.flatMap((event) => (event.kind === 'deployment' ? [[event.resource, event.status]] : []));
  expect(moved).toEqual([
    ['live/api', 'ROLLBACK_REQUESTED'],
    ['live/api', 'ROLLBACK_SUCCESSFUL'],
  ]);
});

test('a scenario of CodeDeploy deploys a stack with the names of the context', () => {
  const names = ['-c', 'applicationName=live', '-c', 'deploymentGroupName=api'];
  const { status, stdout } = start('--scenario', 'codedeploy-deployment/cancelled', ...names, '--json');
  expect(status).toBe(0);
  const { stackStatus, outputs, history }: Report = JSON.parse(stdout);
  expect({ stackStatus, statuses: Object.values(outputs) }).toEqual({
    stackStatus: 'CREATE_COMPLETE',
    statuses: ['Stopped'],
  });
  const moved = history.flatMap((event) => (event.kind === 'deployment' ? [[event.resource, event.status]] : []));
  expect(moved).toEqual([
    ['live/api', 'Stopped'],
    ['live/api', 'InProgress'],
    ['live/api', 'Succeeded'],
  ]);
});

test('--list lists every scenario of every kind', () => {
  const { status, stdout } = start('--list');
  expect(status).toBe(0);
  const listed = stdout.split('\n').map((line) => line.split(/ {2,}/));
  for (const name of allScenarios()) expect(listed).toContainEqual([name, expect.stringMatching(/\w/)]);
});

test('a kind besides the scenario is rejected', () => {
  const { status, stdout, stderr } = start('-c', 'kind=proton-environment');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(
    'use --scenario KIND/NAME, such as proton-environment/cancelled, not -c kind=proton-environment',
  );
});

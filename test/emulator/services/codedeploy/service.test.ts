import {
  type DeploymentStatus,
  GetApplicationCommand,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import { MINUTES, SECONDS } from '../../../../emulator/core/plan';
import { emulateCodeDeploy } from '../../../../emulator/services/codedeploy/service';
import type { CodeDeploySeed } from '../../../../emulator/services/codedeploy/simulated-service';
import { errorOf, stopAll } from '../../serve-service';
import { runCodeDeploy } from './serve-codedeploy';

afterEach(stopAll);

const ARN = 'arn:aws:codedeploy:us-east-1:123456789012';
const WEB = { applicationName: 'shop', deploymentGroupName: 'web' };
const SEED: CodeDeploySeed = {
  applications: [
    {
      name: 'shop',
      deploymentGroups: [
        {
          name: 'web',
          deployments: [
            { at: -60 * MINUTES, steps: [{ after: 5 * MINUTES, status: 'Succeeded' }] },
            { at: -20 * MINUTES, steps: [{ after: 5 * MINUTES, status: 'Failed', message: 'Too few instances.' }] },
            { at: -2 * MINUTES, onCancel: { steps: [{ after: 40 * SECONDS, status: 'Stopped' }] } },
          ],
        },
        { name: 'new' },
      ],
    },
    { name: 'empty' },
  ],
};

async function start() {
  const codedeploy = await runCodeDeploy((clock) => emulateCodeDeploy(SEED, clock));
  const { client, simulated } = codedeploy;
  const list = async (input: ListDeploymentsCommand['input'] = WEB) => client.send(new ListDeploymentsCommand(input));
  const get = async (deploymentId: string | undefined) =>
    (await client.send(new GetDeploymentCommand({ deploymentId }))).deploymentInfo;
  const group = async (input: GetDeploymentGroupCommand['input']) =>
    (await client.send(new GetDeploymentGroupCommand(input))).deploymentGroupInfo;
  const stop = async (deploymentId: string | undefined, autoRollbackEnabled?: boolean) =>
    client.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled }));
  const ids = simulated.deployments.map(({ id }) => id);
  return { ...codedeploy, list, get, group, stop, ids, last: ids[2] ?? '' };
}

test('a deployment is described with its times and its creator', async () => {
  const { get, last, ids, clock } = await start();
  const began = new Date(clock.now() - 2 * MINUTES);
  expect(last).toMatch(/^d-[0-9A-Z]{9}$/);
  expect(await get(last)).toMatchObject({
    ...WEB,
    deploymentId: last,
    status: 'InProgress',
    createTime: began,
    startTime: began,
    creator: 'user',
    deploymentOverview: { Pending: 0, InProgress: 1, Succeeded: 1, Failed: 0, Skipped: 0, Ready: 0 },
  });
  expect(await get(ids[0])).toMatchObject({ deploymentOverview: { InProgress: 0, Succeeded: 2 } });
  expect(await get(ids[1])).toMatchObject({
    status: 'Failed',
    completeTime: new Date(clock.now() - 15 * MINUTES),
    errorInformation: { code: 'INTERNAL_ERROR', message: 'Too few instances.' },
  });
});

test('deployments are listed by ID, filtered by group, status and creation time', async () => {
  const { list, ids, clock } = await start();
  const listed = async (input?: ListDeploymentsCommand['input']) => (await list(input)).deployments;
  const sorted = (...some: number[]) => some.map((index) => ids[index]).sort();
  expect(await listed()).toEqual(sorted(0, 1, 2));
  expect(await listed({})).toEqual(sorted(0, 1, 2));
  expect(await listed({ ...WEB, deploymentGroupName: 'new' })).toEqual([]);
  expect(await listed({ ...WEB, includeOnlyStatuses: ['Failed', 'InProgress'] })).toEqual(sorted(1, 2));
  const ago = (minutes: number) => new Date(clock.now() - minutes * MINUTES);
  expect(await listed({ ...WEB, createTimeRange: { start: ago(30) } })).toEqual(sorted(1, 2));
  expect(await listed({ ...WEB, createTimeRange: { start: ago(30), end: ago(10) } })).toEqual(sorted(1));
});

test('deployments are listed in pages', async () => {
  const { list, simulated } = await start();
  for (let more = 0; more < 100; more++) simulated.deploy('shop/web');
  const first = await list();
  const second = await list({ ...WEB, nextToken: first.nextToken });
  expect([first.deployments?.length, second.deployments?.length, second.nextToken]).toEqual([100, 3, undefined]);
  expect(new Set([...(first.deployments ?? []), ...(second.deployments ?? [])]).size).toBe(103);
});

test('a group has its last and its last successful deployment', async () => {
  const { group, ids } = await start();
  expect(await group(WEB)).toMatchObject({
    ...WEB,
    lastAttemptedDeployment: { deploymentId: ids[2], status: 'InProgress' },
    lastSuccessfulDeployment: { deploymentId: ids[0], status: 'Succeeded' },
  });
  const fresh = await group({ ...WEB, deploymentGroupName: 'new' });
  expect([fresh?.lastAttemptedDeployment, fresh?.lastSuccessfulDeployment]).toEqual([undefined, undefined]);
});

test('a stop changes the status when the deployment has stopped, and another deployment rolls it back', async () => {
  const { stop, get, last, simulated, clock } = await start();
  expect((await stop(last, true)).status).toBe('Pending');
  expect((await get(last))?.status).toBe('InProgress');
  await clock.pass(40 * SECONDS);
  expect(await get(last)).toMatchObject({
    status: 'Stopped',
    completeTime: new Date(clock.now()),
    errorInformation: { code: 'MANUAL_STOP', message: 'The deployment was stopped by a user.' },
  });
  expect((await get(last))?.rollbackInfo).toBeUndefined();
  await clock.pass(3 * SECONDS);
  const id = simulated.deployments.at(-1)?.id;
  expect((await get(last))?.rollbackInfo).toEqual({
    rollbackDeploymentId: id,
    rollbackMessage: `The rollback deployment ${id} is InProgress.`,
  });
  expect(await get(id)).toMatchObject({
    status: 'InProgress',
    creator: 'codeDeployRollback',
    rollbackInfo: { rollbackTriggeringDeploymentId: last },
  });
  await clock.pass(20 * SECONDS);
  expect((await get(id))?.status).toBe('Succeeded');
  expect((await get(last))?.rollbackInfo?.rollbackMessage).toBe(`The rollback deployment ${id} is Succeeded.`);
});

test.each([false, undefined])('a stop without a rollback is not rolled back: %s', async (autoRollbackEnabled) => {
  const { stop, get, last, simulated, clock } = await start();
  await stop(last, autoRollbackEnabled);
  await clock.pass(2 * MINUTES);
  expect((await get(last))?.status).toBe('Stopped');
  expect(simulated.deployments).toHaveLength(3);
});

test('a stop reaches the named deployment and not a newer one', async () => {
  const { stop, get, last, simulated, clock } = await start();
  const newer = simulated.deploy('shop/web');
  await stop(last, true);
  await clock.pass(40 * SECONDS);
  expect([(await get(last))?.status, (await get(newer))?.status]).toEqual(['Stopped', 'InProgress']);
});

test('a simulated service that is stopped starts no rollback', async () => {
  const { stop, last, simulated, clock } = await start();
  await stop(last, true);
  await clock.pass(40 * SECONDS);
  simulated.stop();
  await clock.pass(MINUTES);
  expect(simulated.deployments).toHaveLength(3);
});

test('invalid calls are rejected with the errors of CodeDeploy', async () => {
  const { list, get, group, stop, ids, last, client } = await start();
  const names = await Promise.all(
    [
      list({ ...WEB, applicationName: 'nope' }),
      list({ ...WEB, deploymentGroupName: 'nope' }),
      list({ applicationName: 'shop' }),
      list({ deploymentGroupName: 'web' }),
      list({ ...WEB, applicationName: 'x'.repeat(101) }),
      list({ ...WEB, deploymentGroupName: 'a/b' }),
      list({ ...WEB, nextToken: 'nope' }),
      list({ ...WEB, includeOnlyStatuses: ['Nope' as DeploymentStatus] }),
      list({ ...WEB, createTimeRange: { start: new Date(2), end: new Date(1) } }),
      list({ ...WEB, externalId: 'x' }),
      get(undefined),
      get('nope'),
      get('d-NOTTHERE1'),
      group({ ...WEB, deploymentGroupName: 'nope' }),
      stop('d-NOTTHERE1'),
      stop(ids[1]),
      stop(last, 'yes' as unknown as boolean),
      client.send(new GetApplicationCommand({ applicationName: 'shop' })),
    ].map(async (call) => (await errorOf(call)).name),
  );
  expect(names).toEqual([
    'ApplicationDoesNotExistException',
    'DeploymentGroupDoesNotExistException',
    'DeploymentGroupNameRequiredException',
    'ApplicationNameRequiredException',
    'InvalidApplicationNameException',
    'InvalidDeploymentGroupNameException',
    'InvalidNextTokenException',
    'InvalidDeploymentStatusException',
    'InvalidTimeRangeException',
    'InvalidInputException',
    'DeploymentIdRequiredException',
    'InvalidDeploymentIdException',
    'DeploymentDoesNotExistException',
    'DeploymentGroupDoesNotExistException',
    'DeploymentDoesNotExistException',
    'DeploymentAlreadyCompletedException',
    'SerializationException',
    'UnknownOperationException',
  ]);
});

test('a call needs its action on the deployment group, also if it names a deployment, except for a stop', async () => {
  const { iamRequests, last } = await start();
  const needs = (operation: string, input: object) =>
    iamRequests({ service: 'codedeploy', operation, input: { ...input } }).map(
      ({ action, resource }) => `${action} on ${resource}`,
    );
  for (const operation of ['GetDeploymentGroup', 'ListDeployments']) {
    expect(needs(operation, WEB)).toEqual([`codedeploy:${operation} on ${ARN}:deploymentgroup:shop/web`]);
  }
  expect(needs('GetDeployment', { deploymentId: last })).toEqual([
    `codedeploy:GetDeployment on ${ARN}:deploymentgroup:shop/web`,
  ]);
  // The Service Authorization Reference has no resource type for it.
  expect(needs('StopDeployment', { deploymentId: last })).toEqual(['codedeploy:StopDeployment on *']);
  expect(needs('ListDeployments', {})).toEqual([`codedeploy:ListDeployments on ${ARN}:deploymentgroup:*`]);
  // The service rejects invalid calls itself.
  expect(needs('GetDeployment', { deploymentId: 'd-NOTTHERE1' })).toEqual([]);
  expect(needs('GetApplication', { applicationName: 'shop' })).toEqual([]);
});

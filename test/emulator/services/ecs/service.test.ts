import {
  ContinueServiceDeploymentCommand,
  DescribeServiceDeploymentsCommand,
  ListClustersCommand,
  ListServiceDeploymentsCommand,
  ListServicesCommand,
  type ServiceDeploymentStatus,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { MINUTES, SECONDS } from '../../../../emulator/core/plan';
import type { ServiceFactory } from '../../../../emulator/core/service';
import { emulateEcs } from '../../../../emulator/services/ecs/service';
import type { EcsSeed, EcsServiceDeployment } from '../../../../emulator/services/ecs/simulated-service';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import { errorOf, stopAll } from '../../serve-service';
import { runEcs } from './serve-ecs';

afterEach(stopAll);

const ARN = 'arn:aws:ecs:us-east-1:123456789012';
const SEED: EcsSeed = {
  clusters: [
    {
      name: 'prod',
      services: [
        {
          name: 'web',
          deployments: [
            { at: -60 * MINUTES, steps: [{ after: 5 * MINUTES, status: 'SUCCESSFUL' }] },
            { at: -20 * MINUTES, steps: [{ after: 5 * MINUTES, status: 'STOPPED', message: 'Replaced.' }] },
            { at: -2 * MINUTES, onCancel: { steps: [{ after: 40 * SECONDS, status: 'ROLLBACK_SUCCESSFUL' }] } },
          ],
        },
        { name: 'new' },
      ],
    },
    { name: 'empty' },
  ],
};

async function start() {
  const ecs = await runEcs((clock) => emulateEcs(SEED, clock));
  const list = async (input: Partial<ListServiceDeploymentsCommand['input']> = {}) =>
    ecs.client.send(new ListServiceDeploymentsCommand({ cluster: 'prod', service: 'web', ...input }));
  const describe = async (...serviceDeploymentArns: string[]) =>
    ecs.client.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }));
  const stop = async (serviceDeploymentArn: string, stopType: 'ROLLBACK' | 'ABORT' = 'ROLLBACK') =>
    ecs.client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType }));
  const status = async (arn: string) => (await describe(arn)).serviceDeployments?.[0]?.status;
  const statuses = async (input: Parameters<typeof list>[0] = {}) =>
    (await list(input)).serviceDeployments?.map((one) => one.status);
  const { serviceDeployments = [] } = await list();
  const arns = serviceDeployments.map(({ serviceDeploymentArn = '' }) => serviceDeploymentArn);
  return { ...ecs, list, describe, stop, status, statuses, last: arns[0] ?? '', arns };
}

test('an update starts a deployment, which replaces the one in flight and succeeds', async () => {
  const { client, statuses, clock } = await start();
  const { service } = await client.send(new UpdateServiceCommand({ cluster: 'prod', service: 'web' }));
  expect(service).toMatchObject({ serviceArn: `${ARN}:service/prod/web`, clusterArn: `${ARN}:cluster/prod` });
  expect(await statuses()).toEqual(['IN_PROGRESS', 'STOPPED', 'STOPPED', 'SUCCESSFUL']);
  await clock.pass(5 * MINUTES);
  expect((await statuses())?.[0]).toBe('SUCCESSFUL');
  const unknown = new UpdateServiceCommand({ cluster: 'prod', service: 'other' });
  expect((await errorOf(client.send(unknown))).name).toBe('ServiceNotFoundException');
});

test('service deployments are listed with their times, by names or by ARNs', async () => {
  const { list, statuses, clock } = await start();
  const [last] = (await list()).serviceDeployments ?? [];
  expect(last).toEqual({
    serviceDeploymentArn: expect.stringMatching(`^${ARN}:service-deployment/prod/web/[\\w-]{22}$`),
    serviceArn: `${ARN}:service/prod/web`,
    clusterArn: `${ARN}:cluster/prod`,
    createdAt: new Date(clock.now() - 2 * MINUTES),
    startedAt: new Date(clock.now() - 2 * MINUTES),
    targetServiceRevisionArn: expect.stringMatching(`^${ARN}:service-revision/prod/web/`),
    status: 'IN_PROGRESS',
  });
  const all = ['IN_PROGRESS', 'STOPPED', 'SUCCESSFUL'];
  expect(await statuses()).toEqual(all);
  expect(await statuses({ cluster: `${ARN}:cluster/prod`, service: `${ARN}:service/prod/web` })).toEqual(all);
  expect(await statuses({ service: 'new' })).toEqual([]);
});

test('service deployments are filtered by status and creation time', async () => {
  const { statuses, clock } = await start();
  expect(await statuses({ status: ['STOPPED', 'SUCCESSFUL'] })).toEqual(['STOPPED', 'SUCCESSFUL']);
  const ago = (minutes: number) => new Date(clock.now() - minutes * MINUTES);
  expect(await statuses({ createdAt: { after: ago(30) } })).toEqual(['IN_PROGRESS', 'STOPPED']);
  expect(await statuses({ createdAt: { after: ago(30), before: ago(10) } })).toEqual(['STOPPED']);
});

test('service deployments are listed in pages', async () => {
  const { list } = await start();
  const first = await list({ maxResults: 2 });
  const second = await list({ maxResults: 2, nextToken: first.nextToken });
  expect([first, second].map(({ serviceDeployments }) => serviceDeployments?.map((one) => one.status))).toEqual([
    ['IN_PROGRESS', 'STOPPED'],
    ['SUCCESSFUL'],
  ]);
  expect(second.nextToken).toBeUndefined();
});

test('a service deployment is described with its reason, and one that does not exist is missing', async () => {
  const { describe, arns, last } = await start();
  const strange = `${last.slice(0, -1)}${last.endsWith('x') ? 'y' : 'x'}`;
  const { serviceDeployments, failures } = await describe(arns[1] ?? '', strange);
  expect(serviceDeployments).toMatchObject([
    { serviceDeploymentArn: arns[1], status: 'STOPPED', statusReason: 'Replaced.', stoppedAt: expect.any(Date) },
  ]);
  expect(failures).toEqual([{ arn: strange, reason: 'MISSING' }]);
});

test('a description has the revisions, the strategy, and the rollback with its reason', async () => {
  const { describe, stop, arns, last, clock } = await start();
  const revisionOf = (arn = '') => arn.replace(':service-deployment/', ':service-revision/');
  const before = (await describe(last)).serviceDeployments?.[0];
  expect(before).toMatchObject({
    sourceServiceRevisions: [{ arn: revisionOf(arns[2]) }],
    targetServiceRevision: { arn: revisionOf(last) },
    deploymentConfiguration: { strategy: 'ROLLING' },
  });
  expect(before).not.toHaveProperty('rollback');
  await stop(last);
  const stoppedAt = new Date(clock.now());
  await clock.pass(40 * SECONDS);
  expect((await describe(last)).serviceDeployments).toMatchObject([
    {
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'The service deployment was rolled back by a request.',
      stoppedAt,
      rollback: {
        reason: 'The service deployment was rolled back by a request.',
        startedAt: stoppedAt,
        serviceRevisionArn: revisionOf(arns[2]),
      },
    },
  ]);
});

test('the services of a cluster are listed in pages of ten', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `s${index}`);
  const clusters = [
    { name: 'prod', services: names.map((name) => ({ name })) },
    { name: 'test', services: [{ name: 'other' }] },
  ];
  const { client } = await runEcs((clock) => emulateEcs({ clusters }, clock));
  const list = (nextToken?: string) => client.send(new ListServicesCommand({ cluster: 'prod', nextToken }));
  const first = await list();
  const second = await list(first.nextToken);
  const arns = names.map((name) => `${ARN}:service/prod/${name}`);
  expect([first.serviceArns, second.serviceArns]).toEqual([arns.slice(0, 10), arns.slice(10)]);
  expect(second.nextToken).toBeUndefined();
  expect(await errorOf(client.send(new ListServicesCommand({ cluster: 'nope' })))).toMatchObject({
    name: 'ClusterNotFoundException',
  });
});

describe('a deployment that is paused at a lifecycle hook', () => {
  async function pause() {
    const { services: [factory] = [] } = scenarioOf('ecs-service-deployment', 'paused');
    const ecs = await runEcs(factory as ServiceFactory);
    const serviceDeploymentArn = ecs.simulated.arnOf(
      'service-deployment',
      ecs.simulated.resource('prod/web').deployments.at(-1) as EcsServiceDeployment,
    );
    const describe = async () => {
      const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [serviceDeploymentArn] });
      return (await ecs.client.send(command)).serviceDeployments?.[0];
    };
    const hookId = (await describe())?.lifecycleHookDetails?.[0]?.hookId ?? '';
    const resume = (action?: 'CONTINUE' | 'ROLLBACK', id = hookId) =>
      ecs.client.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId: id, action }));
    return { ...ecs, serviceDeploymentArn, describe, resume };
  }

  test('waits for an action, and cannot be stopped', async () => {
    const { describe, client, clock, serviceDeploymentArn } = await pause();
    await clock.pass(60 * MINUTES);
    expect(await describe()).toMatchObject({
      status: 'IN_PROGRESS',
      lifecycleStage: 'POST_SCALE_UP',
      lifecycleHookDetails: [{ targetType: 'PAUSE', status: 'AWAITING_ACTION', timeoutAction: 'ROLLBACK' }],
    });
    expect(await errorOf(client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn })))).toMatchObject({
      name: 'ConflictException',
    });
  });

  test('is rolled back', async () => {
    const { describe, resume, clock, simulated } = await pause();
    await resume('ROLLBACK');
    expect(await describe()).toMatchObject({ status: 'ROLLBACK_REQUESTED' });
    expect(simulated.acceptedCancels).toHaveLength(1);
    await clock.pass(40 * SECONDS);
    expect(await describe()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      lifecycleHookDetails: [{ status: 'SUCCEEDED' }],
    });
  });

  test('goes on to its next stages by default, and succeeds after its bake time', async () => {
    const { describe, resume, clock } = await pause();
    await resume();
    await clock.pass(MINUTES);
    expect(await describe()).toMatchObject({ status: 'IN_PROGRESS', lifecycleStage: 'BAKE_TIME' });
    await clock.pass(9 * MINUTES);
    expect(await describe()).toMatchObject({ status: 'SUCCESSFUL' });
    expect(await errorOf(resume())).toMatchObject({ name: 'InvalidParameterException' });
  });

  test.each([
    ['another hook', 'ROLLBACK', 'other'],
    ['another action', 'STOP', undefined],
  ])('rejects %s', async (_, action, hookId) => {
    const { resume } = await pause();
    expect(await errorOf(resume(action as 'ROLLBACK', hookId))).toMatchObject({ name: 'InvalidParameterException' });
  });
});

test('a stop starts a rollback, and another stop has no effect', async () => {
  const { stop, status, last, clock, simulated } = await start();
  expect((await stop(last)).serviceDeploymentArn).toBe(last);
  expect(await status(last)).toBe('ROLLBACK_REQUESTED');
  await clock.pass(30 * SECONDS);
  await stop(last);
  await clock.pass(10 * SECONDS);
  expect(await status(last)).toBe('ROLLBACK_SUCCESSFUL');
  expect(simulated.acceptedCancels).toHaveLength(1);
});

test('a stop reaches the named deployment and not a newer one', async () => {
  const { stop, status, last, simulated } = await start();
  simulated.deploy('prod/web');
  await stop(last);
  expect(await status(last)).toBe('ROLLBACK_REQUESTED');
  expect(simulated.resource('prod/web').deployments.at(-1)?.status).toBe('IN_PROGRESS');
});

test.each<ServiceDeploymentStatus>(['STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'])(
  'a stop of one that is %s leaves it as it is',
  async (given) => {
    const { client, simulated } = await runEcs((clock) =>
      emulateEcs(
        {
          clusters: [{ name: 'c', services: [{ name: 's', deployments: [{ steps: [{ after: 0, status: given }] }] }] }],
        },
        clock,
      ),
    );
    const [deployment] = simulated.resource('c/s').deployments;
    const serviceDeploymentArn = `${ARN}:service-deployment/c/s/${deployment?.id}`;
    await client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn }));
    expect(deployment?.status).toBe(given);
  },
);

test('invalid calls are rejected with the errors of ECS', async () => {
  const { list, describe, stop, last, arns, client } = await start();
  const names = await Promise.all(
    [
      list({ cluster: 'nope' }),
      list({ service: 'nope' }),
      list({ service: '' }),
      list({ cluster: undefined }),
      list({ maxResults: 101 }),
      list({ nextToken: 'nope' }),
      list({ status: ['NOPE' as ServiceDeploymentStatus] }),
      describe(),
      describe('nope'),
      describe(...Array.from({ length: 21 }, () => last)),
      stop('nope'),
      stop(last, 'ABORT'),
      stop(`${ARN}:service-deployment/prod/web/nope`),
      stop(arns[2] ?? ''),
      client.send(new ListClustersCommand({})),
    ].map(async (call) => (await errorOf(call)).name),
  );
  expect(names).toEqual([
    'ClusterNotFoundException',
    'ServiceNotFoundException',
    'InvalidParameterException',
    'ClusterNotFoundException',
    'InvalidParameterException',
    'InvalidParameterException',
    'InvalidParameterException',
    'InvalidParameterException',
    'InvalidParameterException',
    'InvalidParameterException',
    'InvalidParameterException',
    'InvalidParameterException',
    'ServiceDeploymentNotFoundException',
    'ConflictException',
    'UnknownOperationException',
  ]);
});

test('a call needs its action on the service, and on the service deployment that it names', async () => {
  const { iamRequests } = await start();
  const needs = (operation: string, input: object) =>
    iamRequests({ service: 'ecs', operation, input: { ...input } }).map(
      ({ action, resource }) => `${action} on ${resource}`,
    );
  const of = (id: string) => `${ARN}:service-deployment/prod/web/${id}`;
  expect(needs('ListServiceDeployments', { cluster: 'prod', service: 'web' })).toEqual([
    `ecs:ListServiceDeployments on ${ARN}:service/prod/web`,
  ]);
  expect(needs('ListServiceDeployments', { service: 'web' })).toEqual([
    `ecs:ListServiceDeployments on ${ARN}:service/default/web`,
  ]);
  expect(needs('StopServiceDeployment', { serviceDeploymentArn: of('x') })).toEqual([
    `ecs:StopServiceDeployment on ${ARN}:service/prod/web`,
    `ecs:StopServiceDeployment on ${of('x')}`,
  ]);
  expect(needs('DescribeServiceDeployments', { serviceDeploymentArns: [of('x'), of('y')] })).toEqual([
    `ecs:DescribeServiceDeployments on ${ARN}:service/prod/web`,
    `ecs:DescribeServiceDeployments on ${of('x')}`,
    `ecs:DescribeServiceDeployments on ${ARN}:service/prod/web`,
    `ecs:DescribeServiceDeployments on ${of('y')}`,
  ]);
  // The service rejects invalid calls itself.
  expect(needs('StopServiceDeployment', {})).toEqual([]);
  expect(needs('ListClusters', {})).toEqual([]);
});

import {
  CodeDeployClient,
  GetDeploymentCommand as GetCodeDeployDeployment,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand as ListCodeDeployDeployments,
} from '@aws-sdk/client-codedeploy';
import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  ListPipelineExecutionsCommand,
} from '@aws-sdk/client-codepipeline';
import { DescribeServiceDeploymentsCommand, ECSClient, ListServiceDeploymentsCommand } from '@aws-sdk/client-ecs';
import {
  GetDeploymentCommand,
  GetServiceInstanceCommand,
  ListDeploymentsCommand,
  ProtonClient,
} from '@aws-sdk/client-proton';
import type { Clock } from '../../../emulator/core/clock';
import { Consistency, type ConsistencyOptions } from '../../../emulator/core/consistency';
import type { SeededDeployment } from '../../../emulator/core/plan';
import { emulateCodeDeploy } from '../../../emulator/services/codedeploy/service';
import { emulateCodePipeline } from '../../../emulator/services/codepipeline/service';
import { emulateEcs } from '../../../emulator/services/ecs/service';
import { protonService } from '../../../emulator/services/proton/service';
import { SimulatedProton } from '../../../emulator/services/proton/simulated-service';
import { DEFAULT_NAMES, seedOf } from '../../../emulator/services/proton/target';
import { errorOf, type HeldClock, serve, stopAll } from '../serve-service';

afterEach(stopAll);

/** A service with one resource, seen by its clients. */
interface Fixture {
  readonly clock: HeldClock;
  /** Starts a deployment and returns its ID. */
  deploy(): string;
  cancel(): void;
  /** The IDs of the deployments in the list operation. */
  list(): Promise<string[]>;
  /** The status of a deployment in the operation by ID, or the name of the error. */
  get(id: string): Promise<string | undefined>;
}

const DAY_OLD: SeededDeployment<never> = { at: -24 * 3_600_000 };

const orError = async (answer: Promise<unknown>, status: () => Promise<string | undefined>) => {
  try {
    await answer;
    return await status();
  } catch {
    return (await errorOf(answer)).name;
  }
};

const SERVICES: Readonly<
  Record<
    string,
    {
      readonly listAction: string;
      readonly getAction: string;
      readonly notFound: string;
      readonly statuses: readonly [started: string, cancelling: string];
      start(consistency: Consistency): Promise<Fixture>;
    }
  >
> = {
  ECS: {
    listAction: 'ecs:ListServiceDeployments',
    getAction: 'ecs:DescribeServiceDeployments',
    notFound: 'MISSING',
    statuses: ['IN_PROGRESS', 'ROLLBACK_REQUESTED'],
    async start(consistency) {
      const clusters = [{ name: 'prod', services: [{ name: 'web', deployments: [DAY_OLD] }] }];
      const { simulated, client, clock } = await serve(
        (clock: Clock) => emulateEcs({ clusters }, clock, undefined, consistency),
        ECSClient,
      );
      const deployment = () => simulated.resource('prod/web').deployments.at(-1);
      return {
        clock,
        deploy: () => {
          simulated.deploy('prod/web');
          return simulated.arnOf('service-deployment', deployment() as never);
        },
        cancel: () => void simulated.cancel('prod/web'),
        list: async () => {
          const input = { cluster: 'prod', service: 'web' };
          const { serviceDeployments = [] } = await client.send(new ListServiceDeploymentsCommand(input));
          return serviceDeployments.map(({ serviceDeploymentArn = '' }) => serviceDeploymentArn);
        },
        get: async (arn) => {
          const input = { serviceDeploymentArns: [arn] };
          const { serviceDeployments, failures } = await client.send(new DescribeServiceDeploymentsCommand(input));
          return serviceDeployments?.[0]?.status ?? failures?.[0]?.reason;
        },
      };
    },
  },
  CodeDeploy: {
    listAction: 'codedeploy:ListDeployments',
    getAction: 'codedeploy:GetDeployment',
    notFound: 'DeploymentDoesNotExistException',
    statuses: ['InProgress', 'Stopped'],
    async start(consistency) {
      const deploymentGroups = [{ name: 'web', deployments: [DAY_OLD] }];
      const { simulated, client, clock } = await serve(
        (clock: Clock) =>
          emulateCodeDeploy({ applications: [{ name: 'shop', deploymentGroups }] }, clock, undefined, consistency),
        CodeDeployClient,
      );
      return {
        clock,
        deploy: () => simulated.deploy('shop/web', { onCancel: { steps: [{ after: 0, status: 'Stopped' }] } }),
        cancel: () => void simulated.cancel('shop/web'),
        list: async () => {
          const input = { applicationName: 'shop', deploymentGroupName: 'web' };
          return (await client.send(new ListCodeDeployDeployments(input))).deployments ?? [];
        },
        get: (deploymentId) => {
          const answer = client.send(new GetCodeDeployDeployment({ deploymentId }));
          return orError(answer, async () => (await answer).deploymentInfo?.status);
        },
      };
    },
  },
  CodePipeline: {
    listAction: 'codepipeline:ListPipelineExecutions',
    getAction: 'codepipeline:GetPipelineExecution',
    notFound: 'PipelineExecutionNotFoundException',
    statuses: ['InProgress', 'Stopping'],
    async start(consistency) {
      const { simulated, client, clock } = await serve(
        (clock: Clock) =>
          emulateCodePipeline(
            { pipelines: [{ name: 'release', executions: [DAY_OLD] }] },
            clock,
            undefined,
            consistency,
          ),
        CodePipelineClient,
      );
      return {
        clock,
        deploy: () => simulated.deploy('release'),
        cancel: () => void simulated.cancel('release'),
        list: async () => {
          const answer = await client.send(new ListPipelineExecutionsCommand({ pipelineName: 'release' }));
          return (answer.pipelineExecutionSummaries ?? []).map(({ pipelineExecutionId = '' }) => pipelineExecutionId);
        },
        get: (pipelineExecutionId) => {
          const input = { pipelineName: 'release', pipelineExecutionId };
          const answer = client.send(new GetPipelineExecutionCommand(input));
          return orError(answer, async () => (await answer).pipelineExecution?.status);
        },
      };
    },
  },
  Proton: {
    listAction: 'proton:ListDeployments',
    getAction: 'proton:GetDeployment',
    notFound: 'ResourceNotFoundException',
    statuses: ['IN_PROGRESS', 'CANCELLING'],
    async start(consistency) {
      const path = 'service/web/service-instance/web-prod';
      const { simulated, client, clock } = await serve((clock: Clock) => {
        const proton = new SimulatedProton(PROTON_STATE, clock, {}, consistency);
        return { simulated: proton, api: protonService(proton) };
      }, ProtonClient);
      return {
        clock,
        deploy: () => simulated.deploy(path),
        cancel: () => void simulated.cancel(path),
        list: async () => {
          const input = { serviceName: 'web', serviceInstanceName: 'web-prod' };
          const { deployments = [] } = await client.send(new ListDeploymentsCommand(input));
          return deployments.map(({ id = '' }) => id);
        },
        get: (id) => {
          const answer = client.send(new GetDeploymentCommand({ id }));
          return orError(answer, async () => (await answer).deployment?.deploymentStatus);
        },
      };
    },
  },
};

const PROTON_STATE = seedOf({ kind: 'proton-service-instance', ...DEFAULT_NAMES }, { deployments: [] });

const consistencyOf = (options: ConsistencyOptions) => new Consistency(options, () => 0);
const exactly = (ms: number) => ({ min: ms, max: ms });

describe.each(Object.entries(SERVICES))('%s', (_name, service) => {
  const { listAction, getAction, notFound, statuses, start } = service;
  const [started, cancelling] = statuses;

  test.each([
    ['sooner', 2_000, 5_000],
    ['later', 5_000, 2_000],
  ])('lists a new deployment %s than it returns it by ID', async (_what, listLag, getLag) => {
    const operations = { [listAction]: exactly(listLag), [getAction]: exactly(getLag) };
    const { clock, deploy, list, get } = await start(consistencyOf({ operations }));
    const old = await list();
    expect(old).toHaveLength(1);
    const id = deploy();
    const seen = async () => [(await list()).includes(id), await get(id)];
    expect(await seen()).toEqual([false, notFound]);
    await clock.pass(1_999);
    expect(await seen()).toEqual([false, notFound]);
    await clock.pass(1);
    expect(await seen()).toEqual(listLag < getLag ? [true, notFound] : [false, started]);
    await clock.pass(3_000);
    expect(await seen()).toEqual([true, started]);
    expect(new Set(await list())).toEqual(new Set([...old, id]));
  });

  test('returns the status before a change until the lag has passed', async () => {
    const { clock, deploy, cancel, get } = await start(consistencyOf({ reads: exactly(3_000) }));
    const id = deploy();
    await clock.pass(10_000);
    cancel();
    expect(await get(id)).toBe(started);
    await clock.pass(2_999);
    expect(await get(id)).toBe(started);
    await clock.pass(1);
    expect(await get(id)).toBe(cancelling);
  });

  test('acts on the last state in spite of the lag of reads', async () => {
    const { deploy, cancel, get } = await start(consistencyOf({ reads: exactly(60_000) }));
    const id = deploy();
    expect(await get(id)).toBe(notFound);
    expect(cancel).not.toThrow();
  });
});

test('a deleted resource is returned until the lag has passed', async () => {
  const deployments = [{ steps: [{ after: 1_000, vanish: true as const }] }];
  const state = seedOf({ kind: 'proton-service-instance', ...DEFAULT_NAMES }, { deployments });
  const { client, clock } = await serve((clock: Clock) => {
    const proton = new SimulatedProton(state, clock, {}, consistencyOf({ reads: exactly(2_000) }));
    return { simulated: proton, api: protonService(proton) };
  }, ProtonClient);
  const get = () => client.send(new GetServiceInstanceCommand({ serviceName: 'web', name: 'web-prod' }));
  await clock.pass(2_999);
  expect((await get()).serviceInstance?.deploymentStatus).toBe('IN_PROGRESS');
  await clock.pass(1);
  expect((await errorOf(get())).name).toBe('ResourceNotFoundException');
});

test('the members of a description are of the same moment', async () => {
  const deploymentGroups = [{ name: 'web', deployments: [DAY_OLD] }];
  const { simulated, client, clock } = await serve(
    (clock: Clock) =>
      emulateCodeDeploy(
        { applications: [{ name: 'shop', deploymentGroups }] },
        clock,
        undefined,
        consistencyOf({ reads: exactly(10_000) }),
      ),
    CodeDeployClient,
  );
  const id = simulated.deploy('shop/web', { onCancel: { steps: [{ after: 0, status: 'Stopped' }] } });
  await clock.pass(20_000);
  simulated.stopDeployment(id, true);
  await clock.pass(5_000);
  // It has stopped, and its rollback has started.
  expect(simulated.rollbackOf(simulated.deployment(id))).toBeDefined();
  const { deploymentInfo } = await client.send(new GetCodeDeployDeployment({ deploymentId: id }));
  expect(deploymentInfo).toMatchObject({ status: 'InProgress', deploymentId: id });
  expect(deploymentInfo?.rollbackInfo).toBeUndefined();
  const input = { applicationName: 'shop', deploymentGroupName: 'web' };
  const { deploymentGroupInfo } = await client.send(new GetDeploymentGroupCommand(input));
  expect(deploymentGroupInfo?.lastAttemptedDeployment).toMatchObject({ deploymentId: id, status: 'InProgress' });
  await clock.pass(10_000);
  const later = await client.send(new GetCodeDeployDeployment({ deploymentId: id }));
  expect(later.deploymentInfo).toMatchObject({
    status: 'Stopped',
    rollbackInfo: { rollbackDeploymentId: expect.any(String) },
  });
});

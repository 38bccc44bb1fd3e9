import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  CancelUpdateStackCommand,
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CodeDeployClient,
  GetDeploymentCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  ListPipelineExecutionsCommand,
  StopPipelineExecutionCommand,
} from '@aws-sdk/client-codepipeline';
import {
  ContinueServiceDeploymentCommand,
  DescribeServiceDeploymentsCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  StopServiceDeploymentCommand,
} from '@aws-sdk/client-ecs';
import {
  CancelServiceInstanceDeploymentCommand,
  GetServiceInstanceCommand,
  ProtonClient,
} from '@aws-sdk/client-proton';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { SCENARIO_NAMES } from '../../emulator/simulation/scenarios';

const children = new Set<ChildProcess>();

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

function emulator(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, '../../bin/emulator.ts'), ...args]);
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

/** The options of a client of the SDK. */
async function configurationOf(server: ReturnType<typeof emulator>) {
  const [, endpoint] = await server.says(/listens at (http:\/\/127\.0\.0\.1:\d+)\n/);
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } };
}

test('prints its URL, responds to an SDK, logs its calls, and ends with a signal', async () => {
  const names = ['--service-name', 'shop', '--service-instance-name', 'shop-live'];
  const server = emulator('--service', 'proton', '--scenario', 'timeout', ...names);
  const client = new ProtonClient(await configurationOf(server));
  await server.says(/scenario timeout\n/);
  await server.says(/aws proton get-service-instance --service-name shop --name shop-live\n/);

  const { serviceInstance } = await client.send(
    new GetServiceInstanceCommand({ serviceName: 'shop', name: 'shop-live' }),
  );
  expect(serviceInstance?.deploymentStatus).toBe('IN_PROGRESS');
  await client.send(
    new CancelServiceInstanceDeploymentCommand({ serviceName: 'shop', serviceInstanceName: 'shop-live' }),
  );
  client.destroy();
  await server.says(/service\/shop\/service-instance\/shop-live: deployment \S+ is CANCELLING\n/);
  await server.says(/proton CancelServiceInstanceDeployment: ok\n/);

  server.stop();
  expect(await server.ended).toBe(0);
  expect(server.output().stderr).toBe('');
});

test('serves every service of deployments at one URL: the SDK finds, cancels and reads each deployment', async () => {
  const configuration = await configurationOf(emulator());
  const ecs = new ECSClient(configuration);
  const { serviceDeployments = [] } = await ecs.send(
    new ListServiceDeploymentsCommand({ cluster: 'prod', service: 'web' }),
  );
  const { serviceDeploymentArn = '' } = serviceDeployments[0] ?? {};
  await ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn }));
  const described = await ecs.send(
    new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [serviceDeploymentArn] }),
  );
  expect(described.serviceDeployments).toMatchObject([{ status: 'ROLLBACK_REQUESTED', createdAt: expect.any(Date) }]);

  const codeDeploy = new CodeDeployClient(configuration);
  const group = { applicationName: 'shop', deploymentGroupName: 'web' };
  const { deployments: [deploymentId] = [] } = await codeDeploy.send(new ListDeploymentsCommand(group));
  expect(await codeDeploy.send(new StopDeploymentCommand({ deploymentId }))).toMatchObject({ status: 'Pending' });
  const { deploymentInfo } = await codeDeploy.send(new GetDeploymentCommand({ deploymentId }));
  expect(deploymentInfo).toMatchObject({ ...group, deploymentId, creator: 'user', createTime: expect.any(Date) });

  const codePipeline = new CodePipelineClient(configuration);
  const { pipelineExecutionSummaries: [{ pipelineExecutionId } = {}] = [] } = await codePipeline.send(
    new ListPipelineExecutionsCommand({ pipelineName: 'release' }),
  );
  const execution = { pipelineName: 'release', pipelineExecutionId };
  await codePipeline.send(new StopPipelineExecutionCommand(execution));
  const { pipelineExecution } = await codePipeline.send(new GetPipelineExecutionCommand(execution));
  expect(pipelineExecution).toMatchObject({ ...execution, status: 'Stopping', executionType: 'STANDARD' });

  const cloudFormation = new CloudFormationClient(configuration);
  await cloudFormation.send(new CancelUpdateStackCommand({ StackName: 'web' }));
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'web' }));
  expect(Stacks).toMatchObject([{ StackName: 'web', StackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS' }]);
  const { StackEvents } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: 'web' }));
  expect(StackEvents?.slice(0, 2)).toMatchObject([
    { StackName: 'web', ResourceType: 'AWS::ECS::Service', ResourceStatus: 'UPDATE_FAILED' },
    { StackName: 'web', ResourceType: 'AWS::CloudFormation::Stack', ResourceStatus: 'UPDATE_ROLLBACK_IN_PROGRESS' },
  ]);

  for (const client of [ecs, codeDeploy, codePipeline, cloudFormation]) client.destroy();
});

test('serves a paused deployment, which the SDK continues with a rollback', async () => {
  const server = emulator('--service', 'ecs', '--scenario', 'paused');
  const ecs = new ECSClient(await configurationOf(server));
  const { serviceDeployments = [] } = await ecs.send(
    new ListServiceDeploymentsCommand({ cluster: 'prod', service: 'web' }),
  );
  const { serviceDeploymentArn = '' } = serviceDeployments[0] ?? {};
  const describe = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [serviceDeploymentArn] });
  const { serviceDeployments: [paused] = [] } = await ecs.send(describe);
  expect(paused).toMatchObject({
    status: 'IN_PROGRESS',
    lifecycleStage: 'POST_SCALE_UP',
    lifecycleHookDetails: [{ status: 'AWAITING_ACTION', expiresAt: expect.any(Date) }],
    deploymentConfiguration: { strategy: 'BLUE_GREEN' },
  });
  await expect(ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn }))).rejects.toThrow(
    expect.objectContaining({ name: 'ConflictException' }),
  );
  const hookId = paused?.lifecycleHookDetails?.[0]?.hookId;
  await ecs.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action: 'ROLLBACK' }));
  const { serviceDeployments: after } = await ecs.send(describe);
  expect(after).toMatchObject([
    {
      status: 'ROLLBACK_REQUESTED',
      statusReason: expect.any(String),
      lifecycleHookDetails: [{ status: 'SUCCEEDED' }],
      rollback: {
        startedAt: expect.any(Date),
        serviceRevisionArn: expect.stringContaining(':service-revision/prod/web/'),
      },
    },
  ]);
  ecs.destroy();
});

test('serves Parameter Store, and deploys an app whose state machine the SDK starts', async () => {
  const server = emulator('--service', 'ecs', '--app', 'npx tsx examples/step-functions-task.ts');
  const configuration = await configurationOf(server);
  const ssm = new SSMClient(configuration);
  await ssm.send(new PutParameterCommand({ Name: '/shop/cluster', Value: 'prod', Type: 'String' }));
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/shop/cluster' }));
  expect(Parameter).toMatchObject({ Name: '/shop/cluster', Value: 'prod', LastModifiedDate: expect.any(Date) });
  await ssm.send(new DeleteParameterCommand({ Name: '/shop/cluster' }));
  await expect(ssm.send(new GetParameterCommand({ Name: '/shop/cluster' }))).rejects.toThrow(
    expect.objectContaining({ name: 'ParameterNotFound' }),
  );

  await server.says(/StopAndTell\/StopAndTell is CREATE_COMPLETE/);
  const [, stateMachineArn] = await server.says(/(arn:aws:states:\S+:stateMachine:StopAndTell-StateMachine\S+)/);
  const sfn = new SFNClient(configuration);
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
  const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
  expect(executions).toMatchObject([{ executionArn, status: 'RUNNING' }]);
  await server.says(/prod\/web: deployment \S+ is ROLLBACK_SUCCESSFUL\n/);
  const status = async () => (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status;
  while ((await status()) === 'RUNNING') await server.says(/ecs DescribeServiceDeployments: ok\n/);
  expect(await status()).toBe('SUCCEEDED');
  const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true }));
  expect(events?.[0]?.type).toBe('ExecutionSucceeded');
  for (const client of [ssm, sfn]) client.destroy();
}, 180_000);

test.each([
  ['ecs', ['prod/web'], ['ecs list-service-deployments', 'ecs stop-service-deployment']],
  ['codedeploy', ['shop/web'], ['deploy list-deployments', 'deploy stop-deployment']],
  [
    'codepipeline',
    ['release'],
    ['codepipeline list-pipeline-executions', 'codepipeline stop-pipeline-execution --pipeline-name release'],
  ],
  [
    'cloudformation',
    ['web', 'baseline'],
    ['cloudformation describe-stacks --stack-name web', 'cloudformation cancel-update-stack --stack-name web'],
  ],
  [
    'proton',
    ['service/web/pipeline', 'environment/prod', 'component/bucket', 'service/web/service-instance/web-prod'],
    [
      'proton get-service-instance --service-name web --name web-prod',
      'proton cancel-service-instance-deployment --service-name web --service-instance-name web-prod',
      'proton get-service --name web',
      'proton cancel-service-pipeline-deployment --service-name web',
      'proton get-environment --name prod',
      'proton cancel-environment-deployment --environment-name prod',
      'proton get-component --name bucket',
      'proton cancel-component-deployment --component-name bucket',
    ],
  ],
])(
  'with --service %s prints its deployments, and the commands that find and cancel them',
  async (service, resources, commands) => {
    const server = emulator('--service', service, '--scenario', 'slow');
    await server.says(new RegExp(`aws ${commands.at(-1)}.*\n`));
    const lines = server
      .output()
      .stdout.split('\n')
      .map((line) => line.trim());
    const deployments = lines.filter((line) => / is \S+$/.test(line)).map((line) => line.split(':')[0]);
    expect(deployments.toSorted()).toEqual(resources.toSorted());
    const printed = lines.filter((line) => line.startsWith('aws '));
    expect(printed).toHaveLength(commands.length);
    for (const command of commands) expect(printed).toContainEqual(expect.stringContaining(`aws ${command}`));
    const own = lines.filter((line) => line.startsWith('node cli/dist/index.mjs '));
    expect(own).toHaveLength(resources.length);
  },
);

test.each([
  [['--port', 'http'], "--port must be a whole number from 0 to 65535, not 'http'"],
  [['--port', '70000'], "--port must be a whole number from 0 to 65535, not '70000'"],
  [
    ['--scenario', 'nope'],
    `--scenario 'nope' is not known for ecs; there are ${SCENARIO_NAMES.join(', ')}, blue-green`,
  ],
  [['--scenario', 'paused'], "--scenario 'paused' is not known for cloudformation"],
  [['--service', 'proton', '--scenario', 'canary'], "--scenario 'canary' is not known for proton"],
  [
    ['--service', 'sqs'],
    "--service 'sqs' is not known; there are ecs, cloudformation, codedeploy, codepipeline, autoscaling, ",
  ],
  [['--service', 'proton', '--environment-name', 'we.b'], '--environment-name must start with a letter or digit'],
  [['--environment-name', 'we.b'], '--environment-name must have 4 to 40 letters, digits and hyphens'],
  [['--component-name='], '--component-name must have 1 to 100 characters, not 0'],
  [['--cluster-name', 'a b'], "--cluster-name must be a name that holds only letters, digits, '-' and '_'"],
  [['--service', 'ecs', '--stack-name', 'web'], '--stack-name names nothing in ecs: leave it out'],
  [['--service-name', '-web'], "Option '--service-name' argument is ambiguous"],
  [['--service-instance-name=-web'], '--service-instance-name must start with a letter or digit'],
  [['--colour'], "Unknown option '--colour'"],
  [['web'], "Unexpected argument 'web'"],
])('rejects %j with exit code 2', async (args, message) => {
  const server = emulator(...args);
  expect(await server.ended).toBe(2);
  const { stdout, stderr } = server.output();
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^emulator: [^\n]+\ntry --help\n$/);
});

test('reports a port in use with exit code 1', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const server = emulator('--port', String(port));
  const exitCode = await server.ended;
  other.close();
  expect(exitCode).toBe(1);
  expect(server.output().stderr).toMatch(new RegExp(`^emulator: .*EADDRINUSE.*:${port}\n$`));
});

test('--help names every option and every scenario', async () => {
  const server = emulator('--help');
  expect(await server.ended).toBe(0);
  const names = [
    '--service-name',
    '--service-instance-name',
    '--environment-name',
    '--component-name',
    '--stack-name',
    'paused',
  ];
  for (const word of ['--port', '--service', '--scenario', '--app', '--cluster-name', ...names, ...SCENARIO_NAMES]) {
    expect(server.output().stdout).toContain(word);
  }
});

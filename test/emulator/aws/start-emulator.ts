import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CodeDeployClient, ListDeploymentsCommand } from '@aws-sdk/client-codedeploy';
import { CodePipelineClient, ListPipelineExecutionsCommand } from '@aws-sdk/client-codepipeline';
import { ECSClient, ListServiceDeploymentsCommand } from '@aws-sdk/client-ecs';
import { ListServiceInstancesCommand, ProtonClient } from '@aws-sdk/client-proton';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Emulator } from '../../../emulator/emulator';
import type { EmulatorOptions } from '../../../emulator/emulator-options';
import { emulateCodeDeploy } from '../../../emulator/services/codedeploy/service';
import { emulateCodePipeline } from '../../../emulator/services/codepipeline/service';
import { emulateEcs } from '../../../emulator/services/ecs/service';
import { HeldClock, onStop } from '../serve-service';

/** An emulator with a resource of every service, on a clock that the test moves. */
export async function startEmulator(options: Partial<EmulatorOptions> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'function-'));
  writeFileSync(join(directory, 'index.js'), FUNCTION_CODE);
  const clock = new HeldClock();
  const emulator = await Emulator.start({
    clock,
    consistency: 'strong',
    assembly: {
      pathOf: () => directory,
      templateAt: (url) => {
        throw new Error(`there is no template at ${url}`);
      },
    },
    seed: {},
    services: [
      (time, consistency) =>
        emulateEcs({ clusters: [{ name: 'prod', services: [{ name: 'web' }] }] }, time, undefined, consistency),
      (time, consistency) =>
        emulateCodeDeploy(
          { applications: [{ name: 'shop', deploymentGroups: [{ name: 'web' }] }] },
          time,
          undefined,
          consistency,
        ),
      (time, consistency) => emulateCodePipeline({ pipelines: [{ name: 'release' }] }, time, undefined, consistency),
    ],
    ...options,
  });
  onStop(async () => {
    await emulator.close();
    rmSync(directory, { recursive: true });
  });
  return { clock, emulator };
}

/** A function that sleeps for a number of seconds. */
const FUNCTION_CODE = `const { setTimeout: sleep } = require('node:timers/promises');
exports.handler = async ({ seconds = 0 }) => {
  console.log('invoked');
  if (seconds > 0) await sleep(seconds * 1000);
  return 'done';
};`;

export const ACCOUNT = 'us-east-1:123456789012';
export const WORKER = `arn:aws:lambda:${ACCOUNT}:function:worker`;
export const ROLE = 'arn:aws:iam::123456789012:role/caller';

/** A role that may do everything, and a function with this role. */
export const CALLER = {
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: 'caller',
      Policies: [
        {
          PolicyName: 'All',
          PolicyDocument: { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
        },
      ],
    },
  },
  Worker: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'worker',
      Code: { S3Key: 'code' },
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Timeout: 900,
    },
  },
};

/** Deploys resources as the stack `caller`. */
export async function deploy({ emulator }: { readonly emulator: Emulator }, resources: object = CALLER): Promise<void> {
  const { status, statusReason } = await emulator.cloudFormation.createStack({
    stackName: 'caller',
    template: { Resources: resources },
  });
  expect([status, statusReason]).toEqual(['CREATE_COMPLETE', undefined]);
}

/** The outcome of a call: the name of the error and its class for the retries of the SDK, or `ok`. */
export interface CallOutcome {
  readonly name: string;
  readonly errorType?: string;
  readonly statusCode?: number;
}

/** A read of each service with its real client. A read of what does not exist counts as `ok`. */
const READS: Readonly<Record<string, (configuration: ClientConfiguration) => Promise<unknown>>> = {
  'ssm:GetParameter': (configuration) => new SSMClient(configuration).send(new GetParameterCommand({ Name: '/a' })),
  'states:ListExecutions': (configuration) =>
    new SFNClient(configuration).send(new ListExecutionsCommand({ stateMachineArn: MACHINE })),
  'cloudformation:DescribeStacks': (configuration) =>
    new CloudFormationClient(configuration).send(new DescribeStacksCommand({ StackName: 'caller' })),
  'ecs:ListServiceDeployments': (configuration) =>
    new ECSClient(configuration).send(new ListServiceDeploymentsCommand({ cluster: 'prod', service: 'web' })),
  'codedeploy:ListDeployments': (configuration) =>
    new CodeDeployClient(configuration).send(
      new ListDeploymentsCommand({ applicationName: 'shop', deploymentGroupName: 'web' }),
    ),
  'codepipeline:ListPipelineExecutions': (configuration) =>
    new CodePipelineClient(configuration).send(new ListPipelineExecutionsCommand({ pipelineName: 'release' })),
  'proton:ListServiceInstances': (configuration) =>
    new ProtonClient(configuration).send(new ListServiceInstancesCommand({})),
};

export const READ_ACTIONS = Object.keys(READS);
const MACHINE = `arn:aws:states:${ACCOUNT}:stateMachine:none`;
const NOT_FOUND = ['ParameterNotFound', 'StateMachineDoesNotExist'];

interface ClientConfiguration {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly systemClockOffset: number;
  readonly retryStrategy: ReturnType<typeof noRetries>;
}

/** Records how the SDK classifies an error, and does not retry. */
function noRetries(onError: (errorType: string) => void) {
  const token = { getRetryCount: () => 0, getRetryDelay: () => 0 };
  return {
    acquireInitialRetryToken: async () => token,
    refreshRetryTokenForRetry: async (_: unknown, { errorType }: { readonly errorType: string }) => {
      onError(errorType);
      throw new Error('no retry');
    },
    recordSuccess: () => undefined,
  };
}

/** Calls a service once with its real client, as the role of the function `worker`. */
export async function read(
  { emulator, clock }: { readonly emulator: Emulator; readonly clock: HeldClock },
  action: string,
): Promise<CallOutcome> {
  let errorType: string | undefined;
  const call = READS[action];
  if (!call) throw new Error(`there is no read ${action}`);
  try {
    await call({
      endpoint: emulator.url,
      region: 'us-east-1',
      credentials: { accessKeyId: emulator.lambda.configuration(WORKER).accessKeyId, secretAccessKey: 'secret' },
      systemClockOffset: clock.now() - Date.now(),
      retryStrategy: noRetries((type) => {
        errorType = type;
      }),
    });
    return { name: 'ok' };
  } catch (error) {
    const { name, $metadata } = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
    if (NOT_FOUND.includes(name)) return { name: 'ok' };
    return { name, errorType, statusCode: $metadata?.httpStatusCode };
  }
}

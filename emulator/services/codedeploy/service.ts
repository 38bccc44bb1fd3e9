import type * as api from '@aws-sdk/client-codedeploy';
import type { IamRequest } from '../../aws/iam';
import type { Clock } from '../../core/clock';
import { type JsonService, type ServiceCall, ServiceError } from '../../core/http-server';
import type { EmbeddedService } from '../../core/service';
import type { AwsEnvironment } from '../../core/simulated-service';
import type { OnWire } from '../proton/shapes';
import * as read from './input';
import { type CodeDeployDeployment, type CodeDeploySeed, SimulatedCodeDeploy } from './simulated-service';

type Input = ServiceCall['input'];

interface Operation {
  answer(world: SimulatedCodeDeploy, input: Input): object;
  /** The ARNs that a call is checked against, after `arn:PARTITION:codedeploy:REGION:ACCOUNT:`. */
  resources(world: SimulatedCodeDeploy, input: Input): readonly string[];
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  GetDeployment: { answer: getDeployment, resources: groupOfDeployment },
  GetDeploymentGroup: { answer: getDeploymentGroup, resources: (_, input) => [pathOf(read.group(input))] },
  ListDeployments: {
    answer: listDeployments,
    resources: (_, input) => {
      const group = read.optionalGroup(input);
      return [group ? pathOf(group) : 'deploymentgroup:*'];
    },
  },
  StopDeployment: { answer: stopDeployment, resources: groupOfDeployment },
};

const PAGE_SIZE = 100;

/** AWS CodeDeploy as far as deployments go. */
export function embeddedCodeDeploy(
  seed: CodeDeploySeed,
  clock: Clock,
  environment?: AwsEnvironment,
): EmbeddedService & { readonly world: SimulatedCodeDeploy } {
  const world = new SimulatedCodeDeploy(seed, clock, environment);
  return { world, api: codeDeployService(world), iamRequests: (call) => iamRequests(call, world) };
}

export function codeDeployService(world: SimulatedCodeDeploy): JsonService {
  return {
    service: 'codedeploy',
    target: 'CodeDeploy_20141006',
    version: '1.1',
    call({ operation, input }) {
      if (!Object.hasOwn(OPERATIONS, operation)) {
        throw new ServiceError(
          'UnknownOperationException',
          `This is an embedded AWS CodeDeploy without ${operation}. It knows ${Object.keys(OPERATIONS).join(', ')}.`,
        );
      }
      return OPERATIONS[operation]!.answer(world, input);
    },
  };
}

export function arnOf({ partition, region, account }: AwsEnvironment, path: string): string {
  return `arn:${partition}:codedeploy:${region}:${account}:${path}`;
}

/** None for a call that the service does not take, which says so itself. */
function iamRequests({ operation, input }: ServiceCall, world: SimulatedCodeDeploy): IamRequest[] {
  const known = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  try {
    const resources = known?.resources(world, input) ?? [];
    return resources.map((path) => ({ action: `codedeploy:${operation}`, resource: arnOf(world.environment, path) }));
  } catch (error) {
    if (error instanceof ServiceError) return [];
    throw error;
  }
}

function pathOf({ applicationName, deploymentGroupName }: read.Group): string {
  return `deploymentgroup:${applicationName}/${deploymentGroupName}`;
}

/** A deployment has no ARN: permissions are on its group. */
function groupOfDeployment(world: SimulatedCodeDeploy, input: Input): readonly string[] {
  return [pathOf(world.deployment(read.deploymentId(input)).resource)];
}

function getDeployment(world: SimulatedCodeDeploy, input: Input): OnWire<api.GetDeploymentOutput> {
  return { deploymentInfo: description(world, world.deployment(read.deploymentId(input))) };
}

function getDeploymentGroup(world: SimulatedCodeDeploy, input: Input): OnWire<api.GetDeploymentGroupOutput> {
  const { applicationName, deploymentGroupName, deployments } = world.group(read.group(input));
  return {
    deploymentGroupInfo: {
      applicationName,
      deploymentGroupName,
      deploymentConfigName: 'CodeDeployDefault.OneAtATime',
      serviceRoleArn: `arn:${world.environment.partition}:iam::${world.environment.account}:role/codedeploy`,
      lastSuccessfulDeployment: last(deployments.findLast(({ status }) => status === 'Succeeded')),
      lastAttemptedDeployment: last(deployments.at(-1)),
      computePlatform: 'Server',
    },
  };
}

function listDeployments(world: SimulatedCodeDeploy, input: Input): OnWire<api.ListDeploymentsOutput> {
  read.refuse(input, 'externalId');
  const group = read.optionalGroup(input);
  const statuses = read.includeOnlyStatuses(input);
  const inTime = read.createTimeRange(input);
  const ids = (group ? world.group(group).deployments : world.deployments)
    .filter(({ status }) => statuses.length === 0 || statuses.includes(status))
    .filter(({ createdAt }) => inTime(seconds(createdAt)))
    .map(({ id }) => id)
    // In no order that means anything: none is documented.
    .sort();
  const from = read.offset(input);
  const to = from + PAGE_SIZE;
  return { deployments: ids.slice(from, to), nextToken: to < ids.length ? `from-${to}` : undefined };
}

function stopDeployment(world: SimulatedCodeDeploy, input: Input): OnWire<api.StopDeploymentOutput> {
  world.stopDeployment(read.deploymentId(input), read.optionalBoolean(input, 'autoRollbackEnabled') ?? false);
  return { status: 'Pending', statusMessage: 'The stop operation is pending.' };
}

function description(world: SimulatedCodeDeploy, deployment: CodeDeployDeployment): OnWire<api.DeploymentInfo> {
  const { id, resource, status, createdAt, completedAt, message } = deployment;
  const rollbackDeploymentId = world.rollbackOf(deployment);
  const rollbackTriggeringDeploymentId = world.triggerOf(deployment);
  const rolls = rollbackDeploymentId !== undefined || rollbackTriggeringDeploymentId !== undefined;
  return {
    applicationName: resource.applicationName,
    deploymentGroupName: resource.deploymentGroupName,
    deploymentConfigName: 'CodeDeployDefault.OneAtATime',
    deploymentId: id,
    revision: {
      revisionType: 'S3',
      s3Location: { bucket: 'revisions', key: `${deployment.version}.zip`, bundleType: 'zip' },
    },
    status,
    errorInformation: message === undefined ? undefined : { code: 'INTERNAL_ERROR', message },
    createTime: seconds(createdAt),
    startTime: status === 'Created' || status === 'Queued' ? undefined : seconds(createdAt),
    completeTime: completedAt === undefined ? undefined : seconds(completedAt),
    creator: world.creatorOf(deployment),
    ignoreApplicationStopFailures: false,
    updateOutdatedInstancesOnly: false,
    rollbackInfo: rolls ? { rollbackDeploymentId, rollbackTriggeringDeploymentId } : undefined,
    deploymentStyle: { deploymentType: 'IN_PLACE', deploymentOption: 'WITHOUT_TRAFFIC_CONTROL' },
    computePlatform: 'Server',
  };
}

function last(deployment: CodeDeployDeployment | undefined): OnWire<api.LastDeploymentInfo> | undefined {
  if (!deployment) return undefined;
  const { id, status, createdAt, completedAt } = deployment;
  const endTime = completedAt === undefined ? undefined : seconds(completedAt);
  return { deploymentId: id, status, createTime: seconds(createdAt), endTime };
}

function seconds(ms: number): number {
  return ms / 1000;
}

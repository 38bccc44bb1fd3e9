import type * as api from '@aws-sdk/client-codedeploy';
import type { Clock } from '../../core/clock';
import { embedded, type JsonApi } from '../../core/json-api';
import { type Input, nextToken, optionalBoolean } from '../../core/json-input';
import type { AwsEnvironment } from '../../core/simulated-service';
import type { OnWire } from '../proton/shapes';
import * as read from './input';
import { type CodeDeployDeployment, type CodeDeploySeed, SimulatedCodeDeploy } from './simulated-service';

const API: JsonApi<SimulatedCodeDeploy> = {
  service: 'codedeploy',
  target: 'CodeDeploy_20141006',
  version: '1.1',
  title: 'AWS CodeDeploy',
  operations: {
    GetDeployment: { answer: getDeployment, resources: groupOfDeployment },
    GetDeploymentGroup: { answer: getDeploymentGroup, resources: (_, input) => [pathOf(read.group(input))] },
    ListDeployments: {
      answer: listDeployments,
      resources: (_, input) => {
        const group = read.optionalGroup(input);
        return [group ? pathOf(group) : 'deploymentgroup:*'];
      },
    },
    StopDeployment: { answer: stopDeployment, resources: () => ['*'] },
  },
};

const PAGE_SIZE = 100;

/** AWS CodeDeploy, limited to deployments. */
export function embeddedCodeDeploy(seed: CodeDeploySeed, clock: Clock, environment?: AwsEnvironment) {
  return embedded(API, new SimulatedCodeDeploy(seed, clock, environment));
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
  const from = read.pageStart(input);
  const to = from + PAGE_SIZE;
  return { deployments: ids.slice(from, to), nextToken: nextToken(to, ids.length) };
}

function stopDeployment(world: SimulatedCodeDeploy, input: Input): OnWire<api.StopDeploymentOutput> {
  world.stopDeployment(read.deploymentId(input), optionalBoolean(input, 'autoRollbackEnabled') ?? false);
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

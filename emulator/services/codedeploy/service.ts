import type * as api from '@aws-sdk/client-codedeploy';
import type { Clock } from '../../core/clock';
import type { Consistency } from '../../core/consistency';
import type { AwsEnvironment } from '../../core/environment';
import { ServiceError } from '../../core/http-server';
import { emulate, type JsonApi } from '../../core/json-api';
import { type Input, nextToken, optionalBoolean } from '../../core/json-input';
import { type OnWire, seconds } from '../../core/json-output';
import { jsonProtocol } from '../../core/protocols';
import * as read from './input';
import { type CodeDeployDeployment, type CodeDeploySeed, SimulatedCodeDeploy } from './simulated-service';

const API: JsonApi<SimulatedCodeDeploy> = {
  service: 'codedeploy',
  protocol: jsonProtocol('CodeDeploy_20141006', '1.1'),
  title: 'AWS CodeDeploy',
  operations: {
    BatchGetDeployments: {
      answer: batchGetDeployments,
      resources: (simulated, input) => known(simulated, input).map(({ resource }) => pathOf(resource)),
    },
    GetDeployment: { answer: getDeployment, resources: groupOfDeployment },
    GetDeploymentGroup: { answer: getDeploymentGroup, resources: (_, input) => [pathOf(read.group(input))] },
    ListDeployments: {
      answer: listDeployments,
      resources: (_, input) => {
        const group = read.optionalGroup(input);
        return [group ? pathOf(group) : 'deploymentgroup:*'];
      },
    },
    StopDeployment: {
      answer: stopDeployment,
      // The service rejects a request without a deployment itself.
      resources: (_, { deploymentId }) => (deploymentId === undefined ? [] : ['*']),
    },
  },
};

const PAGE_SIZE = 100;

/** AWS CodeDeploy, limited to deployments. */
export function emulateCodeDeploy(
  seed: CodeDeploySeed,
  clock: Clock,
  environment?: AwsEnvironment,
  consistency?: Consistency,
) {
  return emulate(API, new SimulatedCodeDeploy(seed, clock, environment, consistency));
}

function pathOf({ applicationName, deploymentGroupName }: read.Group): string {
  return `deploymentgroup:${applicationName}/${deploymentGroupName}`;
}

/** Permissions are on the deployment group, because a deployment has no ARN. */
function groupOfDeployment(simulated: SimulatedCodeDeploy, input: Input): readonly string[] {
  return [pathOf(simulated.deployment(read.deploymentId(input)).resource)];
}

function getDeployment(simulated: SimulatedCodeDeploy, input: Input): OnWire<api.GetDeploymentOutput> {
  return { deploymentInfo: description(simulated, simulated.deployment(read.deploymentId(input))) };
}

/** Deployments that do not exist are left out. */
function batchGetDeployments(simulated: SimulatedCodeDeploy, input: Input): OnWire<api.BatchGetDeploymentsOutput> {
  return { deploymentsInfo: known(simulated, input).map((deployment) => description(simulated, deployment)) };
}

function known(simulated: SimulatedCodeDeploy, input: Input): CodeDeployDeployment[] {
  return read.deploymentIds(input).flatMap((id) => {
    try {
      return simulated.deployment(id);
    } catch (error) {
      if (error instanceof ServiceError && error.type === 'DeploymentDoesNotExistException') return [];
      throw error;
    }
  });
}

function getDeploymentGroup(simulated: SimulatedCodeDeploy, input: Input): OnWire<api.GetDeploymentGroupOutput> {
  const { applicationName, deploymentGroupName, deployments } = simulated.group(read.group(input));
  return {
    deploymentGroupInfo: {
      applicationName,
      deploymentGroupName,
      deploymentConfigName: 'CodeDeployDefault.OneAtATime',
      serviceRoleArn: `arn:${simulated.environment.partition}:iam::${simulated.environment.account}:role/codedeploy`,
      lastSuccessfulDeployment: last(deployments.findLast(({ status }) => status === 'Succeeded')),
      lastAttemptedDeployment: last(deployments.at(-1)),
      computePlatform: 'Server',
    },
  };
}

function listDeployments(simulated: SimulatedCodeDeploy, input: Input): OnWire<api.ListDeploymentsOutput> {
  read.refuse(input, 'externalId');
  const group = read.optionalGroup(input);
  const statuses = read.includeOnlyStatuses(input);
  const inTime = read.createTimeRange(input);
  const ids = (group ? simulated.group(group).deployments : simulated.deployments)
    .filter(({ status }) => statuses.length === 0 || statuses.includes(status))
    .filter(({ createdAt }) => inTime(seconds(createdAt)))
    .map(({ id }) => id)
    // No order is documented.
    .sort();
  const from = read.pageStart(input);
  const to = from + PAGE_SIZE;
  return { deployments: ids.slice(from, to), nextToken: nextToken(to, ids.length) };
}

function stopDeployment(simulated: SimulatedCodeDeploy, input: Input): OnWire<api.StopDeploymentOutput> {
  simulated.stopDeployment(read.deploymentId(input), optionalBoolean(input, 'autoRollbackEnabled') ?? false);
  return { status: 'Pending', statusMessage: 'The stop operation is pending.' };
}

function description(simulated: SimulatedCodeDeploy, deployment: CodeDeployDeployment): OnWire<api.DeploymentInfo> {
  const { id, resource, status, createdAt, completedAt } = deployment;
  const rollbackDeploymentId = simulated.rollbackOf(deployment);
  const rollbackTriggeringDeploymentId = simulated.triggerOf(deployment);
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
    errorInformation: errorOf(deployment),
    createTime: seconds(createdAt),
    startTime: status === 'Created' || status === 'Queued' ? undefined : seconds(createdAt),
    completeTime: seconds(completedAt),
    creator: simulated.creatorOf(deployment),
    ignoreApplicationStopFailures: false,
    updateOutdatedInstancesOnly: false,
    deploymentOverview: overviewOf(status),
    rollbackInfo: rolls
      ? {
          rollbackDeploymentId,
          rollbackTriggeringDeploymentId,
          rollbackMessage: rollbackMessage(simulated, deployment),
        }
      : undefined,
    deploymentStyle: { deploymentType: 'IN_PLACE', deploymentOption: 'WITHOUT_TRAFFIC_CONTROL' },
    computePlatform: 'Server',
  };
}

/** The error of a deployment that ended with one, or that was stopped by a request. The texts are assumptions. */
function errorOf({ status, message }: CodeDeployDeployment): OnWire<api.ErrorInformation> | undefined {
  if (status === 'Stopped') return { code: 'MANUAL_STOP', message: message ?? 'The deployment was stopped by a user.' };
  return message === undefined ? undefined : { code: 'INTERNAL_ERROR', message };
}

/** The state of the rollback of a deployment; undefined for a deployment that is a rollback. */
function rollbackMessage(simulated: SimulatedCodeDeploy, deployment: CodeDeployDeployment): string | undefined {
  const id = simulated.rollbackOf(deployment);
  return id === undefined ? undefined : `The rollback deployment ${id} is ${simulated.deployment(id).status}.`;
}

/** The instances of a deployment by their states. There are two. */
function overviewOf(status: api.DeploymentStatus): api.DeploymentOverview {
  const none = { Pending: 0, InProgress: 0, Succeeded: 0, Failed: 0, Skipped: 0, Ready: 0 };
  switch (status) {
    case 'Created':
    case 'Queued':
      return { ...none, Pending: 2 };
    case 'Succeeded':
      return { ...none, Succeeded: 2 };
    case 'Failed':
      return { ...none, Failed: 2 };
    case 'Stopped':
      return { ...none, Succeeded: 1, Skipped: 1 };
    case 'Ready':
      return { ...none, Ready: 2 };
    default:
      return { ...none, Succeeded: 1, InProgress: 1 };
  }
}

function last(deployment: CodeDeployDeployment | undefined): OnWire<api.LastDeploymentInfo> | undefined {
  if (!deployment) return undefined;
  const { id, status, createdAt, completedAt } = deployment;
  const endTime = seconds(completedAt);
  return { deploymentId: id, status, createTime: seconds(createdAt), endTime };
}

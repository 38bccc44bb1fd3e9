import type * as api from '@aws-sdk/client-ecs';
import type { Clock } from '../../core/clock';
import { embedded, type JsonApi } from '../../core/json-api';
import { type Input, nextToken, offset, optionalText } from '../../core/json-input';
import { type AwsEnvironment, arnOf } from '../../core/simulated-service';
import type { OnWire } from '../proton/shapes';
import * as read from './input';
import { type EcsSeed, type EcsServiceDeployment, SimulatedEcs } from './simulated-service';

const API: JsonApi<SimulatedEcs> = {
  service: 'ecs',
  target: 'AmazonEC2ContainerServiceV20141113',
  version: '1.1',
  title: 'Amazon ECS',
  operations: {
    ListServiceDeployments: {
      answer: listServiceDeployments,
      resources: (_, input) => [`service/${clusterOf(input)}/${read.nameIn(read.text(input, 'service'))}`],
    },
    DescribeServiceDeployments: {
      answer: describeServiceDeployments,
      resources: (_, input) => read.serviceDeploymentArns(input).flatMap(resourcesOf),
    },
    StopServiceDeployment: {
      answer: stopServiceDeployment,
      resources: (_, input) => resourcesOf(read.serviceDeploymentArn(input)),
    },
  },
};

/** Amazon ECS, limited to the deployments of services. */
export function embeddedEcs(seed: EcsSeed, clock: Clock, environment?: AwsEnvironment) {
  return embedded(API, new SimulatedEcs(seed, clock, environment));
}

/** The paths of a service deployment and of its service. */
function resourcesOf(serviceDeploymentArn: string): readonly string[] {
  const path = serviceDeploymentArn.split(':').slice(5).join(':');
  const [, cluster, service] = path.split('/');
  return [`service/${cluster}/${service}`, path];
}

function listServiceDeployments(world: SimulatedEcs, input: Input): OnWire<api.ListServiceDeploymentsResponse> {
  const { deployments } = world.service(clusterOf(input), read.nameIn(read.text(input, 'service')));
  const statuses = read.statuses(input);
  const inTime = read.createdAt(input);
  const found = deployments
    .filter(({ status }) => statuses.length === 0 || statuses.includes(status))
    .filter(({ createdAt }) => inTime(seconds(createdAt)))
    // As it has been seen to: nothing documents it.
    .reverse();
  const from = offset(input, read.invalid('The nextToken is not valid.'));
  const to = from + read.maxResults(input);
  return {
    serviceDeployments: found.slice(from, to).map((deployment) => brief(world, deployment)),
    nextToken: nextToken(to, found.length),
  };
}

function describeServiceDeployments(world: SimulatedEcs, input: Input): OnWire<api.DescribeServiceDeploymentsResponse> {
  const asked = read.serviceDeploymentArns(input).map((arn) => ({ arn, deployment: world.find(arn) }));
  return {
    serviceDeployments: asked.flatMap(({ deployment }) => (deployment ? [description(world, deployment)] : [])),
    failures: asked.flatMap(({ arn, deployment }) => (deployment ? [] : [{ arn, reason: 'MISSING' }])),
  };
}

function stopServiceDeployment(world: SimulatedEcs, input: Input): OnWire<api.StopServiceDeploymentResponse> {
  const serviceDeploymentArn = read.serviceDeploymentArn(input);
  const stopType = optionalText(input, 'stopType') ?? 'ROLLBACK';
  if (stopType !== 'ROLLBACK')
    throw read.invalid(`The stopType ${stopType} is not valid: the valid value is ROLLBACK.`);
  world.stopDeployment(serviceDeploymentArn);
  return { serviceDeploymentArn };
}

function brief(world: SimulatedEcs, deployment: EcsServiceDeployment): OnWire<api.ServiceDeploymentBrief> {
  const { resource, createdAt, completedAt, status, message } = deployment;
  return {
    serviceDeploymentArn: world.arnOf('service-deployment', deployment),
    serviceArn: arnOf(world.environment, 'ecs', `service/${resource.path}`),
    clusterArn: arnOf(world.environment, 'ecs', `cluster/${resource.cluster}`),
    createdAt: seconds(createdAt),
    startedAt: seconds(createdAt),
    finishedAt: completedAt === undefined ? undefined : seconds(completedAt),
    targetServiceRevisionArn: world.arnOf('service-revision', deployment),
    status,
    statusReason: message,
  };
}

function description(world: SimulatedEcs, deployment: EcsServiceDeployment): OnWire<api.ServiceDeployment> {
  const { targetServiceRevisionArn: arn, ...rest } = brief(world, deployment);
  return {
    ...rest,
    stoppedAt: deployment.status === 'STOPPED' ? rest.finishedAt : undefined,
    updatedAt: seconds(deployment.lastModifiedAt),
    sourceServiceRevisions: [],
    targetServiceRevision: { arn, requestedTaskCount: 2, runningTaskCount: 1, pendingTaskCount: 1 },
    deploymentConfiguration: { maximumPercent: 200, minimumHealthyPercent: 100 },
    deploymentCircuitBreaker: { status: 'DISABLED', failureCount: 0, threshold: 0 },
    alarms: { status: 'DISABLED' },
  };
}

function clusterOf(input: Input): string {
  return read.nameIn(optionalText(input, 'cluster') ?? 'default');
}

function seconds(ms: number): number {
  return ms / 1000;
}

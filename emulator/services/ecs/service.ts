import type * as api from '@aws-sdk/client-ecs';
import type { IamRequest } from '../../aws/iam';
import type { Clock } from '../../core/clock';
import { type JsonService, type ServiceCall, ServiceError } from '../../core/http-server';
import type { EmbeddedService } from '../../core/service';
import type { AwsEnvironment } from '../../core/simulated-service';
import type { OnWire } from '../proton/shapes';
import * as read from './input';
import { arnOf, type EcsSeed, type EcsServiceDeployment, SimulatedEcs } from './simulated-service';

type Input = ServiceCall['input'];

interface Operation {
  answer(world: SimulatedEcs, input: Input): object;
  /** The ARNs that a call is checked against, after `arn:PARTITION:ecs:REGION:ACCOUNT:`. */
  resources(input: Input): readonly string[];
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  ListServiceDeployments: {
    answer: listServiceDeployments,
    resources: (input) => [`service/${clusterOf(input)}/${read.nameIn(read.text(input, 'service'))}`],
  },
  DescribeServiceDeployments: {
    answer: describeServiceDeployments,
    resources: (input) => read.serviceDeploymentArns(input).flatMap(resourcesOf),
  },
  StopServiceDeployment: {
    answer: stopServiceDeployment,
    resources: (input) => resourcesOf(read.serviceDeploymentArn(input)),
  },
};

/** Amazon ECS as far as the deployments of services go. */
export function embeddedEcs(
  seed: EcsSeed,
  clock: Clock,
  environment?: AwsEnvironment,
): EmbeddedService & { readonly world: SimulatedEcs } {
  const world = new SimulatedEcs(seed, clock, environment);
  return { world, api: ecsService(world), iamRequests: (call) => iamRequests(call, world) };
}

export function ecsService(world: SimulatedEcs): JsonService {
  return {
    service: 'ecs',
    target: 'AmazonEC2ContainerServiceV20141113',
    version: '1.1',
    call({ operation, input }) {
      if (!Object.hasOwn(OPERATIONS, operation)) {
        throw new ServiceError(
          'UnknownOperationException',
          `This is an embedded Amazon ECS without ${operation}. It knows ${Object.keys(OPERATIONS).join(', ')}.`,
        );
      }
      return OPERATIONS[operation]!.answer(world, input);
    },
  };
}

/** None for a call that the service does not take, which says so itself. */
function iamRequests({ operation, input }: ServiceCall, { environment }: SimulatedEcs): IamRequest[] {
  const known = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  try {
    const resources = known?.resources(input) ?? [];
    return resources.map((path) => ({ action: `ecs:${operation}`, resource: arnOf(environment, path) }));
  } catch (error) {
    if (error instanceof ServiceError) return [];
    throw error;
  }
}

/** Of a service deployment: its own ARN, and that of its service. */
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
  const from = offsetOf(read.optionalText(input, 'nextToken'));
  const to = from + read.maxResults(input);
  return {
    serviceDeployments: found.slice(from, to).map((deployment) => brief(world, deployment)),
    nextToken: to < found.length ? `from-${to}` : undefined,
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
  const stopType = read.optionalText(input, 'stopType') ?? 'ROLLBACK';
  if (stopType !== 'ROLLBACK')
    throw read.invalid(`The stopType ${stopType} is not valid: the valid value is ROLLBACK.`);
  world.stopDeployment(serviceDeploymentArn);
  return { serviceDeploymentArn };
}

function brief(world: SimulatedEcs, deployment: EcsServiceDeployment): OnWire<api.ServiceDeploymentBrief> {
  const { resource, createdAt, completedAt, status, message } = deployment;
  return {
    serviceDeploymentArn: world.arnOf('service-deployment', deployment),
    serviceArn: arnOf(world.environment, `service/${resource.path}`),
    clusterArn: arnOf(world.environment, `cluster/${resource.cluster}`),
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
  return read.nameIn(read.optionalText(input, 'cluster') ?? 'default');
}

function offsetOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const digits = /^from-(\d{1,9})$/.exec(token)?.[1];
  if (digits === undefined) throw read.invalid('The nextToken is not valid.');
  return Number(digits);
}

function seconds(ms: number): number {
  return ms / 1000;
}

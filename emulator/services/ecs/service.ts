import type * as api from '@aws-sdk/client-ecs';
import type { Clock } from '../../core/clock';
import type { Consistency } from '../../core/consistency';
import { type AwsEnvironment, arnOf } from '../../core/environment';
import { emulate, type JsonApi } from '../../core/json-api';
import { type Input, nextToken, offset, optionalText } from '../../core/json-input';
import { type OnWire, seconds } from '../../core/json-output';
import { jsonProtocol } from '../../core/protocols';
import * as read from './input';
import { type EcsSeed, type EcsServiceDeployment, SimulatedEcs } from './simulated-service';

const API: JsonApi<SimulatedEcs> = {
  service: 'ecs',
  protocol: jsonProtocol('AmazonEC2ContainerServiceV20141113', '1.1'),
  title: 'Amazon ECS',
  operations: {
    ListServices: {
      answer: listServices,
      resources: () => ['*'],
      context: ({ environment }, input) => ({
        'ecs:cluster': arnOf(environment, 'ecs', `cluster/${clusterOf(input)}`),
      }),
    },
    ListServiceDeployments: {
      answer: listServiceDeployments,
      resources: (_, input) => [`service/${clusterOf(input)}/${read.nameIn(read.text(input, 'service'))}`],
    },
    DescribeServiceDeployments: {
      answer: describeServiceDeployments,
      resources: (_, input) => read.serviceDeploymentArns(input).flatMap(resourcesOf),
    },
    UpdateService: {
      answer: updateService,
      resources: (_, input) => [`service/${clusterOf(input)}/${read.nameIn(read.text(input, 'service'))}`],
    },
    ContinueServiceDeployment: {
      answer: continueServiceDeployment,
      resources: (_, input) => resourcesOf(read.serviceDeploymentArn(input)),
    },
    StopServiceDeployment: {
      answer: stopServiceDeployment,
      resources: (_, input) => resourcesOf(read.serviceDeploymentArn(input)),
    },
  },
};

/** Amazon ECS, limited to the deployments of services. An update starts one, whatever it changes. */
export function emulateEcs(seed: EcsSeed, clock: Clock, environment?: AwsEnvironment, consistency?: Consistency) {
  return emulate(API, new SimulatedEcs(seed, clock, environment, consistency));
}

/** The services on a page by default. */
const LISTED_SERVICES = 10;

/** The paths of a service deployment and of its service. */
function resourcesOf(serviceDeploymentArn: string): readonly string[] {
  const path = serviceDeploymentArn.split(':').slice(5).join(':');
  const [, cluster, service] = path.split('/');
  return [`service/${cluster}/${service}`, path];
}

function listServices(simulated: SimulatedEcs, input: Input): OnWire<api.ListServicesResponse> {
  const services = simulated.servicesIn(clusterOf(input));
  const from = offset(input, read.invalid('The nextToken is not valid.'));
  const to = from + read.maxResults(input, LISTED_SERVICES);
  return {
    serviceArns: services.slice(from, to).map(({ path }) => arnOf(simulated.environment, 'ecs', `service/${path}`)),
    nextToken: nextToken(to, services.length),
  };
}

function listServiceDeployments(simulated: SimulatedEcs, input: Input): OnWire<api.ListServiceDeploymentsResponse> {
  const { deployments } = simulated.service(clusterOf(input), read.nameIn(read.text(input, 'service')));
  const statuses = read.statuses(input);
  const inTime = read.createdAt(input);
  const found = deployments
    .filter(({ status }) => statuses.length === 0 || statuses.includes(status))
    .filter(({ createdAt }) => inTime(seconds(createdAt)))
    // The newest first. This order was observed and is not documented.
    .reverse();
  const from = offset(input, read.invalid('The nextToken is not valid.'));
  const to = from + read.maxResults(input);
  return {
    serviceDeployments: found.slice(from, to).map((deployment) => brief(simulated, deployment)),
    nextToken: nextToken(to, found.length),
  };
}

function describeServiceDeployments(
  simulated: SimulatedEcs,
  input: Input,
): OnWire<api.DescribeServiceDeploymentsResponse> {
  const requested = read.serviceDeploymentArns(input).map((arn) => ({ arn, deployment: simulated.find(arn) }));
  return {
    serviceDeployments: requested.flatMap(({ deployment }) => (deployment ? [description(simulated, deployment)] : [])),
    failures: requested.flatMap(({ arn, deployment }) => (deployment ? [] : [{ arn, reason: 'MISSING' }])),
  };
}

function updateService(simulated: SimulatedEcs, input: Input): OnWire<api.UpdateServiceResponse> {
  const { path, cluster, service } = simulated.update(clusterOf(input), read.nameIn(read.text(input, 'service')));
  return {
    service: {
      serviceArn: arnOf(simulated.environment, 'ecs', `service/${path}`),
      serviceName: service,
      clusterArn: arnOf(simulated.environment, 'ecs', `cluster/${cluster}`),
      status: 'ACTIVE',
    },
  };
}

function stopServiceDeployment(simulated: SimulatedEcs, input: Input): OnWire<api.StopServiceDeploymentResponse> {
  const serviceDeploymentArn = read.serviceDeploymentArn(input);
  const stopType = optionalText(input, 'stopType') ?? 'ROLLBACK';
  if (stopType !== 'ROLLBACK')
    throw read.invalid(`The stopType ${stopType} is not valid: the valid value is ROLLBACK.`);
  simulated.stopDeployment(serviceDeploymentArn);
  return { serviceDeploymentArn };
}

function continueServiceDeployment(
  simulated: SimulatedEcs,
  input: Input,
): OnWire<api.ContinueServiceDeploymentResponse> {
  const serviceDeploymentArn = read.serviceDeploymentArn(input);
  simulated.continueDeployment(serviceDeploymentArn, read.text(input, 'hookId'), read.hookAction(input));
  return { serviceDeploymentArn };
}

function brief(simulated: SimulatedEcs, deployment: EcsServiceDeployment): OnWire<api.ServiceDeploymentBrief> {
  const { resource, createdAt, completedAt, status, message } = deployment;
  return {
    serviceDeploymentArn: simulated.arnOf('service-deployment', deployment),
    serviceArn: arnOf(simulated.environment, 'ecs', `service/${resource.path}`),
    clusterArn: arnOf(simulated.environment, 'ecs', `cluster/${resource.cluster}`),
    createdAt: seconds(createdAt),
    startedAt: seconds(createdAt),
    finishedAt: seconds(completedAt),
    targetServiceRevisionArn: simulated.arnOf('service-revision', deployment),
    status,
    statusReason: message,
  };
}

function description(simulated: SimulatedEcs, deployment: EcsServiceDeployment): OnWire<api.ServiceDeployment> {
  const { targetServiceRevisionArn: arn, ...rest } = brief(simulated, deployment);
  const source = simulated.sourceRevisionOf(deployment);
  const rollbackStart = simulated.rollbackStartOf(deployment);
  const hook = simulated.hookOf(deployment);
  return {
    ...rest,
    stoppedAt: deployment.status === 'STOPPED' ? rest.finishedAt : seconds(rollbackStart),
    updatedAt: seconds(deployment.lastModifiedAt),
    sourceServiceRevisions: [{ arn: source, requestedTaskCount: 2, runningTaskCount: 2, pendingTaskCount: 0 }],
    targetServiceRevision: { arn, requestedTaskCount: 2, runningTaskCount: 1, pendingTaskCount: 1 },
    lifecycleStage: simulated.stageOf(deployment),
    lifecycleHookDetails: hook && [{ ...hook, expiresAt: seconds(hook.expiresAt?.getTime()) }],
    deploymentConfiguration: {
      strategy: 'ROLLING',
      ...deployment.resource.strategy?.configuration,
      maximumPercent: 200,
      minimumHealthyPercent: 100,
    },
    rollback:
      rollbackStart === undefined
        ? undefined
        : {
            reason: deployment.message,
            startedAt: seconds(rollbackStart),
            serviceRevisionArn: source,
          },
    deploymentCircuitBreaker: { status: 'DISABLED', failureCount: 0, threshold: 0 },
    alarms: { status: 'DISABLED' },
  };
}

function clusterOf(input: Input): string {
  return read.nameIn(optionalText(input, 'cluster') ?? 'default');
}

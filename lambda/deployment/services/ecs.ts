import {
  DescribeServiceDeploymentsCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  type ListServiceDeploymentsRequest,
  type ServiceDeployment,
  type ServiceDeploymentBrief,
  type ServiceDeploymentStatus,
  StopServiceDeploymentCommand,
} from '@aws-sdk/client-ecs';
import {
  ECS_LIST_ACTION,
  ECS_READ_ACTION,
  ECS_STOP_ACTION,
  ecsServiceDeploymentPath,
  ecsServiceOf,
  ecsServicePath,
} from '../../../lib/deployments/ecs/kinds';
import type { Phase } from '../engine/driver';
import type { Request } from './client';
import type { DeploymentRecord } from './deployment-record';
import { InvalidResponseError } from './errors';
import { PAGE_SIZE, readPages } from './lists';
import { polledService } from './polled-driver';
import { type Statuses, statusesInFlight } from './statuses';

export const STATUSES: Statuses<ServiceDeploymentStatus> = {
  PENDING: 'IN_PROGRESS',
  IN_PROGRESS: 'IN_PROGRESS',
  STOP_REQUESTED: 'CANCELLING',
  // A circuit breaker or an alarm causes these as well.
  ROLLBACK_REQUESTED: 'CANCELLING',
  ROLLBACK_IN_PROGRESS: 'CANCELLING',
  ROLLBACK_SUCCESSFUL: 'CANCELLED',
  STOPPED: 'CANCELLED',
  SUCCESSFUL: 'COMPLETED',
  ROLLBACK_FAILED: 'FAILED',
};

export const service = polledService({
  Client: ECSClient,
  name: 'amazon ecs',
  statuses: STATUSES,
  errors: {
    ClusterNotFoundException: 'not-found',
    ServiceNotFoundException: 'not-found',
    ServiceDeploymentNotFoundException: 'not-found',
    ClientException: 'rejected',
    InvalidParameterException: 'rejected',
    UnsupportedFeatureException: 'rejected',
    ServerException: 'server-error',
  },
  operations({ identifiers }, aws) {
    const ecsService = ecsServiceOf(identifiers);
    const { cluster, service } = ecsService;
    const serviceArn = aws.arn('ecs', ecsServicePath(ecsService));
    const arnOf = (id: string) => aws.arn('ecs', ecsServiceDeploymentPath(ecsService, id));

    function record(found: ServiceDeploymentBrief | ServiceDeployment): DeploymentRecord {
      const { serviceDeploymentArn: arn = '', createdAt, status, statusReason } = found;
      const id = idOf(arn);
      // The id alone does not tell whose deployment it is.
      if (arn !== arnOf(id)) throw new InvalidResponseError('the response is about another service');
      const attributes = { arn, serviceName: service, createdAt };
      return { id, status, startedAt: createdAt, statusMessage: statusReason, attributes };
    }

    async function list(request: Request, filter: Partial<ListServiceDeploymentsRequest>) {
      const command = new ListServiceDeploymentsCommand({ cluster, service, maxResults: PAGE_SIZE, ...filter });
      const { serviceDeployments, nextToken } = await request(ECS_LIST_ACTION, serviceArn, command);
      return { items: serviceDeployments?.map(record), nextToken };
    }

    /**
     * A stop with a rollback does not end as STOPPED: a person stopped it, a monitor that does not roll back, or ECS for a
     * newer service deployment, which was created before this one had finished.
     */
    async function phaseOfStopped(request: Request, id: string, stopped: ServiceDeployment): Promise<Phase> {
      const { deploymentCircuitBreaker, alarms, createdAt: after, finishedAt: before } = stopped;
      if (deploymentCircuitBreaker?.status === 'TRIGGERED' || alarms?.status === 'TRIGGERED') return 'FAILED';
      if (!after) return 'CANCELLED';
      const since = await readPages((nextToken) => list(request, { createdAt: { after, before }, nextToken }));
      return since.items.some((other) => other.id !== id) ? 'SUPERSEDED' : 'CANCELLED';
    }

    return {
      specifiedId: identifiers.serviceDeploymentArn && idOf(identifiers.serviceDeploymentArn),
      list: (request, nextToken) => list(request, { nextToken }),
      listInFlight: (request, nextToken) => list(request, { nextToken, status: statusesInFlight(STATUSES) }),
      async get(request, id) {
        const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arnOf(id)] });
        const { serviceDeployments, failures } = await request(ECS_READ_ACTION, arnOf(id), command);
        const found = serviceDeployments?.[0];
        if (!found && failures?.some(({ reason }) => reason === 'MISSING')) return undefined;
        if (!found) throw new InvalidResponseError('the response has no service deployment');
        if (found.status !== 'STOPPED') return record(found);
        return { ...record(found), phase: await phaseOfStopped(request, id, found) };
      },
      async stop(request, id) {
        const command = new StopServiceDeploymentCommand({ serviceDeploymentArn: arnOf(id), stopType: 'ROLLBACK' });
        const { serviceDeploymentArn } = await request(ECS_STOP_ACTION, arnOf(id), command);
        // The response has no status. This is the one that ECS documents for an accepted stop.
        return record({ serviceDeploymentArn, status: 'ROLLBACK_REQUESTED' });
      },
    };
  },
});

function idOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

import {
  ContinueServiceDeploymentCommand,
  DescribeServiceDeploymentsCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  type ListServiceDeploymentsRequest,
  type ServiceDeployment,
  type ServiceDeploymentBrief,
  StopServiceDeploymentCommand,
} from '@aws-sdk/client-ecs';
import {
  ECS_CONTINUE_ACTION,
  ECS_LIST_ACTION,
  ECS_READ_ACTION,
  ECS_STOP_ACTION,
  ecsServiceDeploymentPath,
  ecsServiceOf,
  ecsServicePath,
} from '../../../../lib/deployments/ecs/kinds';
import { errorName } from '../../../log';
import type { Request } from '../client';
import type { DeploymentRecord } from '../deployment-record';
import { InvalidResponseError } from '../errors';
import { mayBeBehind, PAGE_SIZE, readPages } from '../lists';
import { polledService } from '../polled-driver';
import { statusesInFlight } from '../statuses';
import { ecsFleetPages } from './fleet-pages';
import { idOf, recordOf } from './record';
import { ERRORS, STATUSES } from './statuses';

/** The errors of a stop that ECS does not accept. It does not document whether it accepts one while a hook is awaited. */
const MAY_BE_PAUSED: ReadonlySet<string> = new Set([
  'ConflictException',
  'ClientException',
  'InvalidParameterException',
  'UnsupportedFeatureException',
]);

/** ECS lists no deployments of a service that something else deploys. */
const OTHER_CONTROLLER =
  'only a service whose deployment controller is ECS has service deployments; if CodeDeploy deploys it, cancel its codedeploy-deployment';

/** Says what to do about a service that has no service deployments. */
function explainUnsupported(error: unknown): never {
  if (!(error instanceof Error) || error.name !== 'UnsupportedFeatureException') throw error;
  throw Object.assign(error, { message: `${OTHER_CONTROLLER}: ${error.message}` });
}

export const service = polledService({
  Client: ECSClient,
  name: 'amazon ecs',
  statuses: STATUSES,
  errors: ERRORS,
  fleetPages: ecsFleetPages,
  operations({ identifiers }, aws) {
    const ecsService = ecsServiceOf(identifiers);
    const { clusterName: cluster, serviceName: service } = ecsService;
    const serviceArn = aws.arn('ecs', ecsServicePath(ecsService));
    const arnOf = (id: string) => aws.arn('ecs', ecsServiceDeploymentPath(ecsService, id));

    const record = (found: ServiceDeploymentBrief | ServiceDeployment) => recordOf(found, ecsService, aws);

    async function describe(request: Request, id: string): Promise<ServiceDeployment | undefined> {
      const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arnOf(id)] });
      const { serviceDeployments, failures } = await request(ECS_READ_ACTION, arnOf(id), command);
      const found = serviceDeployments?.[0];
      if (!found && failures?.some(({ reason }) => reason === 'MISSING')) return undefined;
      if (!found) throw new InvalidResponseError('the response has no service deployment');
      return found;
    }

    async function list(request: Request, filter: Partial<ListServiceDeploymentsRequest>) {
      const command = new ListServiceDeploymentsCommand({ cluster, service, maxResults: PAGE_SIZE, ...filter });
      const { serviceDeployments, nextToken } = await request(ECS_LIST_ACTION, serviceArn, command).catch(
        explainUnsupported,
      );
      return { items: serviceDeployments?.map(record), nextToken };
    }

    /**
     * A stop with a rollback does not end as STOPPED: a person stopped it, a monitor that does not roll back, or ECS for a
     * newer service deployment, which was created before this one had finished.
     */
    async function causeOfStop(
      request: Request,
      id: string,
      stopped: ServiceDeployment,
    ): Promise<Pick<DeploymentRecord, 'phase' | 'supersededBy'>> {
      const { deploymentCircuitBreaker, alarms, createdAt: after, finishedAt: before } = stopped;
      if (deploymentCircuitBreaker?.status === 'TRIGGERED' || alarms?.status === 'TRIGGERED')
        return { phase: 'FAILED' };
      if (!after) return {};
      const since = await readPages((nextToken) => list(request, { createdAt: { after, before }, nextToken }));
      const newer = since.items.find((other) => other.id !== id);
      if (newer) return { phase: 'SUPERSEDED', supersededBy: newer.id };
      return mayBeBehind(before, aws.now()) ? { phase: 'ENDING' } : {};
    }

    async function stop(request: Request, id: string): Promise<string | undefined> {
      const command = new StopServiceDeploymentCommand({ serviceDeploymentArn: arnOf(id), stopType: 'ROLLBACK' });
      return (await request(ECS_STOP_ACTION, arnOf(id), command)).serviceDeploymentArn;
    }

    /** A deployment that waits for the approval of a lifecycle hook is rolled back by the answer to that hook. */
    async function rollBackPaused(request: Request, id: string, error: unknown): Promise<string | undefined> {
      if (!MAY_BE_PAUSED.has(errorName(error))) throw error;
      // A read that fails does not hide why the stop was not accepted.
      const { lifecycleHookDetails = [] } = (await describe(request, id).catch(() => undefined)) ?? {};
      const hookId = lifecycleHookDetails.find(({ status }) => status === 'AWAITING_ACTION')?.hookId;
      if (hookId === undefined) throw error;
      const input = { serviceDeploymentArn: arnOf(id), hookId, action: 'ROLLBACK' } as const;
      const command = new ContinueServiceDeploymentCommand(input);
      return (await request(ECS_CONTINUE_ACTION, arnOf(id), command)).serviceDeploymentArn;
    }

    return {
      specifiedId: identifiers.serviceDeploymentArn && idOf(identifiers.serviceDeploymentArn),
      list: (request, nextToken) => list(request, { nextToken }),
      listInFlight: (request, nextToken) => list(request, { nextToken, status: statusesInFlight(STATUSES) }),
      async get(request, id) {
        const found = await describe(request, id);
        if (found?.status !== 'STOPPED') return found && record(found);
        return { ...record(found), ...(await causeOfStop(request, id, found)) };
      },
      async stop(request, id) {
        const serviceDeploymentArn = await stop(request, id).catch((error) => rollBackPaused(request, id, error));
        // The response has no status. This is the one that ECS documents for an accepted stop.
        return record({ serviceDeploymentArn, status: 'ROLLBACK_REQUESTED' });
      },
    };
  },
});

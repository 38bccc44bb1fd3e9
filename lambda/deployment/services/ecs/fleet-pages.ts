import { ListServiceDeploymentsCommand, ListServicesCommand } from '@aws-sdk/client-ecs';
import type { FoundFleet } from '../../../../lib/contract/fleet';
import { ECS_LIST_SERVICES_ACTION } from '../../../../lib/deployments/ecs/fleet-kinds';
import {
  ECS_LIST_ACTION,
  type EcsService,
  ecsServicePath,
  validateEcsName,
} from '../../../../lib/deployments/ecs/kinds';
import { errorName } from '../../../log';
import type { Listed } from '../../fleet/fleet-lister';
import type { AwsContext } from '../aws-context';
import type { Request } from '../client';
import { timeOf, validId } from '../deployment-record';
import { InvalidResponseError } from '../errors';
import { PAGE_SIZE, readPages } from '../lists';
import type { FleetPages } from '../polled-driver';
import { phaseOf, statusesInFlight } from '../statuses';
import { idOf, recordOf } from './record';
import { STATUSES } from './statuses';

/** The number of services in a page. Each takes a request, and a page that fails is requested again as a whole. */
const SERVICES_IN_PAGE = 10;

/** The errors of a service that was deleted meanwhile, or whose deployments are not those of ECS. */
const WITHOUT_DEPLOYMENTS: ReadonlySet<string> = new Set(['ServiceNotFoundException', 'UnsupportedFeatureException']);

/** The services of a cluster, each with its newest deployment in flight. */
export function ecsFleetPages({ identifiers }: FoundFleet, aws: AwsContext): FleetPages {
  const { clusterName = '' } = identifiers;
  const clusterArn = aws.arn('ecs', `cluster/${clusterName}`);

  function inFlight(request: Request, service: EcsService) {
    const { serviceName } = service;
    const filter = { status: statusesInFlight(STATUSES), maxResults: PAGE_SIZE };
    return readPages(async (nextToken) => {
      const input = { cluster: clusterName, service: serviceName, ...filter, nextToken };
      const serviceArn = aws.arn('ecs', ecsServicePath(service));
      const response = await request(ECS_LIST_ACTION, serviceArn, new ListServiceDeploymentsCommand(input));
      const items = response.serviceDeployments?.map((found) => recordOf(found, service, aws));
      return { items, nextToken: response.nextToken };
    });
  }

  async function listed(request: Request, serviceName: string): Promise<Listed> {
    const { items } = await inFlight(request, { clusterName, serviceName }).catch((error) => {
      if (WITHOUT_DEPLOYMENTS.has(errorName(error))) return { items: [] };
      throw error;
    });
    const [newest] = items.toSorted((a, b) => Number(b.startedAt) - Number(a.startedAt));
    if (!newest) return { key: serviceName, phase: 'COMPLETED' };
    const { id, status, startedAt } = newest;
    const phase = phaseOf(STATUSES, status);
    return { key: serviceName, phase, deploymentId: validId(id), startedAt: timeOf(startedAt) };
  }

  return async (request, from) => {
    const command = new ListServicesCommand({ cluster: clusterName, maxResults: SERVICES_IN_PAGE, nextToken: from });
    const { serviceArns, nextToken: next } = await request(ECS_LIST_SERVICES_ACTION, clusterArn, command);
    if (!serviceArns) throw new InvalidResponseError('the response has no list of services');
    const services: Listed[] = [];
    for (const arn of serviceArns) services.push(await listed(request, nameOf(arn)));
    return { listed: services, next };
  };
}

function nameOf(serviceArn: string): string {
  const name = idOf(serviceArn);
  if (validateEcsName(name)) throw new InvalidResponseError('the response has a service without its name');
  return name;
}

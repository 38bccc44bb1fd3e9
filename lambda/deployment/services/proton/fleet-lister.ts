import {
  ListServiceInstancesCommand,
  type ListServiceInstancesInput,
  type ServiceInstanceSummary,
} from '@aws-sdk/client-proton';
import { UNKNOWN_STATUS } from '../../../../lib/contract/cancellation';
import type { FoundFleet } from '../../../../lib/contract/fleet';
import { fleetKindDefinition } from '../../../../lib/deployments/fleet-kinds';
import { PROTON_LIST_ACTION, type ProtonFleetKind } from '../../../../lib/deployments/proton/fleet-kinds';
import { validateProtonName } from '../../../../lib/deployments/proton/kinds';
import type { FleetLister, Listed, Page } from '../../fleet/fleet-lister';
import type { ServiceClient } from '../client';
import { timeOf } from '../deployment-record';
import { InvalidResponseError, orNotFound } from '../errors';
import { PAGE_SIZE } from '../lists';
import { phaseOf } from '../statuses';
import { ERRORS, STATUSES, UNAVAILABLE_HINT } from './statuses';

interface Query {
  /** The identifier of the fleet, and the field of a service instance that has to match it. */
  readonly name: 'serviceName' | 'environmentName';
  input(value: string): ListServiceInstancesInput;
}

/** The queries have no filter for three statuses at once, so those that are not in flight are left out later. */
const QUERIES: Readonly<Record<ProtonFleetKind, Query>> = {
  'proton-service-instances': { name: 'serviceName', input: (serviceName) => ({ serviceName }) },
  'proton-environment-instances': {
    name: 'environmentName',
    input: (value) => ({ filters: [{ key: 'environmentName', value }] }),
  },
};

export function protonFleetLister(fleet: FoundFleet, { call }: ServiceClient): FleetLister {
  const { name, input } = QUERIES[fleet.kind as ProtonFleetKind];
  const value = fleet.identifiers[name] ?? '';
  return {
    displayName: fleetKindDefinition(fleet.kind).displayName(fleet.identifiers),
    unavailableHint: UNAVAILABLE_HINT,
    async page(from) {
      const page = await call(async (request): Promise<Page> => {
        const command = new ListServiceInstancesCommand({ ...input(value), maxResults: PAGE_SIZE, nextToken: from });
        const { serviceInstances, nextToken: next } = await request(PROTON_LIST_ACTION, '*', command);
        if (!serviceInstances) throw new InvalidResponseError('the response has no list of service instances');
        if (next !== undefined && next === from) throw new InvalidResponseError('the next page is the same page');
        // Service instances that are not of the fleet are never cancelled, even if the service returns them.
        const own = serviceInstances.filter((instance) => instance[name] === value);
        return { kind: 'page', listed: own.map(listed), next: next || undefined };
      });
      return orNotFound(page, ERRORS, UNKNOWN_STATUS);
    },
  };
}

function listed(instance: ServiceInstanceSummary): Listed {
  const { serviceName, name, deploymentStatus, lastAttemptedDeploymentId, lastDeploymentAttemptedAt } = instance;
  if (validateProtonName(serviceName) ?? validateProtonName(name)) {
    throw new InvalidResponseError('the response has a service instance without its identifiers');
  }
  return {
    key: `${serviceName}/${name}`,
    phase: phaseOf(STATUSES, deploymentStatus),
    deploymentId: lastAttemptedDeploymentId || undefined,
    startedAt: timeOf(lastDeploymentAttemptedAt),
  };
}

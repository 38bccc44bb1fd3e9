import {
  ListServiceInstancesCommand,
  type ListServiceInstancesInput,
  type ServiceInstanceSummary,
} from '@aws-sdk/client-proton';
import type { FoundFleet } from '../../../../lib/contract/fleet';
import { PROTON_LIST_ACTION, type ProtonFleetKind } from '../../../../lib/deployments/proton/fleet-kinds';
import { validateProtonName } from '../../../../lib/deployments/proton/kinds';
import type { Listed } from '../../fleet/fleet-lister';
import { timeOf } from '../deployment-record';
import { InvalidResponseError } from '../errors';
import { PAGE_SIZE } from '../lists';
import type { FleetPages } from '../polled-driver';
import { phaseOf } from '../statuses';
import { STATUSES } from './statuses';

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

/** The service instances of a service or of an environment. */
export function protonFleetPages({ kind, identifiers }: FoundFleet): FleetPages {
  const { name, input } = QUERIES[kind as ProtonFleetKind];
  const value = identifiers[name] ?? '';
  return async (request, from) => {
    const command = new ListServiceInstancesCommand({ ...input(value), maxResults: PAGE_SIZE, nextToken: from });
    const { serviceInstances, nextToken: next } = await request(PROTON_LIST_ACTION, '*', command);
    if (!serviceInstances) throw new InvalidResponseError('the response has no list of service instances');
    // Service instances that are not of the fleet are never cancelled, even if the service returns them.
    const own = serviceInstances.filter((instance) => instance[name] === value);
    return { listed: own.map(listed), next };
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

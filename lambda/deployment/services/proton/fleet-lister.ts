import {
  ListServiceInstancesCommand,
  type ListServiceInstancesInput,
  type ServiceInstanceSummary,
} from '@aws-sdk/client-proton';
import { type CancellationSettings, UNKNOWN_STATUS } from '../../../../lib/contract/cancellation';
import { fleetKindDefinition } from '../../../../lib/deployments/fleet-kinds';
import { PROTON_LIST_ACTION, type ProtonFleetKind } from '../../../../lib/deployments/proton/fleet-kinds';
import { validateProtonName } from '../../../../lib/deployments/proton/kinds';
import type { FleetLister, FoundFleet, Listed, Page } from '../../fleet/fleet-lister';
import { type AwsContext, InvalidResponseError, NOT_FOUND } from '../aws';
import { connectToProton, UNAVAILABLE_HINT } from './client';
import { phaseOf } from './driver';

/** As many as the API lets a page hold. */
const PAGE_SIZE = 100;

interface Query {
  /** The identifier of the fleet, and the field of a service instance that has to match it. */
  readonly name: 'serviceName' | 'environmentName';
  query(value: string): ListServiceInstancesInput;
}

/** What is asked for. The statuses in flight are three, and a filter takes one: they are told apart here. */
const QUERIES: Readonly<Record<ProtonFleetKind, Query>> = {
  'proton-service-instances': { name: 'serviceName', query: (serviceName) => ({ serviceName }) },
  'proton-environment-instances': {
    name: 'environmentName',
    query: (value) => ({ filters: [{ key: 'environmentName', value }] }),
  },
};

/** @param connection one that others use as well */
export function protonFleetLister(
  fleet: FoundFleet,
  settings: CancellationSettings,
  aws: AwsContext,
  { client, call } = connectToProton(settings, aws),
): FleetLister {
  const { name, query } = QUERIES[fleet.kind as ProtonFleetKind];
  const value = fleet.identifiers[name] ?? '';

  async function read(from: string | undefined, options: { abortSignal: AbortSignal }): Promise<Page> {
    const command = new ListServiceInstancesCommand({ ...query(value), maxResults: PAGE_SIZE, nextToken: from });
    const { serviceInstances, nextToken: next } = await client.send(command, options);
    if (!Array.isArray(serviceInstances)) throw new InvalidResponseError('no list of service instances was answered');
    if (next !== undefined && next === from)
      throw new InvalidResponseError('the same page was answered as the next one');
    // Whatever the service thinks of the query, nothing else is cancelled.
    const own = serviceInstances.filter((instance) => instance[name] === value);
    return { kind: 'page', listed: own.map(listed), next: next || undefined };
  }

  return {
    displayName: fleetKindDefinition(fleet.kind).displayName(fleet.identifiers),
    unavailableHint: UNAVAILABLE_HINT,
    async page(from) {
      const answer = await call(PROTON_LIST_ACTION, '*', (options) => read(from, options));
      const missing = answer.kind === 'error' && answer.errorName === NOT_FOUND;
      return missing ? { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS } : answer;
    },
  };
}

function listed({ serviceName, name, deploymentStatus, lastAttemptedDeploymentId }: ServiceInstanceSummary): Listed {
  if (validateProtonName(serviceName) ?? validateProtonName(name)) {
    throw new InvalidResponseError('a service instance was answered without its identifiers');
  }
  return {
    key: `${serviceName}/${name}`,
    phase: phaseOf(String(deploymentStatus)),
    deploymentId: lastAttemptedDeploymentId || undefined,
  };
}

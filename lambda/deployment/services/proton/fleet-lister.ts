import {
  ListServiceInstancesCommand,
  type ListServiceInstancesInput,
  type ServiceInstanceSummary,
} from '@aws-sdk/client-proton';
import { type Policy, UNKNOWN_STATUS } from '../../../../lib/contract/cancellation';
import type { ProtonFleetKind } from '../../../../lib/contract/fleet';
import { PROTON_FLEETS, PROTON_LIST_ACTION } from '../../../../lib/deployments/proton/fleet-kinds';
import { protonNameProblem } from '../../../../lib/deployments/proton/kinds';
import type { FoundFleet, Listed, Page, Roster } from '../../fleet/fleet-lister';
import { NOT_FOUND, type Surrounding, UnusableAnswer } from '../aws';
import { connectToProton, UNAVAILABLE_HINT } from './client';
import { phaseOf } from './driver';

/** As many as the API lets a page hold. */
const PAGE_SIZE = 100;

/** What is asked for. The statuses in flight are three, and a filter takes one: they are told apart here. */
const QUERIES: Readonly<Record<ProtonFleetKind, (name: string) => ListServiceInstancesInput>> = {
  'proton-service-instances': (serviceName) => ({ serviceName }),
  'proton-environment-instances': (value) => ({ filters: [{ key: 'environmentName', value }] }),
};

/** @param connection one that others use as well */
export function protonRoster(
  fleet: FoundFleet,
  policy: Policy,
  surrounding: Surrounding,
  { client, ask } = connectToProton(policy, surrounding),
): Roster {
  const { name, subject } = PROTON_FLEETS[fleet.kind];
  const value = fleet.names[name] ?? '';
  const query = QUERIES[fleet.kind](value);

  async function read(from: string | undefined, options: { abortSignal: AbortSignal }): Promise<Page> {
    const command = new ListServiceInstancesCommand({ ...query, maxResults: PAGE_SIZE, nextToken: from });
    const { serviceInstances, nextToken: next } = await client.send(command, options);
    if (!Array.isArray(serviceInstances)) throw new UnusableAnswer('no list of service instances was answered');
    if (next !== undefined && next === from) throw new UnusableAnswer('the same page was answered as the next one');
    // Whatever the service thinks of the query, nothing else is cancelled.
    const own = serviceInstances.filter((instance) => instance[name] === value);
    return { kind: 'page', listed: own.map(listed), next: next || undefined };
  }

  return {
    subject: subject(value),
    unavailableHint: UNAVAILABLE_HINT,
    async page(from) {
      const answer = await ask(PROTON_LIST_ACTION, '*', (options) => read(from, options));
      const missing = answer.kind === 'trouble' && answer.errorName === NOT_FOUND;
      return missing ? { kind: 'missing', deploymentStatus: UNKNOWN_STATUS } : answer;
    },
  };
}

function listed({ serviceName, name, deploymentStatus, lastAttemptedDeploymentId }: ServiceInstanceSummary): Listed {
  if (protonNameProblem(serviceName) ?? protonNameProblem(name)) {
    throw new UnusableAnswer('a service instance was answered without its names');
  }
  return {
    key: `${serviceName}/${name}`,
    phase: phaseOf(String(deploymentStatus)),
    deploymentId: lastAttemptedDeploymentId || undefined,
  };
}

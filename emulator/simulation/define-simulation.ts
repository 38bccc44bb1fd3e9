import type { Identifiers } from '../../lib/deployments/kind-definition';
import { emulate, type JsonApi } from '../core/json-api';
import { type Input, nextToken } from '../core/json-input';
import { SimulatedDeployments, type SimulatedSpec } from '../core/simulated-deployments';
import type { StatusModel } from '../core/simulated-service';
import type { ServiceSimulation } from './service-simulation';

/** The simulation of a service whose resources have names and deployments, and nothing else. */
export interface SimulationSpec<Status extends string>
  extends SimulatedSpec<Status>,
    Pick<ServiceSimulation<Status>, 'refusals' | 'narrow'>,
    JsonApi<SimulatedDeployments<Status>> {
  readonly statuses: StatusModel<Status> & { readonly failed?: Status; readonly succeeded: Status };
  /** The path of a resource in the simulated service. */
  pathOf(identifiers: Identifiers): string;
}

export function defineSimulation<Status extends string>(spec: SimulationSpec<Status>): ServiceSimulation<Status> {
  const { statuses, refusals, narrow, protocol, pathOf } = spec;
  return {
    statuses: {
      CANCELLING: statuses.cancelling,
      CANCELLED: statuses.cancelled,
      FAILED: statuses.failed,
      SUCCEEDED: statuses.succeeded,
      DELETE_IN_PROGRESS: undefined,
    },
    refusals,
    errors: protocol.errors,
    narrow,
    path: ({ identifiers }) => pathOf(identifiers),
    account(targets, environment) {
      const resources = targets
        .filter(({ deployments }) => deployments.length > 0)
        .map(({ identifiers, deployments }) => ({ path: pathOf(identifiers), deployments }));
      return {
        services: [
          (clock, consistency) =>
            emulate(spec, new SimulatedDeployments(spec, resources, clock, environment, consistency)),
        ],
      };
    },
  };
}

/** A page of a list, and the token of the next page, by the names of their members in the input of the operation. */
export function pageOf<Item>(
  items: readonly Item[],
  input: Input,
  { size, token }: { readonly size: string; readonly token: string },
): { readonly page: readonly Item[]; readonly next: string | undefined } {
  const from = Number(/^from-(\d+)$/.exec(String(input[token]))?.[1] ?? 0);
  const to = from + Number(input[size] ?? 100);
  return { page: items.slice(from, to), next: nextToken(to, items.length) };
}

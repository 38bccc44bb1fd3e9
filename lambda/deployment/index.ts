import type { Context } from 'aws-lambda';
import type { Policy, Progress, StepEvent } from '../../lib/contract/cancellation';
import { type Batch, FLEET_STEPS, type FleetEvent, type FleetResult, type Search } from '../../lib/contract/fleet';
import { systemClock } from '../clock';
import { InvalidRequest } from '../parse';
import { parseFleetRequest } from '../parse-fleet';
import { run } from './engine/run';
import { cancelBatch } from './fleet/batch';
import { type FindSurroundings, findFleet } from './fleet/find';
import { summarise } from './fleet/summarize';
import { surroundingOf } from './services/aws';
import { loadServices, serviceFor } from './services/registry';
import type { Service, ServiceConnection } from './services/service';

type Answer = Progress | Search | Batch | { readonly result: FleetResult };

/** Before anybody asks: until the first event comes, Lambda gives a function more of a processor than it has later. */
const loading = loadServices();

/** The deployment function: speaks to the services whose deployments are cancelled, and to nothing else. */
export const handler = async (event: StepEvent | FleetEvent, context: Context): Promise<Answer> => {
  const surroundings = {
    clock: systemClock,
    remaining: () => context.getRemainingTimeInMillis(),
    ...doorsOf(await loading, context),
  };
  if (!('fleetStep' in event)) return run(event, surroundings);
  switch (event.fleetStep) {
    case FLEET_STEPS.FIND:
      return findFleet(event, surroundings);
    case FLEET_STEPS.CANCEL:
      return cancelBatch(event, surroundings);
    case FLEET_STEPS.SUMMARISE:
      return { result: summarise(parseFleetRequest(event.request).fleet, event.results) };
  }
};

/** One connection to a service does for all of an invocation. */
function doorsOf(
  services: ReadonlyMap<string, Service>,
  context: Context,
): Pick<FindSurroundings, 'driverFor' | 'rosterFor'> {
  const surrounding = surroundingOf(context);
  const connections = new Map<Service, ServiceConnection>();
  function connectionFor(kind: Parameters<typeof serviceFor>[0], policy: Policy): ServiceConnection {
    const service = serviceFor(kind, services);
    const connection = connections.get(service) ?? service.connect(policy, surrounding);
    connections.set(service, connection);
    return connection;
  }
  return {
    driverFor: ({ deployment, policy }) => connectionFor(deployment.kind, policy).driverFor(deployment),
    rosterFor: (fleet, policy) => {
      const roster = connectionFor(fleet.kind, policy).rosterFor?.(fleet);
      if (!roster) throw new InvalidRequest(`fleet.kind ${fleet.kind} cannot be found: list its deployments`);
      return roster;
    },
  };
}

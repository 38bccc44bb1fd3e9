import type { Context } from 'aws-lambda';
import type { Policy, Progress, StepEvent } from '../../lib/contract';
import { type Batch, FLEET_STEPS, type FleetEvent, type FleetResult, type Search } from '../../lib/fleet-contract';
import { KINDS } from '../../lib/kinds';
import { systemClock } from '../clock';
import { parseFleetRequest } from '../parse-fleet';
import { type Surrounding, surroundingOf } from './aws';
import { cancelBatch } from './cancel-batch';
import { ecsDriver } from './ecs';
import { findFleet } from './find-fleet';
import { protonDriver } from './proton';
import { connectToProton, type ProtonConnection } from './proton-connection';
import { protonRoster } from './proton-roster';
import { run } from './run';
import { summarise } from './summarise';

type Answer = Progress | Search | Batch | { readonly result: FleetResult };

/** The deployment function: speaks to the service whose deployments are cancelled, and to nothing else. */
export const handler = async (event: StepEvent | FleetEvent, context: Context): Promise<Answer> => {
  const surrounding = surroundingOf(context);
  const connect = sharedConnection(surrounding);
  const surroundings = {
    clock: systemClock,
    remaining: () => context.getRemainingTimeInMillis(),
    driverFor: ({ deployment, policy }: Parameters<Parameters<typeof run>[1]['driverFor']>[0]) =>
      KINDS[deployment.kind].service === 'ecs'
        ? ecsDriver(deployment, policy, surrounding)
        : protonDriver(deployment, policy, surrounding, connect(policy)),
  };
  if (!('fleetStep' in event)) return run(event, surroundings);
  switch (event.fleetStep) {
    case FLEET_STEPS.FIND:
      return findFleet(event, {
        ...surroundings,
        rosterFor: (fleet, policy) => protonRoster(fleet, policy, surrounding),
      });
    case FLEET_STEPS.CANCEL:
      return cancelBatch(event, surroundings);
    case FLEET_STEPS.SUMMARISE:
      return { result: summarise(parseFleetRequest(event.request).fleet, event.results) };
  }
};

/** The policy is the same for all that an invocation does. */
function sharedConnection(surrounding: Surrounding): (policy: Policy) => ProtonConnection {
  let connection: ProtonConnection | undefined;
  return (policy) => {
    connection ??= connectToProton(policy, surrounding);
    return connection;
  };
}

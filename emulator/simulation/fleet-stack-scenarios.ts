import { FleetCancellation } from '../../lib/constructs/fleet-cancellation';
import { ProtonFleet } from '../../lib/deployments/proton/proton-fleet';
import {
  FLEET_NAMES,
  FLEET_SCENARIO_NAMES,
  FLEET_SCENARIOS,
  type FleetScenarioName,
} from '../services/proton/fleet-scenarios';
import type { FaultRule } from '../services/proton/scenarios';
import type { Play } from './stack-scenarios';

/** A stack is created that cancels all that is in flight of a service. */
export type FleetPlay = Play & { readonly faults?: readonly FaultRule[] };

export const FLEET_PLAY_NAMES = FLEET_SCENARIO_NAMES;

export function isFleetPlayName(name: string): name is FleetScenarioName {
  return Object.hasOwn(FLEET_SCENARIOS, name);
}

export function fleetPlay(name: FleetScenarioName): FleetPlay {
  return {
    ...FLEET_SCENARIOS[name],
    acts: [
      {
        operation: 'create',
        build: (stack) => new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.ofService(FLEET_NAMES) }),
      },
    ],
  };
}

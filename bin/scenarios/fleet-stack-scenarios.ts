import {
  FLEET_NAMES,
  FLEET_SCENARIO_NAMES,
  FLEET_SCENARIOS,
  type FleetScenarioName,
} from '../../emulator/services/proton/fleet-scenarios';
import type { FaultRule } from '../../emulator/simulation/faults';
import { FleetCancellation } from '../../lib/constructs/fleet-cancellation';
import { ProtonFleet } from '../../lib/deployments/proton/proton-fleet';
import type { StackScenario } from './stack-scenarios';

/** A scenario in which a stack cancels all deployments of a service. */
export type FleetStackScenario = StackScenario & { readonly faults?: readonly FaultRule[] };

export const FLEET_STACK_SCENARIO_NAMES = FLEET_SCENARIO_NAMES;

export function isFleetStackScenarioName(name: string): name is FleetScenarioName {
  return Object.hasOwn(FLEET_SCENARIOS, name);
}

export function fleetStackScenario(name: FleetScenarioName): FleetStackScenario {
  return {
    ...FLEET_SCENARIOS[name],
    steps: [
      {
        operation: 'create',
        build: (stack) =>
          new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName(FLEET_NAMES.serviceName) }),
      },
    ],
  };
}

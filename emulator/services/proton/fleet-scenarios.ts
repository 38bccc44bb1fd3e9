import type { Fault } from '../../core/http-server';
import type { FaultRule } from '../../simulation/faults';
import {
  type CancelPlan,
  type DeploymentPlan,
  type InitialState,
  MINUTES,
  SECONDS,
  type SeededDeployment,
} from './plan';
import { DEFAULT_NAMES } from './target';

/** A simulated account with many deployments of one service. Plain data. */
export interface FleetScenario {
  /** One line: the behavior of the service. */
  readonly description: string;
  readonly seed: InitialState;
  readonly faults?: readonly FaultRule[];
}

export const FLEET_NAMES = DEFAULT_NAMES;

/** A deployment that nobody cancels. */
const UNDISTURBED: DeploymentPlan['steps'] = [{ after: 25 * MINUTES, status: 'SUCCEEDED' }];
const running = (onCancel: CancelPlan): SeededDeployment => ({ at: -2 * MINUTES, steps: UNDISTURBED, onCancel });
const NEWER: DeploymentPlan = { steps: UNDISTURBED };

/** The behaviors of a deployment in a fleet. */
export const BEHAVIORS = {
  cancelled: running({ steps: [{ after: 40 * SECONDS, status: 'CANCELLED' }] }),
  completesFirst: running({ steps: [{ after: 20 * SECONDS, status: 'SUCCEEDED' }] }),
  fails: running({ steps: [{ after: 90 * SECONDS, status: 'FAILED' }] }),
  refuses: running({ refuse: 'ValidationException' }),
  superseded: running({
    steps: [
      { after: 30 * SECONDS, status: 'CANCELLED' },
      { after: 0, start: NEWER },
    ],
  }),
  idle: { at: -40 * MINUTES, steps: [{ after: 6 * MINUTES, status: 'SUCCEEDED' }] },
} as const satisfies Readonly<Record<string, SeededDeployment>>;
export type FleetBehavior = keyof typeof BEHAVIORS;

/** A service with one service instance for each behavior: `web-0001`, `web-0002` … */
export function fleetSeed(
  behaviors: readonly (FleetBehavior | SeededDeployment)[],
  { serviceName, environmentName } = FLEET_NAMES,
): InitialState {
  const instances = behaviors.map((behavior, index) => ({
    name: `${serviceName}-${String(index + 1).padStart(4, '0')}`,
    environmentName,
    deployments: [typeof behavior === 'string' ? BEHAVIORS[behavior] : behavior],
  }));
  return { environments: [{ name: environmentName }], services: [{ name: serviceName, instances }] };
}

/** The given number of each behavior, one behavior after the other. */
export function behaviors(counts: Readonly<Partial<Record<FleetBehavior, number>>>): FleetBehavior[] {
  return Object.entries(counts).flatMap(([behavior, count]) =>
    Array<FleetBehavior>(count).fill(behavior as FleetBehavior),
  );
}

/** A thousand deployments, of which 940 are cancelled after different times of up to 70 seconds. */
export const THOUSAND: readonly (FleetBehavior | SeededDeployment)[] = [
  ...behaviors({ idle: 20, completesFirst: 20, fails: 10, superseded: 10 }),
  ...Array.from({ length: 940 }, (_, index) =>
    running({ steps: [{ after: (20 + ((index * 7) % 50)) * SECONDS, status: 'CANCELLED' }] }),
  ),
];

const THROTTLED: Fault = { kind: 'error', type: 'ThrottlingException', message: 'Rate exceeded' };

export const FLEET_SCENARIOS = {
  fleet: {
    description: 'twelve service instances, most of which are cancelled',
    seed: fleetSeed(behaviors({ cancelled: 7, completesFirst: 2, superseded: 1, idle: 2 })),
  },
  'fleet-of-a-thousand': {
    description: 'a thousand service instances with every behavior',
    seed: fleetSeed(THOUSAND),
  },
  'fleet-throttled': {
    description: 'sixty service instances, with throttling in bursts',
    seed: fleetSeed(behaviors({ cancelled: 60 })),
    faults: [
      { service: 'proton', operation: 'ListServiceInstances', to: 2, fault: THROTTLED },
      { service: 'proton', operation: 'GetServiceInstance', from: 20, to: 60, fault: THROTTLED },
      { service: 'proton', operation: 'CancelServiceInstanceDeployment', from: 10, to: 40, fault: THROTTLED },
      { service: 'proton', operation: 'GetServiceInstance', from: 180, to: 260, fault: THROTTLED },
    ],
  },
  'fleet-with-one-bad': {
    description: 'one of thirty service instances rejects the cancellation, and the others are cancelled',
    seed: fleetSeed(behaviors({ refuses: 1, cancelled: 29 })),
  },
  'fleet-idle': {
    description: 'no service instance has a deployment in flight',
    seed: fleetSeed(behaviors({ idle: 3 })),
  },
} as const satisfies Readonly<Record<string, FleetScenario>>;

export type FleetScenarioName = keyof typeof FLEET_SCENARIOS;
export const FLEET_SCENARIO_NAMES = Object.keys(FLEET_SCENARIOS) as readonly FleetScenarioName[];

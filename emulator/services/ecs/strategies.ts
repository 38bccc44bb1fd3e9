import type * as api from '@aws-sdk/client-ecs';
import { MINUTES, SECONDS } from '../../core/plan';
import type { OwnScenario } from '../../simulation/service-simulation';

/** The way in which a service is deployed, and how long each stage takes. */
export interface Strategy {
  readonly configuration: Pick<
    api.DeploymentConfiguration,
    'strategy' | 'bakeTimeInMinutes' | 'canaryConfiguration' | 'linearConfiguration' | 'lifecycleHooks'
  >;
  /** The stages in order, with their beginnings after the start in milliseconds. */
  readonly stages: readonly { readonly stage: api.ServiceDeploymentLifecycleStage; readonly at: number }[];
  /** The stage with a hook that pauses the deployment until somebody continues it or rolls it back. */
  readonly pausesAt?: api.ServiceDeploymentLifecycleStage;
}

const STAGES: Strategy['stages'] = [
  { stage: 'RECONCILE_SERVICE', at: 0 },
  { stage: 'SCALE_UP', at: 15 * SECONDS },
  { stage: 'POST_SCALE_UP', at: 45 * SECONDS },
  { stage: 'PRODUCTION_TRAFFIC_SHIFT', at: MINUTES },
  { stage: 'BAKE_TIME', at: 90 * SECONDS },
];

/** One day: the default of a hook that pauses. */
export const PAUSE_MS = 1440 * MINUTES;

const ROLLED_BACK = { steps: [{ after: 40 * SECONDS, status: 'CANCELLED' }] } as const;
/** It has run for two minutes, and then bakes. */
const BAKING = {
  at: -2 * MINUTES,
  steps: [{ after: 25 * MINUTES, status: 'SUCCEEDED' }],
  onCancel: ROLLED_BACK,
} as const;

/** The scenarios of ECS only, each with the strategy of the service. */
export const OWN_SCENARIOS = {
  'blue-green': {
    description: 'a blue/green deployment is rolled back during its bake time',
    deployment: BAKING,
    strategy: { configuration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 23 }, stages: STAGES },
  },
  linear: {
    description: 'a linear deployment is rolled back while it shifts traffic',
    deployment: BAKING,
    strategy: {
      configuration: {
        strategy: 'LINEAR',
        bakeTimeInMinutes: 5,
        linearConfiguration: { stepPercent: 10, stepBakeTimeInMinutes: 2 },
      },
      stages: STAGES.slice(0, -1),
    },
  },
  canary: {
    description: 'a canary deployment is rolled back while its canary bakes',
    deployment: BAKING,
    strategy: {
      configuration: {
        strategy: 'CANARY',
        bakeTimeInMinutes: 5,
        canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: 18 },
      },
      stages: STAGES.slice(0, -1),
    },
  },
  paused: {
    description: 'a deployment waits for an action at a lifecycle hook, and its stop is a conflict',
    // Without an action it never ends within the time of a cancellation.
    deployment: { at: -2 * MINUTES, onCancel: ROLLED_BACK },
    strategy: {
      configuration: {
        strategy: 'BLUE_GREEN',
        bakeTimeInMinutes: 10,
        lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'] }],
      },
      stages: STAGES,
      pausesAt: 'POST_SCALE_UP',
    },
  },
} as const satisfies Readonly<Record<string, OwnScenario & { readonly strategy: Strategy }>>;

/** The strategy of a scenario; undefined for a rolling update. */
export function strategyOf(scenario: string | undefined): Strategy | undefined {
  const scenarios: Readonly<Record<string, { readonly strategy: Strategy }>> = OWN_SCENARIOS;
  return scenario !== undefined && Object.hasOwn(scenarios, scenario) ? scenarios[scenario]?.strategy : undefined;
}

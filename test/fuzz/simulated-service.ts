import {
  type CancelPlan,
  type DeployedSeed,
  type DeploymentPlan,
  type InitialState,
  type PlanStep,
  SECONDS,
} from '../../emulator/services/proton/plan';
import { DEFAULT_NAMES } from '../../emulator/services/proton/scenarios';
import { type FleetBehavior, type OnCancel, type Schedule, SECRETS } from './schedule';
import { isFleet } from './stack-lifecycles';

/** The emulated Proton of a schedule. */

const { serviceName, environmentName, serviceInstanceName } = DEFAULT_NAMES;

export function initialStateOf({ lifecycle, behaviors }: Schedule): InitialState {
  const instances = behaviors.map((behavior, index) => ({
    name: isFleet(lifecycle) ? `${serviceName}-${index}` : serviceInstanceName,
    environmentName,
    ...seedOf(behavior),
  }));
  return {
    environments: [{ name: environmentName }],
    services: [{ name: serviceName, spec: SECRETS.spec, instances }],
  };
}

function seedOf({ first, onCancel, cancelSeconds, startsAt, withholdsIds }: FleetBehavior): DeployedSeed {
  const running = first && {
    at: -60 * SECONDS,
    steps: [step(first.seconds + 60, first.ends)],
    onCancel: PLANS[onCancel](cancelSeconds),
  };
  const others = startsAt.map((seconds) => ({ at: seconds * SECONDS, ...NEWER }));
  return {
    deployments: running ? [running, ...others] : others,
    withholdsDeploymentIds: withholdsIds,
    spec: SECRETS.spec,
  };
}

function step(seconds: number, status: 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'DELETE_IN_PROGRESS'): PlanStep {
  return { after: seconds * SECONDS, status, message: SECRETS.message };
}

const NEWER: DeploymentPlan = { steps: [step(900, 'SUCCEEDED')], onCancel: { steps: [step(20, 'CANCELLED')] } };

const PLANS: Readonly<Record<OnCancel, (seconds: number) => CancelPlan>> = {
  cancelled: (seconds) => ({ steps: [step(seconds, 'CANCELLED')] }),
  fails: (seconds) => ({ steps: [step(seconds, 'FAILED')] }),
  finishes: (seconds) => ({ steps: [step(seconds, 'SUCCEEDED')] }),
  stuck: () => ({ steps: [] }),
  'passed-over': () => ({}),
  refused: () => ({ refuse: 'ValidationException' }),
  conflict: (seconds) => ({ refuse: 'ConflictException', steps: [step(seconds, 'SUCCEEDED')] }),
  superseded: (seconds) => ({ steps: [step(seconds, 'CANCELLED'), { after: 0, start: NEWER }] }),
  overtaken: () => ({ overtakenBy: NEWER, steps: [step(0, 'SUCCEEDED')] }),
  vanishes: (seconds) => ({ steps: [step(seconds, 'DELETE_IN_PROGRESS'), { after: 10 * SECONDS, vanish: true }] }),
};

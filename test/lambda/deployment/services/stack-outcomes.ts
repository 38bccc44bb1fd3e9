import { DEFAULT_ENVIRONMENT } from '../../../../emulator/core/simulated-service';
import type { SimulatedStack } from '../../../../emulator/services/cloudformation/simulated-stacks';
import { type FaultRule, type ScenarioName, scriptOf } from '../../../../emulator/simulation/scenarios';
import { planOf } from '../../../../emulator/simulation/service-simulation';
import { cloudFormationDriver } from '../../../../lambda/deployment/services/cloudformation';
import { runStacks } from '../../../emulator/services/cloudformation/simulated-stacks';
import { cancelStepByStep, type End } from '../run-to-end';

/** `hit`: the update that was in flight at first, or a newer one. */
export const ENDS: Readonly<Record<ScenarioName, End<'pinned' | 'newer'>>> = {
  cancelled: { outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE', hit: 'pinned' },
  'cancel-fails': { outcome: 'CANCEL_FAILED', deploymentStatus: 'UPDATE_ROLLBACK_FAILED', hit: 'pinned' },
  'finishes-first': { outcome: 'COMPLETED_FIRST', deploymentStatus: 'UPDATE_COMPLETE', hit: 'pinned' },
  'nothing-to-cancel': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'UPDATE_COMPLETE' },
  'already-cancelling': { outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE' },
  throttled: { outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE', hit: 'pinned' },
  conflict: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'UPDATE_COMPLETE' },
  refused: { outcome: 'REFUSED', deploymentStatus: 'UPDATE_IN_PROGRESS', failed: true },
  'not-found': { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', failed: true },
  'access-denied': { outcome: 'ACCESS_DENIED', deploymentStatus: 'UPDATE_IN_PROGRESS', failed: true },
  superseded: { outcome: 'SUPERSEDED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE', hit: 'pinned' },
  // What cannot be closed from outside: the service is told the stack, and not which update.
  overtaken: { outcome: 'SUPERSEDED', deploymentStatus: 'UPDATE_COMPLETE', hit: 'newer' },
  vanishes: { outcome: 'SUPERSEDED', deploymentStatus: 'DELETE_COMPLETE', hit: 'pinned' },
  unavailable: { outcome: 'UNAVAILABLE', deploymentStatus: 'UPDATE_IN_PROGRESS', failed: true },
  timeout: { outcome: 'TIMED_OUT', deploymentStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', failed: true, hit: 'pinned' },
  slow: { outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE', hit: 'pinned' },
};

const UPDATE = { kind: 'cloudformation-stack-update', identifiers: { stackName: 'web' } };

/** Cancels what a scenario has in flight. */
export function cancelScenario(name: ScenarioName, change: Partial<SimulatedStack> = {}, settings: object = {}) {
  const { target, faults } = planOf(UPDATE, scriptOf(name), DEFAULT_ENVIRONMENT);
  const updates = target.deployments as NonNullable<SimulatedStack['updates']>;
  const stacks = updates.length > 0 ? [{ name: 'web', updates, ...change }] : [];
  return cancelUpdate(stacks, faults, { settings });
}

interface Asked {
  readonly settings?: object;
  readonly more?: object;
}

export async function cancelUpdate(
  stacks: readonly SimulatedStack[],
  faults: readonly FaultRule[] = [],
  { settings = {}, more = {} }: Asked = {},
) {
  const { clock, world, url } = await runStacks(stacks, faults);
  const pinned = world.resources[0]?.deployments.at(-1)?.id;
  const { result } = await cancelStepByStep({
    clock,
    url,
    deployment: UPDATE,
    settings,
    more,
    driver: cloudFormationDriver,
  });
  const hits = world.acceptedCancels.map(({ deploymentId }) => (deploymentId === pinned ? 'pinned' : 'newer'));
  return { result, pinned, hits, world };
}

import { DEFAULT_ENVIRONMENT } from '../../../../emulator/core/environment';
import type { SimulatedStack } from '../../../../emulator/services/cloudformation/simulated-stacks';
import type { FaultRule } from '../../../../emulator/simulation/faults';
import { type ScenarioName, scriptOf } from '../../../../emulator/simulation/scenarios';
import { planOf } from '../../../../emulator/simulation/service-simulation';
import { service } from '../../../../lambda/deployment/services/cloudformation';
import { runStacks } from '../../../emulator/services/cloudformation/simulated-stacks';
import { type End, runToEnd } from '../run-to-end';

/** `cancelled`: the update that was in flight first, or a newer one. */
export const ENDS: Readonly<Record<ScenarioName, End<'pinned' | 'newer'>>> = {
  cancelled: { outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE', cancelled: 'pinned' },
  'cancel-fails': { outcome: 'CANCEL_FAILED', deploymentStatus: 'UPDATE_ROLLBACK_FAILED', cancelled: 'pinned' },
  'finishes-first': { outcome: 'COMPLETED_FIRST', deploymentStatus: 'UPDATE_COMPLETE', cancelled: 'pinned' },
  'nothing-to-cancel': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'UPDATE_COMPLETE' },
  'already-cancelling': { outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE' },
  throttled: { outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE', cancelled: 'pinned' },
  conflict: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'UPDATE_COMPLETE' },
  refused: { outcome: 'REFUSED', deploymentStatus: 'UPDATE_IN_PROGRESS', failed: true },
  'not-found': { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', failed: true },
  'access-denied': { outcome: 'ACCESS_DENIED', deploymentStatus: 'UPDATE_IN_PROGRESS', failed: true },
  // The newer update began after the rollback.
  superseded: { outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE', cancelled: 'pinned' },
  // This cannot be prevented: the request names the stack, and not the update.
  overtaken: { outcome: 'SUPERSEDED', deploymentStatus: 'UPDATE_COMPLETE', cancelled: 'newer' },
  vanishes: { outcome: 'SUPERSEDED', deploymentStatus: 'DELETE_COMPLETE', cancelled: 'pinned' },
  unavailable: { outcome: 'UNAVAILABLE', deploymentStatus: 'UPDATE_IN_PROGRESS', failed: true },
  timeout: { outcome: 'TIMED_OUT', deploymentStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', failed: true, cancelled: 'pinned' },
  slow: { outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE', cancelled: 'pinned' },
};

const UPDATE = { kind: 'cloudformation-stack-update', identifiers: { stackName: 'web' } };

/** Cancels the update of a scenario. */
export function cancelScenario(name: ScenarioName, change: Partial<SimulatedStack> = {}, settings: object = {}) {
  const { target, faults } = planOf(UPDATE, scriptOf(name), DEFAULT_ENVIRONMENT);
  const updates = target.deployments as NonNullable<SimulatedStack['updates']>;
  const stacks = updates.length > 0 ? [{ name: 'web', updates, ...change }] : [];
  return cancelUpdate(stacks, faults, { settings });
}

interface CancelOptions {
  readonly settings?: object;
  readonly otherFields?: object;
}

export async function cancelUpdate(
  stacks: readonly SimulatedStack[],
  faults: readonly FaultRule[] = [],
  { settings = {}, otherFields = {} }: CancelOptions = {},
) {
  const { clock, simulated, url } = await runStacks(stacks, faults);
  const pinned = simulated.resources[0]?.deployments.at(-1)?.id;
  const { result } = await runToEnd({ clock, url, deployment: UPDATE, settings, otherFields, service });
  const cancelled = simulated.acceptedCancels.map(({ deploymentId }) => (deploymentId === pinned ? 'pinned' : 'newer'));
  return { result, pinned, cancelled, simulated };
}

import type { ServiceFactory } from '../../../../emulator/core/service';
import type { FaultRule } from '../../../../emulator/simulation/faults';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { service } from '../../../../lambda/deployment/services/codedeploy';
import { runCodeDeploy } from '../../../emulator/services/codedeploy/serve-codedeploy';
import { type End, runToEnd } from '../run-to-end';

export const NAMES = { applicationName: 'shop', deploymentGroupName: 'web' };

/** `cancelled`: the deployment that was in flight first was stopped, once. No other one ever is. */
export const ENDS: Readonly<Record<ScenarioName, End<true>>> = {
  cancelled: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', cancelled: true },
  'cancel-fails': { outcome: 'CANCEL_FAILED', deploymentStatus: 'Failed', cancelled: true },
  'finishes-first': { outcome: 'COMPLETED_FIRST', deploymentStatus: 'Succeeded', cancelled: true },
  'nothing-to-cancel': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'Succeeded' },
  // The stop of somebody else does not show in the status, so it is requested again.
  'already-cancelling': { outcome: 'CANCELLED', deploymentStatus: 'Stopped', cancelled: true },
  throttled: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', cancelled: true },
  conflict: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'Succeeded' },
  refused: { outcome: 'REFUSED', deploymentStatus: 'InProgress', failed: true },
  'not-found': { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', failed: true },
  'access-denied': { outcome: 'ACCESS_DENIED', deploymentStatus: 'InProgress', failed: true },
  // The pinned deployment is read by its id, even if a newer one follows.
  superseded: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', cancelled: true },
  // The stop names the pinned one, so the newer one is not cancelled.
  overtaken: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'Succeeded' },
  vanishes: { outcome: 'SUPERSEDED', deploymentStatus: 'UNKNOWN', cancelled: true },
  unavailable: { outcome: 'UNAVAILABLE', deploymentStatus: 'UNKNOWN', failed: true },
  timeout: { outcome: 'TIMED_OUT', deploymentStatus: 'InProgress', failed: true, cancelled: true },
  slow: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', cancelled: true },
};

interface CancelOptions {
  /** The index of the deployment to specify by its id, the oldest first; by default, the group is specified. */
  readonly byId?: number;
  readonly settings?: object;
  readonly otherFields?: object;
  readonly faults?: readonly FaultRule[];
  /** Milliseconds before the cancellation starts. */
  readonly after?: number;
}

/** Runs a cancellation to its end. */
export async function cancel(
  populate: ServiceFactory,
  { byId, settings, otherFields, faults, after = 0 }: CancelOptions = {},
) {
  const { clock, simulated, url } = await runCodeDeploy(populate, faults);
  await clock.pass(after);
  const { deployments = [] } = simulated.resources.find(({ path }) => path === 'shop/web') ?? {};
  const ids = deployments.map(({ id }) => id);
  const identifiers = byId === undefined ? NAMES : { deploymentId: ids[byId] ?? 'd-NOTTHERE1' };
  const deployment = { kind: 'codedeploy-deployment', identifiers } as const;
  const ended = await runToEnd({ clock, url, deployment, settings, otherFields, service });
  const cancelled = simulated.acceptedCancels.map(
    ({ resource, deploymentId }) => `${resource} ${ids.indexOf(deploymentId)}`,
  );
  const statuses = simulated.deployments.map(({ status }) => status);
  return { ...ended, simulated, ids, cancelled, statuses };
}

/** Expects the end of the table, and that nothing but the pinned deployment was stopped. */
export async function expectEnd(name: ScenarioName): Promise<void> {
  const { outcome, deploymentStatus, failed = false, cancelled: expected } = ENDS[name];
  const { services = [], faults } = scenarioOf('codedeploy-deployment', name);
  const { result, ids, cancelled } = await cancel(services[0] as ServiceFactory, { faults });
  expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
  expect(result.reason).toContain('codedeploy deployment group shop/web');
  // Without a successful read, the id is unknown.
  if (name !== 'unavailable') expect(result.attributes.deploymentId).toBe(ids.at(-1));
  expect(cancelled).toEqual(expected ? ['shop/web 0'] : []);
}

import type { ServiceFactory } from '../../../../emulator/core/service';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import type { FaultRule, ScenarioName } from '../../../../emulator/simulation/scenarios';
import { codeDeployDriver } from '../../../../lambda/deployment/services/codedeploy/driver';
import { runCodeDeploy } from '../../../emulator/services/codedeploy/harness';
import { cancelStepByStep, type End } from '../run-to-end';

export const NAMES = { applicationName: 'shop', deploymentGroupName: 'web' };

/** `hit`: the one that was in flight at first has been stopped, once; no other one ever is. */
export const ENDS: Readonly<Record<ScenarioName, End<true>>> = {
  cancelled: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', hit: true },
  'cancel-fails': { outcome: 'CANCEL_FAILED', deploymentStatus: 'Failed', hit: true },
  'finishes-first': { outcome: 'COMPLETED_FIRST', deploymentStatus: 'Succeeded', hit: true },
  'nothing-to-cancel': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'Succeeded' },
  // That somebody else has asked for a stop does not show, so it is asked for again.
  'already-cancelling': { outcome: 'CANCELLED', deploymentStatus: 'Stopped', hit: true },
  throttled: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', hit: true },
  conflict: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'Succeeded' },
  refused: { outcome: 'REFUSED', deploymentStatus: 'InProgress', failed: true },
  'not-found': { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', failed: true },
  'access-denied': { outcome: 'ACCESS_DENIED', deploymentStatus: 'InProgress', failed: true },
  // The pinned one is looked at by its id, whatever comes after it.
  superseded: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', hit: true },
  // The stop names the pinned one, so the newer one is not hit.
  overtaken: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'Succeeded' },
  vanishes: { outcome: 'SUPERSEDED', deploymentStatus: 'UNKNOWN', hit: true },
  unavailable: { outcome: 'UNAVAILABLE', deploymentStatus: 'UNKNOWN', failed: true },
  timeout: { outcome: 'TIMED_OUT', deploymentStatus: 'InProgress', failed: true, hit: true },
  slow: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', hit: true },
};

interface Asked {
  /** Which deployment to the group is named by its id, counted from the oldest; else the group is named. */
  readonly byId?: number;
  readonly settings?: object;
  readonly more?: object;
  readonly faults?: readonly FaultRule[];
  /** Milliseconds that pass before it begins. */
  readonly after?: number;
}

/** Takes a cancellation from step to step, as the state machine does. */
export async function cancel(populate: ServiceFactory, { byId, settings, more, faults, after = 0 }: Asked = {}) {
  const { clock, world, url } = await runCodeDeploy(populate, faults);
  await clock.pass(after);
  const { deployments = [] } = world.resources.find(({ path }) => path === 'shop/web') ?? {};
  const ids = deployments.map(({ id }) => id);
  const identifiers = byId === undefined ? NAMES : { deploymentId: ids[byId] ?? 'd-NOTTHERE1' };
  const deployment = { kind: 'codedeploy-deployment', identifiers } as const;
  const ended = await cancelStepByStep({ clock, url, deployment, settings, more, driver: codeDeployDriver });
  const hits = world.acceptedCancels.map(({ resource, deploymentId }) => `${resource} ${ids.indexOf(deploymentId)}`);
  const statuses = world.deployments.map(({ status }) => status);
  return { ...ended, world, ids, hits, statuses };
}

/** A scenario ends as the table says, and nothing but the pinned deployment was stopped. */
export async function expectEnd(name: ScenarioName): Promise<void> {
  const { outcome, deploymentStatus, failed = false, hit } = ENDS[name];
  const { services = [], faults } = scenarioOf('codedeploy-deployment', name);
  const { result, ids, hits } = await cancel(services[0] as ServiceFactory, { faults });
  expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
  expect(result.reason).toContain('codedeploy deployment group shop/web');
  // Who cannot read it does not know which it is.
  if (name !== 'unavailable') expect(result.attributes.deploymentId).toBe(ids.at(-1));
  expect(hits).toEqual(hit ? ['shop/web 0'] : []);
}

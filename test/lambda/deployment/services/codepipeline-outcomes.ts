import type { ServiceFactory } from '../../../../emulator/core/service';
import type { FaultRule } from '../../../../emulator/simulation/faults';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { service } from '../../../../lambda/deployment/services/codepipeline';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { runCodePipeline } from '../../../emulator/services/codepipeline/serve-codepipeline';
import { type End, runToEnd } from '../run-to-end';

export const NAMES = { pipelineName: 'release' };

/** `cancelled`: the deployment that was in flight first was stopped, once. No other one ever is. */
export const ENDS: Readonly<Record<ScenarioName, End<true>>> = {
  cancelled: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', cancelled: true },
  'cancel-fails': { outcome: 'CANCEL_FAILED', deploymentStatus: 'Failed', cancelled: true },
  'finishes-first': { outcome: 'COMPLETED_FIRST', deploymentStatus: 'Succeeded', cancelled: true },
  'nothing-to-cancel': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'Succeeded' },
  'already-cancelling': { outcome: 'CANCELLED', deploymentStatus: 'Stopped' },
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
  timeout: { outcome: 'TIMED_OUT', deploymentStatus: 'Stopping', failed: true, cancelled: true },
  slow: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', cancelled: true },
};

interface CancelOptions {
  /** The index of the execution to specify by its id, the oldest first; by default, the pipeline is specified. */
  readonly byId?: number;
  readonly options?: Deployment['options'];
  readonly identifiers?: object;
  readonly settings?: object;
  readonly otherFields?: object;
  readonly faults?: readonly FaultRule[];
}

/** Runs a cancellation to its end. */
export async function cancel(
  populate: ServiceFactory,
  { byId, options, identifiers, settings, otherFields, faults }: CancelOptions = {},
) {
  const { clock, simulated, url } = await runCodePipeline(populate, faults);
  const { deployments = [] } = simulated.resources.find(({ path }) => path === 'release') ?? {};
  const ids = deployments.map(({ id }) => id);
  const one = byId === undefined ? {} : { executionId: ids[byId] };
  const names = { ...NAMES, ...one, ...identifiers };
  const deployment = { kind: 'codepipeline-execution', identifiers: names, options } as const;
  const ended = await runToEnd({ clock, url, deployment, settings, otherFields, service });
  const cancelled = simulated.acceptedCancels.map(
    ({ resource, deploymentId }) => `${resource} ${ids.indexOf(deploymentId)}`,
  );
  return { ...ended, simulated, ids, cancelled };
}

/** Expects the end of the table, and that nothing but the pinned execution was stopped. */
export async function expectEnd(name: ScenarioName): Promise<void> {
  const { outcome, deploymentStatus, failed = false, cancelled: expected } = ENDS[name];
  const { services = [], faults } = scenarioOf('codepipeline-execution', name);
  const { result, ids, cancelled } = await cancel(services[0] as ServiceFactory, { faults });
  expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
  expect(result.reason).toContain('pipeline release');
  // Without a successful read, the id is unknown.
  if (name !== 'unavailable') expect(result.attributes.deploymentId).toBe(ids.at(-1));
  expect(cancelled).toEqual(expected ? ['release 0'] : []);
}

import type { ServiceFactory } from '../../../../emulator/core/service';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import type { FaultRule, ScenarioName } from '../../../../emulator/simulation/scenarios';
import { codePipelineDriver } from '../../../../lambda/deployment/services/codepipeline';
import { runCodePipeline } from '../../../emulator/services/codepipeline/harness';
import { cancelStepByStep, type End } from '../run-to-end';

export const NAMES = { pipelineName: 'release' };

/** `hit`: the one that was in flight at first has been stopped, once; no other one ever is. */
export const ENDS: Readonly<Record<ScenarioName, End<true>>> = {
  cancelled: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', hit: true },
  'cancel-fails': { outcome: 'CANCEL_FAILED', deploymentStatus: 'Failed', hit: true },
  'finishes-first': { outcome: 'COMPLETED_FIRST', deploymentStatus: 'Succeeded', hit: true },
  'nothing-to-cancel': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'Succeeded' },
  'already-cancelling': { outcome: 'CANCELLED', deploymentStatus: 'Stopped' },
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
  timeout: { outcome: 'TIMED_OUT', deploymentStatus: 'Stopping', failed: true, hit: true },
  slow: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', hit: true },
};

interface Asked {
  /** Which execution is named by its id, counted from the oldest; else the pipeline is named. */
  readonly byId?: number;
  readonly identifiers?: object;
  readonly settings?: object;
  readonly more?: object;
  readonly faults?: readonly FaultRule[];
}

/** Takes a cancellation from step to step, as the state machine does. */
export async function cancel(populate: ServiceFactory, { byId, identifiers, settings, more, faults }: Asked = {}) {
  const { clock, world, url } = await runCodePipeline(populate, faults);
  const { deployments = [] } = world.resources.find(({ path }) => path === 'release') ?? {};
  const ids = deployments.map(({ id }) => id);
  const one = byId === undefined ? {} : { executionId: ids[byId] };
  const deployment = { kind: 'codepipeline-execution', identifiers: { ...NAMES, ...one, ...identifiers } } as const;
  const ended = await cancelStepByStep({ clock, url, deployment, settings, more, driver: codePipelineDriver });
  const hits = world.acceptedCancels.map(({ resource, deploymentId }) => `${resource} ${ids.indexOf(deploymentId)}`);
  return { ...ended, world, ids, hits };
}

/** A scenario ends as the table says, and nothing but the pinned execution was stopped. */
export async function expectEnd(name: ScenarioName): Promise<void> {
  const { outcome, deploymentStatus, failed = false, hit } = ENDS[name];
  const { services = [], faults } = scenarioOf('codepipeline-execution', name);
  const { result, ids, hits } = await cancel(services[0] as ServiceFactory, { faults });
  expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
  expect(result.reason).toContain('pipeline release');
  // Who cannot read it does not know which it is.
  if (name !== 'unavailable') expect(result.attributes.deploymentId).toBe(ids.at(-1));
  expect(hits).toEqual(hit ? ['release 0'] : []);
}

import type { ServiceFactory } from '../../../../emulator/core/service';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import type { FaultRule, ScenarioName } from '../../../../emulator/simulation/scenarios';
import { ecsDriver } from '../../../../lambda/deployment/services/ecs';
import { runEcs } from '../../../emulator/services/ecs/harness';
import { cancelStepByStep, type End } from '../run-to-end';

export const ARN = 'arn:aws:ecs:us-east-1:123456789012:service-deployment/prod/web';

/** `hit`: the one that was in flight at first has been stopped, once; no other one ever is. */
export const ENDS: Readonly<Record<ScenarioName, End<true>>> = {
  cancelled: { outcome: 'CANCELLED', deploymentStatus: 'ROLLBACK_SUCCESSFUL', hit: true },
  'cancel-fails': { outcome: 'CANCEL_FAILED', deploymentStatus: 'ROLLBACK_FAILED', hit: true },
  'finishes-first': { outcome: 'COMPLETED_FIRST', deploymentStatus: 'SUCCESSFUL', hit: true },
  'nothing-to-cancel': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'SUCCESSFUL' },
  'already-cancelling': { outcome: 'CANCELLED', deploymentStatus: 'ROLLBACK_SUCCESSFUL' },
  throttled: { outcome: 'CANCELLED', deploymentStatus: 'ROLLBACK_SUCCESSFUL', hit: true },
  conflict: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'SUCCESSFUL' },
  refused: { outcome: 'REFUSED', deploymentStatus: 'IN_PROGRESS', failed: true },
  'not-found': { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', failed: true },
  'access-denied': { outcome: 'ACCESS_DENIED', deploymentStatus: 'IN_PROGRESS', failed: true },
  // The pinned one is looked at by its id, whatever comes after it.
  superseded: { outcome: 'CANCELLED', deploymentStatus: 'ROLLBACK_SUCCESSFUL', hit: true },
  // The stop names the pinned one, so the newer one is not hit.
  overtaken: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'SUCCESSFUL' },
  vanishes: { outcome: 'SUPERSEDED', deploymentStatus: 'UNKNOWN', hit: true },
  unavailable: { outcome: 'UNAVAILABLE', deploymentStatus: 'UNKNOWN', failed: true },
  timeout: { outcome: 'TIMED_OUT', deploymentStatus: 'ROLLBACK_REQUESTED', failed: true, hit: true },
  slow: { outcome: 'CANCELLED', deploymentStatus: 'ROLLBACK_SUCCESSFUL', hit: true },
};

interface Asked {
  /** Which deployment of the service is named by its ARN, counted from the oldest; else the service is named. */
  readonly byArn?: number;
  readonly settings?: object;
  readonly more?: object;
  readonly faults?: readonly FaultRule[];
}

/** Takes a cancellation from step to step, as the state machine does. */
export async function cancel(populate: ServiceFactory, { byArn, settings, more, faults }: Asked = {}) {
  const { clock, world, url } = await runEcs(populate, faults);
  const { deployments = [] } = world.resources.find(({ path }) => path === 'prod/web') ?? {};
  const ids = deployments.map(({ id }) => id);
  const identifiers =
    byArn === undefined
      ? { clusterName: 'prod', serviceName: 'web' }
      : { serviceDeploymentArn: `${ARN}/${ids[byArn]}` };
  const deployment = { kind: 'ecs-service-deployment', identifiers } as const;
  const ended = await cancelStepByStep({ clock, url, deployment, settings, more, driver: ecsDriver });
  const hits = world.acceptedCancels.map(({ resource, deploymentId }) => `${resource} ${ids.indexOf(deploymentId)}`);
  return { ...ended, world, ids, hits };
}

/** A scenario ends as the table says, and nothing but the pinned service deployment was stopped. */
export async function expectEnd(name: ScenarioName): Promise<void> {
  const { outcome, deploymentStatus, failed = false, hit } = ENDS[name];
  const { services = [], faults } = scenarioOf('ecs-service-deployment', name);
  const { result, ids, hits } = await cancel(services[0] as ServiceFactory, { faults });
  expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
  expect(result.reason).toContain('ecs service prod/web');
  // Who cannot read it does not know which it is.
  if (name !== 'unavailable') expect(result.attributes.deploymentId).toBe(ids.at(-1));
  expect(hits).toEqual(hit ? ['prod/web 0'] : []);
}

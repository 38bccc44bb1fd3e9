import type { ServiceFactory } from '../../../../emulator/core/service';
import type { FaultRule } from '../../../../emulator/simulation/faults';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { service } from '../../../../lambda/deployment/services/ecs';
import { runEcs } from '../../../emulator/services/ecs/serve-ecs';
import { type End, runToEnd } from '../run-to-end';

export const ARN = 'arn:aws:ecs:us-east-1:123456789012:service-deployment/prod/web';

/** `cancelled`: the deployment that was in flight first was stopped, once. No other one ever is. */
export const ENDS: Readonly<Record<ScenarioName, End<true>>> = {
  cancelled: { outcome: 'CANCELLED', deploymentStatus: 'ROLLBACK_SUCCESSFUL', cancelled: true },
  'cancel-fails': { outcome: 'CANCEL_FAILED', deploymentStatus: 'ROLLBACK_FAILED', cancelled: true },
  'finishes-first': { outcome: 'COMPLETED_FIRST', deploymentStatus: 'SUCCESSFUL', cancelled: true },
  'nothing-to-cancel': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'SUCCESSFUL' },
  'already-cancelling': { outcome: 'CANCELLED', deploymentStatus: 'ROLLBACK_SUCCESSFUL' },
  throttled: { outcome: 'CANCELLED', deploymentStatus: 'ROLLBACK_SUCCESSFUL', cancelled: true },
  conflict: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'SUCCESSFUL' },
  refused: { outcome: 'REFUSED', deploymentStatus: 'IN_PROGRESS', failed: true },
  'not-found': { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', failed: true },
  'access-denied': { outcome: 'ACCESS_DENIED', deploymentStatus: 'IN_PROGRESS', failed: true },
  // The pinned deployment is read by its id, even if a newer one follows.
  superseded: { outcome: 'CANCELLED', deploymentStatus: 'ROLLBACK_SUCCESSFUL', cancelled: true },
  // The stop names the pinned one, so the newer one is not cancelled.
  overtaken: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'SUCCESSFUL' },
  vanishes: { outcome: 'SUPERSEDED', deploymentStatus: 'UNKNOWN', cancelled: true },
  unavailable: { outcome: 'UNAVAILABLE', deploymentStatus: 'UNKNOWN', failed: true },
  timeout: { outcome: 'TIMED_OUT', deploymentStatus: 'ROLLBACK_REQUESTED', failed: true, cancelled: true },
  slow: { outcome: 'CANCELLED', deploymentStatus: 'ROLLBACK_SUCCESSFUL', cancelled: true },
};

interface CancelOptions {
  /** The index of the deployment to specify by its ARN, the oldest first; by default, the service is specified. */
  readonly byArn?: number;
  readonly settings?: object;
  readonly otherFields?: object;
  readonly faults?: readonly FaultRule[];
}

/** Runs a cancellation to its end. */
export async function cancel(populate: ServiceFactory, { byArn, settings, otherFields, faults }: CancelOptions = {}) {
  const { clock, simulated, url } = await runEcs(populate, faults);
  const { deployments = [] } = simulated.resources.find(({ path }) => path === 'prod/web') ?? {};
  const ids = deployments.map(({ id }) => id);
  const identifiers =
    byArn === undefined
      ? { clusterName: 'prod', serviceName: 'web' }
      : { serviceDeploymentArn: `${ARN}/${ids[byArn]}` };
  const deployment = { kind: 'ecs-service-deployment', identifiers } as const;
  const ended = await runToEnd({ clock, url, deployment, settings, otherFields, service });
  const cancelled = simulated.acceptedCancels.map(
    ({ resource, deploymentId }) => `${resource} ${ids.indexOf(deploymentId)}`,
  );
  return { ...ended, simulated, ids, cancelled };
}

/** Expects the end of the table, and that nothing but the pinned service deployment was stopped. */
export async function expectEnd(name: ScenarioName): Promise<void> {
  const { outcome, deploymentStatus, failed = false, cancelled: expected } = ENDS[name];
  const { services = [], faults } = scenarioOf('ecs-service-deployment', name);
  const { result, ids, cancelled } = await cancel(services[0] as ServiceFactory, { faults });
  expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
  expect(result.reason).toContain('ecs service prod/web');
  // Without a successful read, the id is unknown.
  if (name !== 'unavailable') expect(result.attributes.deploymentId).toBe(ids.at(-1));
  expect(cancelled).toEqual(expected ? ['prod/web 0'] : []);
}

import type { Identifiers } from '../../lib/deployments/kind-definition';
import { serviceOf } from '../../lib/deployments/kinds';
import type { ResourceRequest, ResourceType } from '../aws/cloudformation/resource-type';
import { type Clock, sleep } from '../core/clock';
import { DEFAULT_ENVIRONMENT } from '../core/environment';
import { type DeploymentPlan, MINUTES, SECONDS } from '../core/plan';
import type { Emulator } from '../emulator';
import type { GenericStatus } from './scenarios';
import { planOf, simulationOf } from './service-simulation';

/** A resource that starts a deployment of a kind and its identifiers when its version changes. */
export const DEPLOYMENT_TYPE = 'Local::Deployment';

/** A resource that takes `afterSeconds`, and fails if `fails` is true. */
export const FAILURE_TYPE = 'Local::Check';

/** A deployment that runs for long, and can be cancelled. */
const STARTED: DeploymentPlan<GenericStatus> = {
  steps: [{ after: 25 * MINUTES, status: 'SUCCEEDED' }],
  onCancel: { steps: [{ after: 40 * SECONDS, status: 'CANCELLED' }] },
};

/**
 * Resource types of the emulator, for stacks that start deployments or fail.
 *
 * @param started the course of the deployments that stacks start
 */
export function testResourceTypes(
  clock: Clock,
  emulator: () => Emulator,
  started = STARTED,
): Readonly<Record<string, ResourceType>> {
  const deploy = async ({ properties, logicalId }: ResourceRequest) => {
    const deployed = properties as unknown as { readonly kind: string; readonly identifiers: Identifiers };
    const [plan] = planOf(deployed, { deployment: started }, DEFAULT_ENVIRONMENT).target.deployments;
    const service = emulator().simulatedService(serviceOf(deployed.kind));
    service.deploy(simulationOf(deployed.kind).path(deployed), plan ?? {});
    return { physicalId: logicalId, attributes: {} };
  };
  const check = async ({ properties, logicalId }: ResourceRequest) => {
    await sleep(clock, Number(properties.afterSeconds) * 1000);
    if (String(properties.fails) === 'true') throw new Error('the check says no');
    return { physicalId: logicalId, attributes: {} };
  };
  return {
    [DEPLOYMENT_TYPE]: {
      create: deploy,
      update: deploy,
      // The guard cancels the deployment, not the rollback of this resource.
      rollBack: async (_request, { state }) => state,
      delete: async () => undefined,
    },
    [FAILURE_TYPE]: { create: check, update: check, delete: async () => undefined, holdsClock: true },
  };
}

import type { ResourceRequest, ResourceType } from '../aws/cloudformation/resource-type';
import { type Clock, sleep } from '../core/clock';
import type { DeploymentPlan } from '../services/proton/plan';
import type { SimulatedProton } from '../services/proton/simulated-service';

/** A resource that starts a deployment of a service instance when its version changes. */
export const DEPLOYMENT_TYPE = 'Local::Proton::Deployment';

/** A resource that takes `afterSeconds`, and fails if `fails` is true. */
export const FAILURE_TYPE = 'Local::Check';

/** A deployment that runs for long, and can be cancelled. */
const STARTED: DeploymentPlan = {
  steps: [{ after: 25 * 60_000, status: 'SUCCEEDED' }],
  onCancel: { steps: [{ after: 40_000, status: 'CANCELLED' }] },
};

/** Resource types of the emulator, for stacks that start deployments or fail. */
export function testResourceTypes(clock: Clock, proton: () => SimulatedProton): Readonly<Record<string, ResourceType>> {
  const deploy = async ({ properties, logicalId }: ResourceRequest) => {
    const { serviceName, serviceInstanceName } = properties;
    proton().deploy(`service/${serviceName}/service-instance/${serviceInstanceName}`, STARTED);
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

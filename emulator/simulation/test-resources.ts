import type { ResourceRequest, ResourceType } from '../aws/cloudformation/resource-type';
import { type Clock, sleep } from '../core/clock';
import type { DeploymentPlan } from '../services/proton/plan';
import type { SimulatedProton } from '../services/proton/simulated-service';

/** Starts a deployment of a service instance, whenever its version changes. */
export const DEPLOYMENT_TYPE = 'Local::Proton::Deployment';

/** Takes `afterSeconds`, and fails if it `fails`. */
export const FAILURE_TYPE = 'Local::Check';

/** The deployments that stacks start here go on for long, and can be cancelled. */
const STARTED: DeploymentPlan = {
  steps: [{ after: 25 * 60_000, status: 'SUCCEEDED' }],
  onCancel: { steps: [{ after: 40_000, status: 'CANCELLED' }] },
};

/** Resource types of the embedded cloud's own, for stacks in which something else has to happen beside a cancellation. */
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
      // What it did is for others to take back.
      rollBack: async (_request, { state }) => state,
      delete: async () => undefined,
    },
    [FAILURE_TYPE]: { create: check, update: check, delete: async () => undefined, holdsClock: true },
  };
}

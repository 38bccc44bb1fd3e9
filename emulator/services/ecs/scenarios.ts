import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import type { ServiceSimulation } from '../../simulation/service-simulation';
import { emulateEcs } from './service';

export const simulation: ServiceSimulation<ServiceDeploymentStatus> = {
  statuses: {
    CANCELLING: 'ROLLBACK_IN_PROGRESS',
    CANCELLED: 'ROLLBACK_SUCCESSFUL',
    FAILED: 'ROLLBACK_FAILED',
    SUCCEEDED: 'SUCCESSFUL',
    DELETE_IN_PROGRESS: undefined,
  },
  refusals: { OVER: 'ConflictException', INVALID: 'InvalidParameterException' },
  path: ({ identifiers: { clusterName, serviceName } }) => `${clusterName}/${serviceName}`,
  account(targets, environment) {
    const clusters = targets.map(({ identifiers: { clusterName = '', serviceName = '' }, deployments }) => ({
      name: clusterName,
      services: deployments.length > 0 ? [{ name: serviceName, deployments }] : [],
    }));
    return { services: [(clock, consistency) => emulateEcs({ clusters }, clock, environment, consistency)] };
  },
};

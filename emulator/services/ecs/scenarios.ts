import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import type { ServiceSimulation } from '../../simulation/service-simulation';
import { emulateEcs } from './service';
import { OWN_SCENARIOS, strategyOf } from './strategies';

export const simulation: ServiceSimulation<ServiceDeploymentStatus> = {
  statuses: {
    CANCELLING: 'ROLLBACK_IN_PROGRESS',
    CANCELLED: 'ROLLBACK_SUCCESSFUL',
    FAILED: 'ROLLBACK_FAILED',
    SUCCEEDED: 'SUCCESSFUL',
    DELETE_IN_PROGRESS: undefined,
  },
  refusals: { OVER: 'ConflictException', INVALID: 'InvalidParameterException' },
  scenarios: OWN_SCENARIOS,
  commands: ({ identifiers: { clusterName, serviceName } }, id, arn) => ({
    find: `ecs list-service-deployments --cluster ${clusterName} --service ${serviceName}`,
    cancel: `ecs stop-service-deployment --service-deployment-arn ${arn(`service-deployment/${clusterName}/${serviceName}/${id}`)}`,
  }),
  path: ({ identifiers: { clusterName, serviceName } }) => `${clusterName}/${serviceName}`,
  account(targets, environment) {
    const clusters = targets.map(({ identifiers: { clusterName = '', serviceName = '' }, scenario, deployments }) => ({
      name: clusterName,
      services: deployments.length > 0 ? [{ name: serviceName, strategy: strategyOf(scenario), deployments }] : [],
    }));
    return { services: [(clock, consistency) => emulateEcs({ clusters }, clock, environment, consistency)] };
  },
};

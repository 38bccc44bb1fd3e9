import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import type { ServiceSimulation, Target } from '../../simulation/service-simulation';
import { emulateEcs } from './service';
import { OWN_SCENARIOS, strategyOf } from './strategies';

type EcsTarget = Target<ServiceDeploymentStatus>;

/** The service of a target, if it exists and is in the cluster. */
function servicesOf({ identifiers, scenario, deployments }: EcsTarget, clusterName: string) {
  const { serviceName: name = '' } = identifiers;
  if (identifiers.clusterName !== clusterName || deployments.length === 0) return [];
  return [{ name, strategy: strategyOf(scenario), deployments }];
}

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
    const names = new Set(targets.map(({ identifiers: { clusterName = '' } }) => clusterName));
    const clusters = [...names].map((name) => ({
      name,
      services: targets.flatMap((target) => servicesOf(target, name)),
    }));
    return { services: [(clock, consistency) => emulateEcs({ clusters }, clock, environment, consistency)] };
  },
};

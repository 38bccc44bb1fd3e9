import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import { ECS_STOP_ACTION, ecsServicePath } from '../../../lib/deployments/ecs/kinds';
import { accessDenied } from '../../aws/iam';
import type { SeededDeployment } from '../../core/plan';
import type { ServiceFactory } from '../../core/service';
import { DEFAULT_ENVIRONMENT } from '../../core/simulated-service';
import type { ScenarioProvider } from '../../simulation/scenario-provider';
import { resolveScenario, type ServiceProfile } from '../../simulation/scenarios';
import { embeddedEcs } from './service';
import { arnOf } from './simulated-service';

/** Which service the scenarios are about. */
export interface EcsNames {
  readonly cluster: string;
  readonly service: string;
}

export const DEFAULT_ECS_NAMES: EcsNames = { cluster: 'prod', service: 'web' };

const CALLER = {
  accountId: DEFAULT_ENVIRONMENT.account,
  roleName: 'deployment-function',
  sessionName: 'deployment-function',
};

export function profileOf(names: EcsNames): ServiceProfile<ServiceDeploymentStatus> {
  const resource = arnOf(DEFAULT_ENVIRONMENT, ecsServicePath(names));
  return {
    statuses: {
      CANCELLING: 'ROLLBACK_IN_PROGRESS',
      CANCELLED: 'ROLLBACK_SUCCESSFUL',
      FAILED: 'ROLLBACK_FAILED',
      SUCCEEDED: 'SUCCESSFUL',
      DELETE_IN_PROGRESS: undefined,
    },
    refusals: { OVER: 'ConflictException', INVALID: 'InvalidParameterException' },
    service: 'ecs',
    cancelOperation: 'StopServiceDeployment',
    readOperation: 'DescribeServiceDeployments',
    accessDenied: {
      kind: 'error',
      type: 'AccessDeniedException',
      message: accessDenied(CALLER, { action: ECS_STOP_ACTION, resource }),
    },
    throttled: { kind: 'error', type: 'ThrottlingException', message: 'Rate exceeded' },
  };
}

/** A cluster in which a service of those names is deployed as told; without deployments told, without the service. */
export function ecsService(
  { cluster, service }: EcsNames,
  ...deployments: readonly SeededDeployment<ServiceDeploymentStatus>[]
): ServiceFactory {
  const services = deployments.length > 0 ? [{ name: service, deployments }] : [];
  return (clock) => embeddedEcs({ clusters: [{ name: cluster, services }] }, clock);
}

export const ECS_SCENARIOS: ScenarioProvider = {
  kind: 'ecs-service-deployment',
  scenario(name, context) {
    const names = {
      cluster: context.cluster ?? DEFAULT_ECS_NAMES.cluster,
      service: context.service ?? DEFAULT_ECS_NAMES.service,
    };
    const { description, deployment, faults } = resolveScenario(name, profileOf(names));
    return { description, seed: {}, services: [ecsService(names, ...(deployment ? [deployment] : []))], faults };
  },
};

import type { FleetKindDefinition } from '../kind-definition';
import { validateEcsName } from './kinds';

/** Lists services. It has no resource type, so it can only be allowed on all of them, with a condition. */
export const ECS_LIST_SERVICES_ACTION = 'ecs:ListServices';

/** The kinds of fleet whose deployments ECS lists. */
export const ECS_FLEETS = {
  'ecs-cluster-services': {
    className: 'EcsFleet',
    identifiers: { clusterName: { validate: validateEcsName, sample: 'prod' } },
    displayName: ({ clusterName }) => `ecs services in cluster ${clusterName}`,
    deploymentOf: (serviceName, { identifiers: { clusterName = '' } }) => ({
      kind: 'ecs-service-deployment',
      identifiers: { clusterName, serviceName },
    }),
  },
} as const satisfies Readonly<Record<string, FleetKindDefinition>>;

import type { FleetKindDefinition } from '../kind-definition';
import { validateProtonName } from './kinds';

/** Lists service instances. It has no resource type, so it can only be allowed on all of them. */
export const PROTON_LIST_ACTION = 'proton:ListServiceInstances';

const SHARED = {
  className: 'ProtonFleet',
  deploymentOf: (key: string) => {
    const [serviceName = '', serviceInstanceName = ''] = key.split('/');
    return { kind: 'proton-service-instance', identifiers: { serviceName, serviceInstanceName } };
  },
} as const;

/** The kinds of fleet whose deployments are those of service instances that Proton lists. */
export const PROTON_FLEETS = {
  'proton-service-instances': {
    ...SHARED,
    identifiers: { serviceName: { validate: validateProtonName, sample: 'web' } },
    displayName: ({ serviceName }) => `service instances of ${serviceName}`,
  },
  'proton-environment-instances': {
    ...SHARED,
    identifiers: { environmentName: { validate: validateProtonName, sample: 'prod' } },
    displayName: ({ environmentName }) => `service instances in environment ${environmentName}`,
  },
} as const satisfies Readonly<Record<string, FleetKindDefinition>>;

export type ProtonFleetKind = keyof typeof PROTON_FLEETS;

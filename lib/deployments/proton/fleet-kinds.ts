import type { ProtonFleetKind } from '../../contract/fleet';

/** One kind of fleet whose deployments are those of service instances that Proton lists. */
export interface ProtonFleetDefinition {
  /** The name that addresses it. */
  readonly name: 'serviceName' | 'environmentName';
  /** What a person calls it. */
  displayName(value: string): string;
  /** Its service instances' ARNs after `arn:PARTITION:proton:REGION:ACCOUNT:`. */
  resources(value: string): string;
}

export const PROTON_FLEETS: Readonly<Record<ProtonFleetKind, ProtonFleetDefinition>> = {
  'proton-service-instances': {
    name: 'serviceName',
    displayName: (service) => `service instances of ${service}`,
    resources: (service) => `service/${service}/service-instance/*`,
  },
  // An ARN does not tell in which environment a service instance is.
  'proton-environment-instances': {
    name: 'environmentName',
    displayName: (environment) => `service instances in environment ${environment}`,
    resources: () => 'service/*/service-instance/*',
  },
};

/** Finds the service instances. It knows no resource type, so that it cannot be allowed for some of them only. */
export const PROTON_LIST_ACTION = 'proton:ListServiceInstances';

import { sampleIdentifiers } from '../../../lib/deployments/kinds';
import { PROTON_KINDS, type ProtonKindName } from '../../../lib/deployments/proton/kinds';
import type { DeployedSeed, InitialState, ServiceSeed } from './plan';

/** The names of all resources in an account. Each kind is identified by some of them. */
export interface Names {
  readonly environmentName: string;
  readonly serviceName: string;
  readonly serviceInstanceName: string;
  readonly componentName: string;
}

export const DEFAULT_NAMES: Names = Object.assign(
  {},
  ...Object.keys(PROTON_KINDS).map((kind) => sampleIdentifiers(kind)),
);

/** A resource that is deployed. */
export interface Target extends Names {
  readonly kind: ProtonKindName;
}

/** Creates an account with a resource; without `deployed`, an account in which only that resource does not exist. */
type CreateAccount = (names: Names, deployed: DeployedSeed | undefined) => InitialState;

const ACCOUNTS: Readonly<Record<ProtonKindName, CreateAccount>> = {
  'proton-service-instance': ({ environmentName, serviceName, serviceInstanceName: name }, deployed) => ({
    environments: [{ name: environmentName }],
    services: [{ name: serviceName, instances: deployed ? [{ name, environmentName, ...deployed }] : [] }],
  }),
  'proton-service-pipeline': ({ environmentName, serviceName: name }, deployed) => ({
    environments: [{ name: environmentName }],
    // The service exists without its pipeline.
    services: [{ name, pipeline: deployed && { environmentName, ...deployed } }],
  }),
  'proton-environment': ({ environmentName: name }, deployed) => ({
    environments: deployed ? [{ name, ...deployed }] : [],
  }),
  'proton-component': ({ environmentName, componentName: name }, deployed) => ({
    environments: [{ name: environmentName }],
    components: deployed ? [{ name, environmentName, ...deployed }] : [],
  }),
};

export function seedOf({ kind, ...names }: Target, deployed?: DeployedSeed): InitialState {
  return ACCOUNTS[kind](names, deployed);
}

/** Merges accounts into one. */
export function mergeSeeds(seeds: readonly InitialState[]): InitialState {
  const services = new Map<string, ServiceSeed>();
  for (const service of seeds.flatMap((seed) => seed.services ?? [])) {
    const before = services.get(service.name);
    const instances = [...(before?.instances ?? []), ...(service.instances ?? [])];
    services.set(service.name, { ...service, instances, pipeline: service.pipeline ?? before?.pipeline });
  }
  const environments = new Map<string, NonNullable<InitialState['environments']>[number]>();
  for (const environment of seeds.flatMap((seed) => seed.environments ?? [])) {
    environments.set(environment.name, { ...environments.get(environment.name), ...environment });
  }
  return {
    services: [...services.values()],
    environments: [...environments.values()],
    components: seeds.flatMap((seed) => seed.components ?? []),
  };
}

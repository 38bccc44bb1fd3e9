import { PROTON_KINDS, type ProtonKind, type ProtonKindName } from '../../../lib/deployments/proton/kinds';
import type { DeployedSeed, InitialState } from './plan';

type WithoutPrefix<Name> = Name extends `proton-${infer Kind}` ? Kind : never;

/** A kind of Proton resource, as scenarios and the context of the app call it. */
export type Kind = WithoutPrefix<ProtonKindName>;

/** All the names that a world uses; each kind is addressed by some of them. */
export interface Names {
  readonly environmentName: string;
  readonly serviceName: string;
  readonly serviceInstanceName: string;
  readonly componentName: string;
}

export const DEFAULT_NAMES: Names = {
  environmentName: 'prod',
  serviceName: 'web',
  serviceInstanceName: 'web-prod',
  componentName: 'bucket',
};

/** What is to be cancelled in a world. */
export interface Target extends Names {
  readonly kind: Kind;
}

/** The world around a target: `deployed` is what there is of it, and undefined if it is not there. */
type Surroundings = (names: Names, deployed: DeployedSeed | undefined) => InitialState;

const SURROUNDINGS: Readonly<Record<Kind, Surroundings>> = {
  'service-instance': ({ environmentName, serviceName, serviceInstanceName: name }, deployed) => ({
    environments: [{ name: environmentName }],
    services: [{ name: serviceName, instances: deployed ? [{ name, environmentName, ...deployed }] : [] }],
  }),
  'service-pipeline': ({ environmentName, serviceName: name }, deployed) => ({
    environments: [{ name: environmentName }],
    // A service without a pipeline is a service all the same.
    services: [{ name, pipeline: deployed && { environmentName, ...deployed } }],
  }),
  environment: ({ environmentName: name }, deployed) => ({ environments: deployed ? [{ name, ...deployed }] : [] }),
  component: ({ environmentName, componentName: name }, deployed) => ({
    environments: [{ name: environmentName }],
    components: deployed ? [{ name, environmentName, ...deployed }] : [],
  }),
};

export const KINDS = Object.keys(SURROUNDINGS) as readonly Kind[];
export const DEFAULT_KIND: Kind = 'service-instance';

export function isKind(text: string): text is Kind {
  return Object.hasOwn(SURROUNDINGS, text);
}

/** A world with the target in it, deployed as told, or, if nothing is told, without it. */
export function seedOf({ kind, ...names }: Target, deployed?: DeployedSeed): InitialState {
  return SURROUNDINGS[kind](names, deployed);
}

/** How the API and IAM address one of a kind. */
export function apiOf(kind: Kind): ProtonKind<keyof Names> {
  return PROTON_KINDS[`proton-${kind}`];
}

/** The operation that an action of IAM allows. */
export function operationOf(action: string): string {
  return action.slice(action.indexOf(':') + 1);
}

import type { DeploymentKind } from '../contract/cancellation';
import type { Fleet } from '../contract/fleet';

type Kind = DeploymentKind | Exclude<Fleet['kind'], 'list'>;
type BeforeHyphen<Name> = Name extends `${infer Service}-${string}` ? Service : never;

/** The services whose deployments can be cancelled: a kind's name begins with the one of its service. */
export type ServiceName = BeforeHyphen<Kind>;

/** The service of a kind of deployment, or of a kind of fleet that is found: `proton` of `proton-service-instance`. */
export function serviceOf(kind: Kind): ServiceName {
  return kind.slice(0, kind.indexOf('-')) as ServiceName;
}

/** The services of the deployments of a fleet. */
export function servicesOf(fleet: Fleet): ServiceName[] {
  return fleet.kind === 'list' ? fleet.deployments.map(({ kind }) => serviceOf(kind)) : [serviceOf(fleet.kind)];
}

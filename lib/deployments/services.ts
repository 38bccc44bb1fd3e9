import type { Fleet } from '../contract/fleet';
import { type ServiceName, serviceOf } from './kinds';

export { type ServiceName, serviceOf } from './kinds';

/** The services of the deployments of a fleet. */
export function servicesOf(fleet: Fleet): ServiceName[] {
  return 'deployments' in fleet ? fleet.deployments.map(({ kind }) => serviceOf(kind)) : [serviceOf(fleet.kind)];
}

import { type ServiceName, serviceOf } from '../../../lib/deployments/kinds';
import { InvalidRequestError } from '../../parse';
import type { Service } from './service';

type Modules = Readonly<Record<string, () => Promise<{ readonly service: Service }>>>;

/** The services, by the part of a kind before its first hyphen. The bundler makes each a file, loaded on the first import. */
const MODULES: Modules = {
  cloudformation: () => import('./cloudformation.js'),
  codedeploy: () => import('./codedeploy/index.js'),
  codepipeline: () => import('./codepipeline/index.js'),
  ecs: () => import('./ecs/index.js'),
  proton: () => import('./proton/index.js'),
} satisfies Record<ServiceName, unknown>;

/**
 * Loads the service of a kind of deployment or fleet. A service that is loaded already is not loaded again.
 *
 * @throws `InvalidRequestError` if there is no such service
 */
export async function serviceFor(kind: string, modules = MODULES): Promise<Service> {
  const name = serviceOf(kind);
  const load = Object.hasOwn(modules, name) ? modules[name] : undefined;
  if (load) return (await load()).service;
  throw new InvalidRequestError(
    `kind ${kind} belongs to service ${name}, which this function does not know; deploy the stack again with one version of this library`,
  );
}

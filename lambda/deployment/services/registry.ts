import type { DeploymentKind } from '../../../lib/contract/cancellation';
import { InvalidRequestError } from '../../parse';
import type { FoundFleet } from '../fleet/fleet-lister';
import type { Service } from './service';

type Kind = DeploymentKind | FoundFleet['kind'];
type BeforeHyphen<Name> = Name extends `${infer Service}-${string}` ? Service : never;
type Modules = Readonly<Record<string, () => Promise<{ readonly service: Service }>>>;

/** The services, by the part of a kind before its first hyphen. The bundler makes each a file, loaded on the first import. */
const MODULES: Modules = {
  cloudformation: () => import('./cloudformation.js'),
  codedeploy: () => import('./codedeploy/index.js'),
  codepipeline: () => import('./codepipeline.js'),
  ecs: () => import('./ecs.js'),
  proton: () => import('./proton/index.js'),
} satisfies Record<BeforeHyphen<Kind>, unknown>;

/**
 * Loads the service of a kind of deployment or fleet. A service that is loaded already is not loaded again.
 *
 * @throws `InvalidRequestError` if there is no such service
 */
export async function serviceFor(kind: Kind, modules = MODULES): Promise<Service> {
  const [name = ''] = kind.split('-');
  const load = Object.hasOwn(modules, name) ? modules[name] : undefined;
  if (load) return (await load()).service;
  throw new InvalidRequestError(
    `kind ${kind} belongs to service ${name}, which this function does not know; deploy the stack again with one version of this library`,
  );
}

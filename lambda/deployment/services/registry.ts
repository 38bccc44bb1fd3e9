import { type ServiceName, serviceOf } from '../../../lib/deployments/services';
import { InvalidRequestError } from '../../parse';
import type { Service } from './service';

type Modules = Readonly<Record<string, () => Promise<{ readonly service: Service }>>>;

/** Each is a file of its own, `NAME-service.js` but for a hash, which a stack ships only if it declares deployments of it. */
const MODULES: Modules = {
  cloudformation: () => import('./cloudformation.js'),
  codedeploy: () => import('./codedeploy/index.js'),
  codepipeline: () => import('./codepipeline.js'),
  ecs: () => import('./ecs.js'),
  proton: () => import('./proton/index.js'),
} satisfies Record<ServiceName, unknown>;

/** The services whose files are there, by name. */
export async function loadServices(modules = MODULES, here = __filename): Promise<ReadonlyMap<string, Service>> {
  const services = new Map<string, Service>();
  for (const [name, load] of Object.entries(modules)) {
    try {
      services.set(name, (await load()).service);
    } catch (error) {
      if (!isNotShipped(error, here)) throw error;
    }
  }
  return services;
}

/** The very file is not there; one that it needs itself has to be. */
function isNotShipped(error: unknown, here: string): boolean {
  const missing = error as { code?: string; requireStack?: readonly string[] } | undefined;
  return missing?.code === 'MODULE_NOT_FOUND' && missing.requireStack?.[0] === here;
}

/** @throws `InvalidRequestError` if nothing in the stack of the workflow has declared a deployment of that service */
export function serviceFor(kind: Parameters<typeof serviceOf>[0], services: ReadonlyMap<string, Service>): Service {
  const service = services.get(serviceOf(kind));
  if (service) return service;
  throw new InvalidRequestError(
    `kind ${kind} is not in this workflow: declare a deployment of ${serviceOf(kind)} in the stack of the workflow, and deploy that stack`,
  );
}

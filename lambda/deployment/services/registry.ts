import { type DeclarableKind, type ServiceName, serviceOf } from '../../../lib/deployments/kinds';
import { InvalidRequestError } from '../../parse';
import type { Service } from './service';

type Modules = Readonly<Record<string, () => Promise<{ readonly service: Service }>>>;

/** The services, by the part of a kind before its first hyphen, or by a kind that has a module of its own. The bundler makes each a file, loaded on the first import. */
const MODULES: Modules = {
  amplify: () => import('./amplify.js'),
  appconfig: () => import('./appconfig.js'),
  autoscaling: () => import('./autoscaling.js'),
  'cloudformation-stack-set-operation': () => import('./stack-sets.js'),
  cloudformation: () => import('./cloudformation.js'),
  'aws-api-deployment': () => import('./aws-api.js'),
  codebuild: () => import('./codebuild.js'),
  codedeploy: () => import('./codedeploy/index.js'),
  codepipeline: () => import('./codepipeline/index.js'),
  ecs: () => import('./ecs/index.js'),
  elasticbeanstalk: () => import('./elasticbeanstalk.js'),
  imagebuilder: () => import('./imagebuilder.js'),
  proton: () => import('./proton/index.js'),
  sagemaker: () => import('./sagemaker.js'),
  ssm: () => import('./ssm.js'),
} satisfies Record<ServiceName, unknown> & Partial<Record<DeclarableKind, unknown>>;

/**
 * Loads the service of a kind of deployment or fleet. A service that is loaded already is not loaded again.
 *
 * @throws `InvalidRequestError` if there is no such service
 */
export async function serviceFor(kind: string, modules = MODULES): Promise<Service> {
  const name = serviceOf(kind);
  const key = [kind, name].find((candidate) => Object.hasOwn(modules, candidate));
  const load = key === undefined ? undefined : modules[key];
  if (load) return (await load()).service;
  throw new InvalidRequestError(
    `kind ${kind} belongs to service ${name}, which this function does not know; deploy the stack again with one version of this library`,
  );
}

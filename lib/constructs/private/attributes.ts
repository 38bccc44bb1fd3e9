import type { CustomResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { type Deployment, RESOURCE_ATTRIBUTES, type ResourceAttribute } from '../../contract/cancellation';
import { deploymentDefinition } from '../../deployments/kinds';
import { InvalidConfigurationError } from '../../private/errors';
import type { IDeploymentAttributes } from '../deployment-attributes';

/** Creates the attributes of a deployment. Reading one that its kind does not have is an error that names `scope`. */
export function createAttributes(
  { kind }: Deployment,
  resource: CustomResource,
  scope: IConstruct,
): IDeploymentAttributes {
  const { className, attributes } = deploymentDefinition(kind);
  const read = (name: ResourceAttribute): string => {
    if (attributes.includes(name)) return resource.getAttString(name);
    throw new InvalidConfigurationError(
      `${className} of kind ${kind} has no attribute ${name}: it has ${attributes.join(', ') || 'none'}`,
      scope,
    );
  };
  const getters = RESOURCE_ATTRIBUTES.map((name) => [name, { enumerable: true, get: () => read(name) }] as const);
  return Object.defineProperties({} as IDeploymentAttributes, Object.fromEntries(getters));
}

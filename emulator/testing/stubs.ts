import type { ResourceRequest, ResourceState, ResourceType } from '../aws/cloudformation/resource-type';
import { isRecord, type Template, type TemplateResource } from '../aws/cloudformation/template';
import type { AwsEnvironment } from '../core/environment';

/** Stands before the type of a resource that has a stand-in. */
const PREFIX = 'Inert::';

export function originalType(type: string): string {
  return type.startsWith(PREFIX) ? type.slice(PREFIX.length) : type;
}

/** What `Ref` and `Fn::GetAtt` give of resources that do not matter. */
export interface Stub {
  readonly name: string;
  attribute(attribute: string): string;
}

export function stub(logicalId: string, type: string, properties: unknown, { region, account }: AwsEnvironment): Stub {
  const [ownName] = Object.values(namesIn(type, properties));
  const name = typeof ownName === 'string' ? ownName : logicalId;
  return {
    name,
    attribute(attribute) {
      if (attribute.endsWith('Arn')) return `arn:aws:inert:${region}:${account}:${logicalId}`;
      if (attribute === 'Name' || attribute === `${nounOf(type)}Name`) return name;
      return `${logicalId}-${attribute.replaceAll('.', '-')}`;
    },
  };
}

function nounOf(type: string): string {
  return type.slice(type.lastIndexOf(':') + 1);
}

/** The property by which a resource is named, such as `ClusterName` of `AWS::ECS::Cluster`, if it is there. */
function namesIn(type: string, properties: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(properties)) return {};
  const named = [`${nounOf(type)}Name`, 'Name'].find((property) => properties[property] !== undefined);
  return named === undefined ? {} : { [named]: properties[named] };
}

/** A template in which the resources of some types are stand-ins: nothing is left of them but their names. */
export function withStubs(template: unknown, stubResourceTypes: ReadonlySet<string>): unknown {
  if (!isRecord(template) || !isRecord(template.Resources)) return template;
  const resources = template.Resources as Template['Resources'];
  const Resources = Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => [
      id,
      stubResourceTypes.has(resource.Type) ? reduced(resource) : resource,
    ]),
  );
  return { ...template, Resources };
}

function reduced({ Type, Properties, DependsOn, Condition, DeletionPolicy }: TemplateResource): TemplateResource {
  return {
    Type: `${PREFIX}${Type}`,
    Properties: namesIn(Type, Properties),
    ...(DependsOn !== undefined && { DependsOn }),
    ...(Condition !== undefined && { Condition }),
    ...(DeletionPolicy === 'Retain' && { DeletionPolicy }),
  };
}

/** @param attributes all that templates ask for */
export function stubTypes(
  stubResourceTypes: ReadonlySet<string>,
  attributes: readonly string[],
  environment: AwsEnvironment,
): Readonly<Record<string, ResourceType>> {
  return Object.fromEntries(
    [...stubResourceTypes].map((type) => {
      const make = async ({ logicalId, properties }: ResourceRequest): Promise<ResourceState> => {
        const { name, attribute } = stub(logicalId, type, properties, environment);
        return { physicalId: name, attributes: Object.fromEntries(attributes.map((each) => [each, attribute(each)])) };
      };
      return [`${PREFIX}${type}`, { create: make, update: make, delete: async () => undefined }];
    }),
  );
}

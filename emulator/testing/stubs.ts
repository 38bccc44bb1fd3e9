import type { ResourceRequest, ResourceState, ResourceType } from '../aws/cloudformation/resource-type';
import { isRecord, type Template, type TemplateResource } from '../aws/cloudformation/template';
import { type AwsEnvironment, arnOf } from '../core/environment';

/** The prefix of the type of a stub. */
const PREFIX = 'Stub::';

export function originalType(type: string): string {
  return type.startsWith(PREFIX) ? type.slice(PREFIX.length) : type;
}

/** The values of `Ref` and `Fn::GetAtt` of a stub. */
export interface Stub {
  readonly name: string;
  attribute(attribute: string): string;
}

export function stub(logicalId: string, type: string, properties: unknown, environment: AwsEnvironment): Stub {
  const [ownName] = Object.values(nameIn(type, properties));
  const name = typeof ownName === 'string' ? ownName : logicalId;
  return {
    name: ARN_REFERENCES[type] === undefined ? name : arn(type, name, environment),
    attribute(attribute) {
      if (attribute.endsWith('Arn')) return arn(type, name, environment);
      if (attribute === 'Name' || attribute === `${nounOf(type)}Name`) return name;
      return `${logicalId}-${attribute.replaceAll('.', '-')}`;
    },
  };
}

/**
 * The types whose `Ref` is an ARN that the CDK takes apart, and the format of the last part of the ARN.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
 */
const ARN_REFERENCES: Readonly<Record<string, (name: string) => string>> = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer': (name) => `loadbalancer/app/${name}/0000000000000000`,
  'AWS::ElasticLoadBalancingV2::Listener': (name) => `listener/app/${name}/0000000000000000/0000000000000000`,
  'AWS::ElasticLoadBalancingV2::TargetGroup': (name) => `targetgroup/${name}/0000000000000000`,
};

/** The ARN of a stub, such as `arn:aws:ecs:us-east-1:123456789012:cluster/Prod`. */
function arn(type: string, name: string, environment: AwsEnvironment): string {
  const [, service = 'stub'] = type.toLowerCase().split('::');
  const path = ARN_REFERENCES[type]?.(name) ?? `${nounOf(type).toLowerCase()}/${name}`;
  return arnOf(environment, service.replace(/v2$/, ''), path);
}

function nounOf(type: string): string {
  return type.slice(type.lastIndexOf(':') + 1);
}

/** The property with the name of a resource, such as `ClusterName` of `AWS::ECS::Cluster`, if it has one. */
function nameIn(type: string, properties: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(properties)) return {};
  const property = [`${nounOf(type)}Name`, 'Name'].find((candidate) => properties[candidate] !== undefined);
  return property === undefined ? {} : { [property]: properties[property] };
}

export const FUNCTION_TYPE = 'AWS::Lambda::Function';

/**
 * Replaces the resources of some types with stubs, which keep only their names. The function of a custom resource is a stub
 * too, if it has no other custom resources.
 */
export function withStubs(template: unknown, isStub: (type: string) => boolean): unknown {
  const resources = resourcesOf(template);
  if (!resources) return template;
  const tokens = (stubbed: boolean) =>
    Object.values(resources).flatMap(({ Type, Properties }) =>
      Properties?.ServiceToken !== undefined && isStub(Type) === stubbed ? functionOf(Properties.ServiceToken) : [],
    );
  const used = new Set(tokens(false));
  const unused = new Set(tokens(true).filter((logicalId) => !used.has(logicalId)));
  const Resources = Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => [id, isStub(resource.Type) ? toStub(resource) : resource]),
  );
  return withStubFunctions({ ...(template as Template), Resources }, unused);
}

/** Replaces the code of some functions with code that does nothing. */
export function withStubFunctions(template: unknown, logicalIds: ReadonlySet<string>): unknown {
  const resources = resourcesOf(template);
  if (!resources || logicalIds.size === 0) return template;
  const Resources = Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => [
      id,
      logicalIds.has(id) && resource.Type === FUNCTION_TYPE ? toStubFunction(resource) : resource,
    ]),
  );
  return { ...(template as Template), Resources };
}

function resourcesOf(template: unknown): Template['Resources'] | undefined {
  return isRecord(template) && isRecord(template.Resources) ? (template.Resources as Template['Resources']) : undefined;
}

/** The logical ID in the service token of a custom resource. */
function functionOf(token: unknown): string[] {
  const [logicalId] = isRecord(token) ? [token['Fn::GetAtt']].flat() : [];
  return typeof logicalId === 'string' ? [logicalId] : [];
}

function toStubFunction({ Properties: { FunctionName, Role } = {}, ...resource }: TemplateResource): TemplateResource {
  const code = { Code: { ZipFile: STUB_CODE }, Handler: 'index.handler', Runtime: 'nodejs22.x' };
  return { ...resource, Properties: { ...(FunctionName !== undefined && { FunctionName }), Role, ...code } };
}

/** Succeeds as the function of a custom resource, and as one of the functions of the provider framework of the CDK. */
const STUB_CODE = `const { send, SUCCESS } = require('cfn-response');
exports.handler = (event, context, callback) => {
  const isRequest = event && event.RequestType !== undefined;
  if (isRequest && /^http/.test(event.ResponseURL)) {
    send(event, context, SUCCESS, {}, event.PhysicalResourceId || event.LogicalResourceId);
  } else {
    callback(null, isRequest ? { IsComplete: true } : undefined);
  }
};
`;

function toStub({ Type, Properties, DependsOn, Condition, DeletionPolicy }: TemplateResource): TemplateResource {
  return {
    Type: `${PREFIX}${Type}`,
    Properties: nameIn(Type, Properties),
    ...(DependsOn !== undefined && { DependsOn }),
    ...(Condition !== undefined && { Condition }),
    ...(DeletionPolicy === 'Retain' && { DeletionPolicy }),
  };
}

/**
 * The resource types of stubs.
 *
 * @param types the original types
 * @param attributes all attributes that templates refer to
 */
export function stubTypes(
  types: Iterable<string>,
  attributes: readonly string[],
  environment: AwsEnvironment,
): Readonly<Record<string, ResourceType>> {
  return Object.fromEntries(
    [...new Set(types)].map((type) => {
      const put = async ({ logicalId, properties }: ResourceRequest): Promise<ResourceState> => {
        const { name, attribute } = stub(logicalId, type, properties, environment);
        return { physicalId: name, attributes: Object.fromEntries(attributes.map((each) => [each, attribute(each)])) };
      };
      return [`${PREFIX}${type}`, { create: put, update: put, delete: async () => undefined }];
    }),
  );
}

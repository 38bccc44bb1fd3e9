import type { ResourceRequest, ResourceState, ResourceType } from './cloudformation/resource-type';

/** Calls a service as the role of a function, and returns the output. */
export type CallAs = (
  functionArn: string,
  call: { readonly service: string; readonly operation: string; readonly input: Readonly<Record<string, unknown>> },
) => object;

/** A call in the properties of `AwsCustomResource` of the CDK, as JSON. */
interface Call {
  readonly service: string;
  readonly action: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly physicalResourceId?: { readonly id?: string };
}

/**
 * The resource type of `AwsCustomResource` of the CDK. Its function sends responses to CloudFormation by HTTPS only, so
 * the emulator makes the calls, as the role of that function. Attributes, and IDs from responses, are not emulated.
 */
export function awsCustomResource(callAs: CallAs): ResourceType {
  const perform = ({ properties, logicalId }: ResourceRequest, when: string): string => {
    const text = properties[when];
    if (text === undefined) return logicalId;
    const { service, action, parameters = {}, physicalResourceId } = JSON.parse(String(text)) as Call;
    callAs(String(properties.ServiceToken), { service, operation: action, input: parameters });
    return physicalResourceId?.id ?? logicalId;
  };
  const done = (physicalId: string): ResourceState => ({ physicalId, attributes: {} });
  return {
    create: async (request) => done(perform(request, 'Create')),
    update: async (request) => done(perform(request, 'Update')),
    delete: async (request) => void perform(request, 'Delete'),
  };
}

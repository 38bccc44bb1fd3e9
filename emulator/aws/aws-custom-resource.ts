import type { ResourceRequest, ResourceState, ResourceType } from './cloudformation/resource-type';

/** Calls a service as the role of a function, and answers what it answers. */
export type CallAs = (
  functionArn: string,
  call: { readonly service: string; readonly operation: string; readonly input: Readonly<Record<string, unknown>> },
) => object;

/** What `AwsCustomResource` of the CDK wants to be called, as JSON. */
interface Call {
  readonly service: string;
  readonly action: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly physicalResourceId?: { readonly id?: string };
}

/**
 * The resource behind `AwsCustomResource` of the CDK, whose own function speaks to CloudFormation by HTTPS only: its calls
 * are made as the role of that function. Its attributes, and ids that come out of answers, are not known here.
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

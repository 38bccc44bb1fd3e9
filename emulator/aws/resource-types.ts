import { type AwsEnvironment, arnOf, globalArnOf, urlSuffixOf } from '../core/environment';
import type { Assets } from '../simulation/assembly';
import { awsCustomResource, type CallAs } from './aws-custom-resource';
import { isBuiltInType } from './cloudformation/built-in-types';
import type { ResourceRequest, ResourceType } from './cloudformation/resource-type';
import type { Pattern } from './event-pattern';
import type { Events, Target } from './events';
import type { PolicyDocument, TrustPolicy } from './iam';
import type { Kms } from './kms';
import type { FunctionPolicies } from './lambda/function-policies';
import type { InlineCode } from './lambda/inline-code';
import type { Lambda } from './lambda/lambda';
import { LAMBDA_TYPES } from './lambda/resource-types';
import { list, named, type Properties, placeholder, refuseOthers } from './named-resource';
import type { Roles } from './roles';
import type { Sns } from './sns';
import type { Ssm } from './ssm';
import type { StepFunctions } from './step-functions/step-functions';

/** The services that hold the resources of stacks. */
export interface Services {
  readonly environment: AwsEnvironment;
  readonly assembly: Assets;
  readonly inlineCode: InlineCode;
  readonly roles: Roles;
  readonly kms: Kms;
  readonly lambda: Lambda;
  readonly functionPolicies: FunctionPolicies;
  readonly stepFunctions: StepFunctions;
  readonly events: Events;
  readonly sns: Sns;
  readonly ssm: Ssm;
  readonly callAs: CallAs;
}

type CreateType = (services: Services) => ResourceType;

/** The AWS resource types of the emulator, limited to the properties that the templates of this library use. */
const TYPES: Readonly<Record<string, CreateType>> = {
  'AWS::IAM::Role': role,
  'AWS::IAM::Policy': (services) => policy(services, 'PolicyName', (name) => name),
  'AWS::IAM::ManagedPolicy': (services) =>
    policy(services, 'ManagedPolicyName', (name) => globalArnOf(services.environment, 'iam', `policy/${name}`)),
  'AWS::KMS::Key': key,
  'AWS::Logs::LogGroup': logGroup,
  'AWS::Logs::MetricFilter': () => placeholder('FilterName'),
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::Dashboard': () => placeholder('DashboardName'),
  ...LAMBDA_TYPES,
  'AWS::StepFunctions::StateMachine': stateMachine,
  'AWS::Events::Rule': rule,
  'AWS::SNS::Topic': topic,
  'AWS::SSM::Parameter': ssmParameter,
  'AWS::SQS::Queue': queue,
  'AWS::SQS::QueuePolicy': queuePolicy,
  'Custom::AWS': ({ callAs }) => awsCustomResource(callAs),
};

export function resourceTypes(services: Services): Readonly<Record<string, ResourceType>> {
  return Object.fromEntries(Object.entries(TYPES).map(([name, create]) => [name, create(services)]));
}

/** Whether the emulator has a resource type. */
export function isEmulatedType(name: string): boolean {
  return Object.hasOwn(TYPES, name) || isBuiltInType(name);
}

function role({ roles }: Services): ResourceType {
  return named(
    'RoleName',
    (name, properties) => {
      const inline = list<InlinePolicy>(properties.Policies);
      roles.putInline(name, new Map(inline.map(({ PolicyName, PolicyDocument }) => [PolicyName, PolicyDocument])));
      roles.putTrust(name, properties.AssumeRolePolicyDocument as TrustPolicy);
      return { physicalId: name, attributes: { Arn: roles.arnOf(name), RoleId: name } };
    },
    (name) => roles.remove(name),
  );
}

interface InlinePolicy {
  readonly PolicyName: string;
  readonly PolicyDocument: PolicyDocument;
}

/** An inline or managed policy that names its roles. */
function policy({ roles }: Services, nameProperty: string, physicalId: (name: string) => string): ResourceType {
  return named(
    nameProperty,
    (name, { Roles, PolicyDocument }) => {
      for (const roleName of list<string>(Roles)) roles.put(roleName, name, PolicyDocument as PolicyDocument);
      return { physicalId: physicalId(name), attributes: { Id: physicalId(name) } };
    },
    (name, { Roles }) => {
      for (const roleName of list<string>(Roles)) roles.detach(roleName, name);
    },
  );
}

/** A symmetric, enabled key, which is deleted without a waiting period. */
function key({ kms }: Services): ResourceType {
  const keyPolicyOf = ({ properties, logicalId }: ResourceRequest) => {
    const { KeyPolicy, EnableKeyRotation: _rotates, ...others } = properties;
    refuseOthers(others, logicalId);
    return KeyPolicy as PolicyDocument;
  };
  return {
    async create(request) {
      const { keyId, arn } = kms.create(keyPolicyOf(request));
      return { physicalId: keyId, attributes: { Arn: arn, KeyId: keyId } };
    },
    async update({ logicalId }) {
      throw new Error(`the emulator cannot update the key ${logicalId}`);
    },
    delete: async ({ state }) => kms.remove(state.physicalId),
  };
}

function logGroup({ environment }: Services): ResourceType {
  return named(
    'LogGroupName',
    (name) => ({
      physicalId: name,
      attributes: { Arn: arnOf(environment, 'logs', `log-group:${name}:*`) },
    }),
    () => undefined,
  );
}

function stateMachine({ environment, roles, stepFunctions }: Services): ResourceType {
  const machineArn = (name: string) => arnOf(environment, 'states', `stateMachine:${name}`);
  return named(
    'StateMachineName',
    (name, properties, exists) => {
      const roleArn = String(properties.RoleArn);
      const configuration = {
        definition: String(properties.DefinitionString),
        roleArn,
        accessKeyId: roles.accessKeyIdOf(roleArn),
        encryptionKey: encryptionKeyOf(properties),
      };
      if (exists) stepFunctions.updateStateMachine(machineArn(name), configuration);
      else stepFunctions.createStateMachine({ name, ...configuration });
      return { physicalId: machineArn(name), attributes: { Arn: machineArn(name), Name: name } };
    },
    (name) => stepFunctions.deleteStateMachine(machineArn(name)),
  );
}

function encryptionKeyOf({ EncryptionConfiguration: encryption }: Properties): string | undefined {
  return (encryption as { KmsKeyId?: string } | undefined)?.KmsKeyId;
}

function rule({ environment, events }: Services): ResourceType {
  const ruleArn = (name: string) => arnOf(environment, 'events', `rule/${name}`);
  return named(
    'Name',
    (name, { EventPattern, Targets }) => {
      // The schedule of a rule without a pattern never fires.
      if (EventPattern === undefined) events.remove(ruleArn(name));
      else events.put(ruleArn(name), { pattern: EventPattern as Pattern, targets: list<Target>(Targets) });
      return { physicalId: name, attributes: { Arn: ruleArn(name) } };
    },
    (name) => events.remove(ruleArn(name)),
  );
}

function topic({ environment, sns }: Services): ResourceType {
  const topicArn = (name: string) => arnOf(environment, 'sns', name);
  return named(
    'TopicName',
    (name) => {
      sns.create(topicArn(name));
      return { physicalId: topicArn(name), attributes: { TopicArn: topicArn(name), TopicName: name } };
    },
    (name) => sns.remove(topicArn(name)),
  );
}

function ssmParameter({ ssm }: Services): ResourceType {
  return named(
    'Name',
    (Name, { Type, Value, Description, Tier }, Overwrite) => {
      const input = { Name, Type, Value, Description, Tier, Overwrite };
      const given = Object.entries(input).filter(([, value]) => value !== undefined);
      ssm.call({ service: 'ssm', operation: 'PutParameter', input: Object.fromEntries(given) });
      return { physicalId: Name, attributes: { Type, Value } };
    },
    (Name) => void ssm.call({ service: 'ssm', operation: 'DeleteParameter', input: { Name } }),
  );
}

/** A queue that receives nothing. */
function queue({ environment }: Services): ResourceType {
  return named(
    'QueueName',
    (name) => ({
      physicalId: `https://sqs.${environment.region}.${urlSuffixOf(environment.partition)}/${environment.account}/${name}`,
      attributes: { Arn: arnOf(environment, 'sqs', name), QueueName: name },
    }),
    () => undefined,
  );
}

/** An alarm that is never triggered: metrics are not emulated. */
function alarm({ environment }: Services): ResourceType {
  return placeholder('AlarmName', (name) => ({ Arn: arnOf(environment, 'cloudwatch', `alarm:${name}`) }));
}

/** The policy of a queue, which is not evaluated. */
function queuePolicy(): ResourceType {
  return placeholder('Id', (name) => ({ Id: name }));
}

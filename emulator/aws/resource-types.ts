import type { Assets } from '../simulation/assembly';
import { awsCustomResource, type CallAs } from './aws-custom-resource';
import type { ResourceRequest, ResourceState, ResourceType } from './cloudformation/resource-type';
import type { Events, Pattern, Target } from './events';
import type { PolicyDocument } from './iam';
import type { Kms } from './kms';
import type { FunctionConfiguration } from './lambda/function';
import type { Lambda } from './lambda/lambda';
import type { Roles } from './roles';
import type { Sns } from './sns';
import type { StepFunctions } from './step-functions/step-functions';

/** The services that hold the resources of stacks. */
export interface Services {
  readonly region: string;
  readonly accountId: string;
  readonly assembly: Assets;
  readonly roles: Roles;
  readonly kms: Kms;
  readonly lambda: Lambda;
  readonly stepFunctions: StepFunctions;
  readonly events: Events;
  readonly sns: Sns;
  readonly callAs: CallAs;
}

/** The AWS resource types of the emulator, limited to the properties that the templates of this library use. */
export function resourceTypes(services: Services): Readonly<Record<string, ResourceType>> {
  return {
    'AWS::IAM::Role': role(services),
    'AWS::IAM::Policy': policy(services, 'PolicyName', (name) => name),
    'AWS::IAM::ManagedPolicy': policy(
      services,
      'ManagedPolicyName',
      (name) => `arn:aws:iam::${services.accountId}:policy/${name}`,
    ),
    'AWS::KMS::Key': key(services),
    'AWS::Logs::LogGroup': logGroup(services),
    'AWS::Logs::MetricFilter': placeholder('FilterName'),
    'AWS::CloudWatch::Alarm': alarm(services),
    'AWS::CloudWatch::Dashboard': placeholder('DashboardName'),
    'AWS::Lambda::Function': lambdaFunction(services),
    'AWS::StepFunctions::StateMachine': stateMachine(services),
    'AWS::Events::Rule': rule(services),
    'AWS::Lambda::Permission': permission(),
    'AWS::SNS::Topic': topic(services),
    'AWS::SQS::Queue': queue(services),
    'AWS::SQS::QueuePolicy': permission(),
    'Custom::AWS': awsCustomResource(services.callAs),
  };
}

type Properties = Readonly<Record<string, unknown>>;

/** A type whose resources keep their name as long as they exist, and are updated by being put again. */
function named(
  nameProperty: string,
  put: (name: string, properties: Properties, exists: boolean) => ResourceState,
  remove: (name: string, properties: Properties) => void,
): ResourceType {
  const nameOf = ({ stackName, logicalId, properties }: ResourceRequest) =>
    text(properties, nameProperty) ?? shortened(`${stackName.slice(0, 24)}-${logicalId}`);
  return {
    create: async (request) => put(nameOf(request), request.properties, false),
    async update(request, old) {
      if (nameOf(request) !== nameOf(old)) throw new Error(`the emulator cannot rename ${request.logicalId}`);
      return put(nameOf(request), request.properties, true);
    },
    delete: async (request) => remove(nameOf(request), request.properties),
  };
}

/** Keeps the end of a name: two long logical IDs differ there. */
function shortened(name: string): string {
  return name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME - 10)}${name.slice(-10)}`;
}

/** The smallest of the maximum lengths of names of these types. */
const MAX_NAME = 64;

function role({ roles }: Services): ResourceType {
  return named(
    'RoleName',
    (name, properties) => {
      const inline = list<InlinePolicy>(properties.Policies);
      roles.putInline(name, new Map(inline.map(({ PolicyName, PolicyDocument }) => [PolicyName, PolicyDocument])));
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
    const [unsupported] = Object.keys(others);
    if (unsupported) throw new Error(`the emulator does not support ${unsupported} of the key ${logicalId}`);
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

function logGroup({ region, accountId }: Services): ResourceType {
  return named(
    'LogGroupName',
    (name) => ({
      physicalId: name,
      attributes: { Arn: `arn:aws:logs:${region}:${accountId}:log-group:${name}:*` },
    }),
    () => undefined,
  );
}

function lambdaFunction({ region, accountId, assembly, roles, lambda }: Services): ResourceType {
  const arnOf = (name: string) => `arn:aws:lambda:${region}:${accountId}:function:${name}`;
  return named(
    'FunctionName',
    (functionName, properties) => {
      const { S3Key } = properties.Code as { S3Key?: string };
      if (S3Key === undefined) throw new Error(`the emulator cannot run the inline code of ${functionName}`);
      const logging = (properties.LoggingConfig ?? {}) as { LogFormat?: FunctionConfiguration['logFormat'] };
      lambda.register({
        functionName,
        arn: arnOf(functionName),
        codeDirectory: assembly.pathOf(S3Key),
        handler: String(properties.Handler),
        environment: ((properties.Environment ?? {}) as { Variables?: Record<string, string> }).Variables ?? {},
        memorySize: Number(properties.MemorySize ?? 128),
        timeout: Number(properties.Timeout ?? 3),
        accessKeyId: roles.accessKeyIdOf(String(properties.Role)),
        logFormat: logging.LogFormat,
      });
      return { physicalId: functionName, attributes: { Arn: arnOf(functionName) } };
    },
    (functionName) => lambda.deregister(arnOf(functionName)),
  );
}

function stateMachine({ region, accountId, roles, stepFunctions }: Services): ResourceType {
  const arnOf = (name: string) => `arn:aws:states:${region}:${accountId}:stateMachine:${name}`;
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
      if (exists) stepFunctions.updateStateMachine(arnOf(name), configuration);
      else stepFunctions.createStateMachine({ name, ...configuration });
      return { physicalId: arnOf(name), attributes: { Arn: arnOf(name), Name: name } };
    },
    (name) => stepFunctions.deleteStateMachine(arnOf(name)),
  );
}

function encryptionKeyOf({ EncryptionConfiguration: encryption }: Properties): string | undefined {
  return (encryption as { KmsKeyId?: string } | undefined)?.KmsKeyId;
}

function rule({ region, accountId, events }: Services): ResourceType {
  return named(
    'Name',
    (name, { EventPattern, Targets }) => {
      events.put(name, { pattern: EventPattern as Pattern, targets: list<Target>(Targets) });
      return { physicalId: name, attributes: { Arn: `arn:aws:events:${region}:${accountId}:rule/${name}` } };
    },
    (name) => events.remove(name),
  );
}

function topic({ region, accountId, sns }: Services): ResourceType {
  const arnOf = (name: string) => `arn:aws:sns:${region}:${accountId}:${name}`;
  return named(
    'TopicName',
    (name) => {
      sns.create(arnOf(name));
      return { physicalId: arnOf(name), attributes: { TopicArn: arnOf(name), TopicName: name } };
    },
    (name) => sns.remove(arnOf(name)),
  );
}

/** A queue that receives nothing. */
function queue({ region, accountId }: Services): ResourceType {
  return named(
    'QueueName',
    (name) => ({
      physicalId: `https://sqs.${region}.amazonaws.com/${accountId}/${name}`,
      attributes: { Arn: `arn:aws:sqs:${region}:${accountId}:${name}`, QueueName: name },
    }),
    () => undefined,
  );
}

/** An alarm that is never triggered: metrics are not emulated. */
function alarm({ region, accountId }: Services): ResourceType {
  return placeholder('AlarmName', (name) => ({ Arn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}` }));
}

/** A resource-based policy, which is not evaluated. */
function permission(): ResourceType {
  return placeholder('Id', (name) => ({ Id: name }));
}

/** A resource that can be created and referred to, without any effect. */
function placeholder(
  nameProperty: string,
  attributes: (name: string) => ResourceState['attributes'] = () => ({}),
): ResourceType {
  return named(
    nameProperty,
    (name) => ({ physicalId: name, attributes: attributes(name) }),
    () => undefined,
  );
}

function text(properties: Properties, name: string): string | undefined {
  const value = properties[name];
  return typeof value === 'string' ? value : undefined;
}

function list<T>(value: unknown): readonly T[] {
  return (value ?? []) as readonly T[];
}

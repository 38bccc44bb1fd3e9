import * as cdk from 'aws-cdk-lib';
import { AspectPriority, Aspects, Stack } from 'aws-cdk-lib';
import { Policy, PolicyDocument, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

const NOT_TRACED =
  'Tracing is an option. It is off by default, because the permissions that it needs are on all resources.';

/** The rules of the cdk-nag packs AwsSolutions and Serverless that parts of this package do not meet, with the reasons. */
const REASONS = {
  stateMachineNotTraced: {
    rules: ['AwsSolutions-SF2', 'Serverless-StepFunctionStateMachineXray'],
    reason: NOT_TRACED,
  },
  functionNotTraced: { rules: ['Serverless-LambdaTracing'], reason: NOT_TRACED },
  noResourceType: {
    rules: ['AwsSolutions-IAM5[Resource::*]'],
    reason:
      'The actions of X-Ray, of log delivery, and those that list network interfaces and subnets have no resource type.',
  },
  describesNetwork: {
    rules: ['Serverless-LambdaStarPermissions'],
    reason:
      'The actions that list network interfaces and subnets have no resource type. A Deny keeps the code of the function from using them.',
  },
  holdsResponseUrls: {
    rules: ['Serverless-LambdaDLQ', 'Serverless-LambdaAsyncFailureDestination'],
    reason:
      'A queue of failed events would keep the events of CloudFormation, which contain the secret response URL. A request without a response ends with the ServiceTimeout of its resource.',
  },
  synchronous: {
    rules: ['Serverless-LambdaDLQ'],
    reason:
      'Only state machines invoke the function, and they wait for its result. A dead-letter queue would never receive an event.',
  },
  invokedByCodePipeline: {
    rules: ['Serverless-LambdaDLQ', 'Serverless-LambdaAsyncFailureDestination'],
    reason:
      'CodePipeline fails a job that gets no result, and shows it in the pipeline. A queue of failed events would only repeat that.',
  },
  endsWithServiceTimeout: {
    rules: ['Serverless-EventBusDLQ'],
    reason:
      'The event is of use only while CloudFormation waits for a response. A dead-letter queue would deliver it after the ServiceTimeout of the resource.',
  },
  lateEventsDropped: {
    rules: ['Serverless-EventBusDLQ'],
    reason:
      'A late event is dropped, because it must not cancel a deployment that started after it. The option deadLetterQueue keeps such events.',
  },
} as const;

/** Acknowledges rules of cdk-nag for a part of this package, so that cdk-nag does not report them to users. */
export function acknowledge(scope: IConstruct, ...names: (keyof typeof REASONS)[]): void {
  for (const name of names) {
    const { rules, reason } = REASONS[name];
    for (const id of rules) acknowledgeRule(scope, id, reason);
  }
}

/** Acknowledges each resource with a wildcard in the statements. cdk-nag has a finding for each of them. */
export function acknowledgeWildcards(
  scope: IConstruct,
  statements: PolicyStatement[] | PolicyDocument,
  reason: string,
): void {
  const document = Array.isArray(statements) ? new PolicyDocument({ statements }) : statements;
  for (const pattern of wildcardsIn(document, scope)) acknowledgeWildcard(scope, pattern, reason);
}

/**
 * Acknowledges each resource with a wildcard that `statements` add to policies of the stack of `scope`, whose constructs
 * belong to the user. Other wildcards of these policies are not acknowledged.
 */
export function acknowledgeWildcardsWhereAdded(scope: IConstruct, statements: PolicyStatement[], reason: string): void {
  const visit = (node: IConstruct) => {
    if (node !== scope) return;
    const added = wildcardsIn(new PolicyDocument({ statements }), scope);
    for (const policy of Stack.of(scope).node.findAll().filter(isPolicy)) {
      for (const pattern of wildcardsIn(policy.document, policy)) {
        if (added.has(pattern)) acknowledgeWildcard(policy, pattern, reason);
      }
    }
  };
  // The policies are complete only at synthesis.
  Aspects.of(scope).add({ visit }, { priority: AspectPriority.READONLY });
}

/** Acknowledges each resource with a wildcard that `add` adds to the policy of a role. */
export function acknowledgeWildcardsAddedTo<T>(role: IConstruct, reason: string, add: () => T): T {
  const wildcards = () => {
    const policy = role.node.tryFindChild('DefaultPolicy');
    return policy && isPolicy(policy) ? wildcardsIn(policy.document, policy) : new Set<string>();
  };
  const before = wildcards();
  const result = add();
  for (const pattern of wildcards()) if (!before.has(pattern)) acknowledgeWildcard(role, pattern, reason);
  return result;
}

function isPolicy(construct: IConstruct): construct is Policy {
  return construct instanceof Policy;
}

/** The resources with wildcards in a policy, as cdk-nag writes them. */
function wildcardsIn(document: PolicyDocument, scope: IConstruct): ReadonlySet<string> {
  const { Statement = [] }: RenderedDocument = Stack.of(scope).resolve(document) ?? {};
  const resources = Statement.flatMap(({ Resource }) => [Resource].flat().map(flatten));
  return new Set(resources.filter((text) => text.includes('*')));
}

function acknowledgeWildcard(scope: IConstruct, pattern: string, reason: string): void {
  const id = `AwsSolutions-IAM5[Resource::${pattern}]`;
  if (!isAcknowledged(scope, id)) acknowledgeRule(scope, id, reason);
}

/** The part of `Validations` of the CDK that this module uses. */
interface ValidationsOfCdk {
  readonly ACKNOWLEDGED_RULES_METADATA_KEY: string;
  of(scope: IConstruct): { acknowledge(rule: { readonly id: string; readonly reason: string }): void };
}

function validations(): ValidationsOfCdk | undefined {
  const { Validations }: { readonly Validations?: ValidationsOfCdk } = cdk as object;
  return Validations;
}

/** Acknowledges a rule if the version of the CDK can. Older ones have no acknowledgements, or reject IDs that contain `::`. */
function acknowledgeRule(scope: IConstruct, id: string, reason: string): void {
  try {
    validations()?.of(scope).acknowledge({ id, reason });
  } catch (error) {
    if (!id.includes('::')) throw error;
  }
}

/** The CDK puts the name of a plugin before the ID of a rule. */
function isAcknowledged(scope: IConstruct, id: string): boolean {
  return scope.node.metadata
    .filter(({ type }) => type === validations()?.ACKNOWLEDGED_RULES_METADATA_KEY)
    .some(({ data }) => Object.keys(data).some((known) => known.endsWith(`::${id}`)));
}

interface RenderedDocument {
  readonly Statement?: readonly { readonly Resource: unknown }[];
}

/** Writes a resolved value as cdk-nag does in the IDs of its findings: `arn:<AWS::Partition>:states:…:<Machine.Name>:*`. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, argument] = ['', value]] = Object.entries(value as object);
  switch (name) {
    case 'Ref':
      return `<${argument}>`;
    case 'Fn::GetAtt':
      return `<${argument.join('.')}>`;
    case 'Fn::Join':
      return argument[1].map(flatten).join(argument[0]);
    default:
      return JSON.stringify(value);
  }
}

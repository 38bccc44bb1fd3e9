import { Stack, Validations } from 'aws-cdk-lib';
import { PolicyDocument, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

const NOT_TRACED =
  'Traced when asked: tracing is an option, off by default, since its permissions are on all resources.';

/** Rules of cdk-nag's packs AwsSolutions and Serverless that parts of this package do not meet, on purpose, and why. */
const REASONS = {
  machineNotTraced: {
    rules: ['AwsSolutions-SF2', 'Serverless-StepFunctionStateMachineXray'],
    reason: NOT_TRACED,
  },
  functionNotTraced: { rules: ['Serverless-LambdaTracing'], reason: NOT_TRACED },
  noResourceType: {
    rules: ['AwsSolutions-IAM5[Resource::*]'],
    reason:
      'The actions of X-Ray, of the delivery of logs, and those that look for network interfaces know no resource type.',
  },
  lambdaLooksForInterfaces: {
    rules: ['Serverless-LambdaStarPermissions'],
    reason:
      'To look for network interfaces and subnets knows no resource type. The code of the function may not do it.',
  },
  notQueued: {
    rules: ['Serverless-LambdaDLQ'],
    reason:
      'A dead-letter queue would keep the events of CloudFormation, and with them the URL at which it takes any answer. What is not answered ends with the ServiceTimeout of its resource.',
  },
  neverAsynchronous: {
    rules: ['Serverless-LambdaDLQ'],
    reason: 'Only state machines invoke it, and wait for its result: nothing would ever come to a dead-letter queue.',
  },
  askedAgain: {
    rules: ['Serverless-LambdaDLQ'],
    reason:
      'What CodePipeline has invoked and is not told of fails there, where it is seen; a queue would only repeat it.',
  },
  notRepeated: {
    rules: ['Serverless-EventBusDLQ'],
    reason:
      'An event is worth something only while CloudFormation waits for the execution that it tells of; later, the ServiceTimeout has ended the wait.',
  },
  tooLate: {
    rules: ['Serverless-EventBusDLQ'],
    reason:
      'An event that is late must not cancel what is in flight by then, so it is dropped; deadLetterQueue keeps it when asked.',
  },
} as const;

/** Says of a part of this package which rules it does not meet, so that nobody who uses cdk-nag is told of them again. */
export function acknowledge(scope: IConstruct, ...names: (keyof typeof REASONS)[]): void {
  for (const name of names) {
    const { rules, reason } = REASONS[name];
    Validations.of(scope).acknowledge(...rules.map((id) => ({ id, reason })));
  }
}

/** The same for statements that cannot name every resource, each of them by its pattern, as cdk-nag counts them. */
export function acknowledgeWildcards(
  scope: IConstruct,
  statements: PolicyStatement[] | PolicyDocument,
  reason: string,
): void {
  const document = Array.isArray(statements) ? new PolicyDocument({ statements }) : statements;
  const { Statement = [] }: RenderedDocument = Stack.of(scope).resolve(document) ?? {};
  const patterns = Statement.flatMap(({ Resource }) => [Resource].flat().map(flatten)).filter((text) =>
    text.includes('*'),
  );
  for (const pattern of new Set(patterns)) {
    const id = `AwsSolutions-IAM5[Resource::${pattern}]`;
    if (!isAcknowledged(scope, id)) Validations.of(scope).acknowledge({ id, reason });
  }
}

/** CDK puts the name of a plugin before an id. */
function isAcknowledged(scope: IConstruct, id: string): boolean {
  return scope.node.metadata
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .some(({ data }) => Object.keys(data).some((known) => known.endsWith(`::${id}`)));
}

interface RenderedDocument {
  readonly Statement?: readonly { readonly Resource: unknown }[];
}

/** A resolved value as cdk-nag writes it in the ids of its findings: `arn:<AWS::Partition>:states:…:<Machine.Name>:*`. */
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

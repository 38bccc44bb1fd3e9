import type { RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/**
 * Options of the cancellation workflow of a stack. All cancellations of a stack share it: each may set options, but not
 * different values of one option.
 */
export interface CancellationWorkflowOptions {
  /**
   * The retention of the logs of the functions and the state machines.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * What happens to the log groups when the stack is deleted.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly logRemovalPolicy?: RemovalPolicy;

  /**
   * The log group of the functions and the state machines. The workflow does not change its retention, removal policy and
   * encryption, so `logRetention` and `logRemovalPolicy` cannot be used with it.
   *
   * Metrics from the log count all events of the log group: with these metrics, use one log group for each stack.
   *
   * It is decided when the workflow is created, by the first construct that uses it.
   *
   * @default - one for each function, and one for the state machines
   */
  readonly logGroup?: ILogGroup;

  /**
   * The role of the function that calls the service whose deployment is cancelled. Lambda must be able to assume it.
   *
   * The workflow adds its permissions to the role, unless the role is immutable: such a role must have them.
   *
   * It is decided when the workflow is created, by the first construct that uses it.
   *
   * @default - a role is created
   */
  readonly deploymentRole?: IRole;

  /**
   * The role of the function that handles the requests of CloudFormation. Lambda must be able to assume it.
   *
   * The workflow adds its permissions to the role, unless the role is immutable: such a role must have them.
   *
   * It is decided when the workflow is created, by the first construct that uses it.
   *
   * @default - a role is created
   */
  readonly cloudFormationRole?: IRole;

  /**
   * The role of the state machine, and of the one that cancels fleets. Step Functions must be able to assume it.
   *
   * The workflow adds its permissions to the role, unless the role is immutable: such a role must have them.
   *
   * It is decided when the workflow is created, by the first construct that uses it.
   *
   * @default - a role is created for each state machine
   */
  readonly stateMachineRole?: IRole;

  /**
   * The memory of each function, in MiB, from 128 to 10240. More memory means more computing power.
   *
   * @default 128
   */
  readonly memorySize?: number;

  /**
   * The maximum number of concurrent invocations of each function, which are reserved for it. The state machines wait when it
   * is reached.
   *
   * @default - the functions share the concurrency of the account
   */
  readonly reservedConcurrentExecutions?: number;

  /**
   * Whether AWS X-Ray traces the functions and the state machines.
   *
   * @default false
   */
  readonly tracing?: boolean;

  /**
   * A symmetric key that encrypts the data of the workflow: its logs, the definitions and executions of its state
   * machines, the environments of its functions, and the parameters with the response URLs of CloudFormation.
   *
   * With the default, everyone in the account who has `ssm:GetParameter` on the parameters, as with the managed policy
   * `ReadOnlyAccess`, can read the response URL of a resource while its execution runs, and respond in its place. With a
   * key, reading it also takes `kms:Decrypt` on that key.
   *
   * The roles of the workflow get the permissions that they need, and CloudWatch Logs gets them in the policy of the key.
   * The policy of an imported key is not changed: it must allow CloudWatch Logs (`logs.<region>.amazonaws.com`) to encrypt
   * and decrypt, log delivery (`delivery.logs.amazonaws.com`) to decrypt, and the account to use IAM policies for the key.
   *
   * @default - keys that AWS owns or manages
   * @see https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
   * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
   */
  readonly encryptionKey?: IKey;

  /**
   * The VPC of the functions. Through a NAT gateway or VPC endpoints, they must reach Parameter Store, Step Functions,
   * CloudFormation, the service whose deployment is cancelled, AWS STS for a `role`, and Amazon S3, which receives the
   * responses to CloudFormation.
   *
   * @default - the functions are not in a VPC
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
   */
  readonly vpc?: IVpc;

  /**
   * The subnets of the functions; requires `vpc`. Functions have no public IP address, so they have no internet access
   * in a public subnet.
   *
   * @default - the private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the functions; requires `vpc`.
   *
   * @default - one for each function, with all outbound and no inbound traffic
   */
  readonly securityGroups?: ISecurityGroup[];
}

export type OptionName = keyof CancellationWorkflowOptions;

/** The type makes sure that no option is missing. `vpc` comes before the options that require it. */
const ALL: Readonly<Record<OptionName, true>> = {
  logRetention: true,
  logRemovalPolicy: true,
  logGroup: true,
  deploymentRole: true,
  cloudFormationRole: true,
  stateMachineRole: true,
  tracing: true,
  memorySize: true,
  reservedConcurrentExecutions: true,
  encryptionKey: true,
  vpc: true,
  vpcSubnets: true,
  securityGroups: true,
};
export const OPTION_NAMES = Object.keys(ALL) as readonly OptionName[];

/** Returns the options that are defined, without the other properties of the object. */
export function pickDefined(options: CancellationWorkflowOptions): CancellationWorkflowOptions {
  const names = OPTION_NAMES.filter((name) => options[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}

/** Compares lists and plain objects by value, and everything else, such as constructs, by identity. */
export function isSame(one: unknown, other: unknown): boolean {
  if (!isPlain(one) || !isPlain(other)) return one === other;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Array.isArray(one) === Array.isArray(other) && [...names].every((name) => isSame(one[name], other[name]));
}

export function format(value: unknown): string {
  if (Construct.isConstruct(value)) return value.node.path;
  if (Array.isArray(value)) return `[${value.map(format).join(', ')}]`;
  if (!isPlain(value)) return value === undefined ? 'none' : String(value);
  return `{${Object.entries(value)
    .map(([name, member]) => `${name}: ${format(member)}`)
    .join(', ')}}`;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

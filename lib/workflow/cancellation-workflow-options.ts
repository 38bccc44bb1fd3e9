import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { InvalidConfigurationError } from '../private/errors';

/** How the cancellation workflow of a stack is run. All its users share it, so those that say something must agree. */
export interface CancellationWorkflowOptions {
  /**
   * How long the logs of the functions and of the state machines are kept. The log groups go with the stack.
   *
   * @default - one month
   */
  readonly logRetention?: RetentionDays;

  /**
   * Whether the functions and the state machines are traced with AWS X-Ray.
   *
   * @default false
   */
  readonly tracing?: boolean;

  /**
   * A symmetric key that encrypts what the workflow keeps: its logs, the definitions and executions of its state machines,
   * the environments of its functions, and the parameters that hold where to answer to.
   *
   * The roles of the workflow are allowed what they need of it, and CloudWatch Logs by its policy. A key that is not made
   * in the app keeps the policy it has: that has to allow CloudWatch Logs (`logs.<region>.amazonaws.com`) to encrypt and
   * decrypt, its deliveries (`delivery.logs.amazonaws.com`) to decrypt, and the account to give permissions by IAM.
   *
   * @default - the keys that AWS holds
   * @see https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
   */
  readonly encryptionKey?: IKey;

  /**
   * The network that the functions are placed in. From there they have to reach, by a NAT gateway or endpoints, whatever
   * they call: Parameter Store, Step Functions, CloudFormation, the service whose deployment is cancelled, and Amazon S3,
   * where CloudFormation takes its answers.
   *
   * @default - none: the functions are not in a network of yours
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
   */
  readonly vpc?: IVpc;

  /**
   * In which subnets of the network; only with `vpc`. A function has no public address, so a public subnet does not lead
   * it out.
   *
   * @default - the private ones
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the functions; only with `vpc`.
   *
   * @default - a group for each function, which lets everything out and nothing in
   */
  readonly securityGroups?: ISecurityGroup[];
}

/** The options, with what they are when nothing is said. */
export type WorkflowOptions = CancellationWorkflowOptions &
  Required<Pick<CancellationWorkflowOptions, 'logRetention' | 'tracing'>>;

const DEFAULTS: WorkflowOptions = { logRetention: RetentionDays.ONE_MONTH, tracing: false };

/** The compiler sees to it that none is left out. */
const ALL: Readonly<Record<keyof CancellationWorkflowOptions, true>> = {
  logRetention: true,
  tracing: true,
  encryptionKey: true,
  vpc: true,
  vpcSubnets: true,
  securityGroups: true,
};
const NAMES = Object.keys(ALL) as (keyof CancellationWorkflowOptions)[];

/**
 * The options of a workflow that is made.
 *
 * @throws if one of them needs another that is not there
 */
export function workflowOptions(options: CancellationWorkflowOptions, scope: IConstruct): WorkflowOptions {
  const chosen = pickDefined(options);
  for (const name of ['vpcSubnets', 'securityGroups'] as const) {
    if (chosen[name] && !chosen.vpc)
      throw new InvalidConfigurationError(`${name} needs a vpc, and none is given`, scope);
  }
  return { ...DEFAULTS, ...chosen };
}

/** The first of the options that is given and is not what was agreed on, as a text for a person. */
export function findConflict(
  agreed: WorkflowOptions,
  options: CancellationWorkflowOptions,
): { readonly name: string; readonly agreed: string; readonly wanted: string } | undefined {
  const chosen = pickDefined(options);
  const name = NAMES.find((one) => one in chosen && !isSame(agreed[one], chosen[one]));
  return name && { name, agreed: format(agreed[name]), wanted: format(chosen[name]) };
}

/** Without what is undefined, and without what else the object holds. */
function pickDefined(options: CancellationWorkflowOptions): CancellationWorkflowOptions {
  return Object.fromEntries(NAMES.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]));
}

/** Two constructs are the same only if they are one; lists and plain objects are if what they hold is. */
function isSame(one: unknown, other: unknown): boolean {
  if (!isPlain(one) || !isPlain(other)) return one === other;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Array.isArray(one) === Array.isArray(other) && [...names].every((name) => isSame(one[name], other[name]));
}

function format(value: unknown): string {
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

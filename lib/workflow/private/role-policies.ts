import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, Policy, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct, IConstruct } from 'constructs';
import { acknowledgeWildcards } from '../../private/acknowledgements';
import { InvalidConfigurationError } from '../../private/errors';
import type { WorkflowRole } from './role';

/**
 * The default quotas of IAM for a role, in characters.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const QUOTAS = { inline: 10_240, managed: 6_144, managedPolicies: 10 } as const;

/** The characters for the log group of the role, a VPC and tracing. */
const RESERVED = 1_100;

/** The size of the inline policy for shared permissions; further ones go into managed policies. The rest is for guards. */
const SHARED_INLINE = 5_200;

/** The reason for the wildcards. */
const DEPLOYMENTS = 'The IDs of deployments are unknown at synthesis, and some actions have no resource type.';

/** The size of an empty policy document. */
const FRAME = '{"Version":"2012-10-17","Statement":[]}'.length;

/** A policy that statements are added to until it is full. */
interface OpenPolicy {
  readonly add: (statement: PolicyStatement) => void;
  room: number;
  /** The statements in it, without their resources. Statements that differ only in resources are merged. */
  readonly kinds: Set<string>;
}

interface PermissionsProps {
  /** The prefix of the IDs of the managed policies; a number follows. */
  readonly id: string;
  readonly role: WorkflowRole;
  /** Called with each managed policy. */
  readonly onPolicy: (policy: ManagedPolicy) => void;
}

/** The permissions of a role, spread over several policies within the quotas of IAM. */
export class RolePolicies {
  private readonly known = new Set<string>();
  private shared: OpenPolicy;
  private managedPolicies = 0;
  private roomForOwn = QUOTAS.inline - RESERVED - SHARED_INLINE;

  constructor(
    private readonly scope: Construct,
    private readonly props: PermissionsProps,
  ) {
    this.shared = {
      add: (statement) => {
        props.role.allow(statement);
        acknowledgeWildcards(props.role.holder, [statement], DEPLOYMENTS);
      },
      room: SHARED_INLINE - FRAME,
      kinds: new Set(),
    };
  }

  /**
   * Adds permissions. Permissions that the role has already are ignored, and so are all for an immutable role.
   *
   * @param declaredBy the construct that the error names
   * @throws if they do not fit into the policies that IAM allows
   */
  allow(statements: readonly PolicyStatement[], declaredBy: IConstruct): void {
    if (!this.props.role.isMutable) return;
    for (const statement of statements) {
      const text = this.textOf(statement);
      if (this.known.has(text)) continue;
      this.known.add(text);
      const kind = kindOf(text);
      const size = (policy: OpenPolicy) => (policy.kinds.has(kind) ? resourcesOf(text) : text).length + 1;
      if (size(this.shared) > this.shared.room) this.shared = this.openManagedPolicy(declaredBy);
      this.shared.room -= size(this.shared);
      this.shared.kinds.add(kind);
      this.shared.add(statement);
    }
  }

  /**
   * Adds permissions in a separate policy, which lasts as long as a construct.
   *
   * @throws if it does not fit into the inline policies that IAM allows
   */
  allowFor(scope: Construct, id: string, statements: PolicyStatement[]): Policy {
    if (this.props.role.isMutable)
      this.roomForOwn -= statements.reduce((sum, statement) => sum + this.textOf(statement).length + 1, FRAME);
    if (this.roomForOwn < 0) {
      throw new InvalidConfigurationError(
        `the guards of stack ${Stack.of(this.scope).node.path} need more than the ${QUOTAS.inline} characters of inline policies that IAM allows a role: declare some of them in another stack`,
        scope,
      );
    }
    const policy = new Policy(scope, id, { statements });
    this.props.role.role.attachInlinePolicy(policy);
    acknowledgeWildcards(policy, statements, DEPLOYMENTS);
    return policy;
  }

  private openManagedPolicy(declaredBy: IConstruct): OpenPolicy {
    const { id, role, onPolicy } = this.props;
    if (++this.managedPolicies > QUOTAS.managedPolicies) {
      throw new InvalidConfigurationError(
        `the permissions to cancel the deployments of stack ${Stack.of(this.scope).node.path} do not fit into the ${QUOTAS.managedPolicies} managed policies that IAM allows a role: declare some of the cancellations in another stack, or use a fleet that a service lists`,
        declaredBy,
      );
    }
    const policy = new ManagedPolicy(this.scope, `${id}${this.managedPolicies}`, { roles: [role.role] });
    onPolicy(policy);
    return {
      add: (statement) => {
        policy.addStatements(statement);
        acknowledgeWildcards(policy, [statement], DEPLOYMENTS);
      },
      room: QUOTAS.managed - FRAME,
      kinds: new Set(),
    };
  }

  /** Renders a statement. Tokens are replaced by the longest text that they can become. */
  private textOf(statement: PolicyStatement): string {
    return JSON.stringify(Stack.of(this.scope).resolve(statement.toStatementJson()), (_key, value) => longest(value));
  }
}

function kindOf(text: string): string {
  const { Resource, ...kind } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(kind);
}

function resourcesOf(text: string): string {
  return JSON.stringify((JSON.parse(text) as Record<string, unknown>).Resource);
}

/** The longest values of the pseudo parameters. */
const LONGEST: Readonly<Record<string, number>> = {
  'AWS::Partition': 'aws-us-gov'.length,
  'AWS::Region': 'ap-northeast-1'.length,
  'AWS::AccountId': '111122223333'.length,
};

/** The longest name that other tokens become. */
const LONGEST_NAME = 100;

/** Replaces an intrinsic function by a text of the length of its longest value. */
function longest(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const [[name, argument] = [''], ...others] = Object.entries(value);
  if (others.length > 0 || (name !== 'Ref' && !name.startsWith('Fn::'))) return value;
  if (name !== 'Fn::Join') return 'x'.repeat(LONGEST[String(argument)] ?? LONGEST_NAME);
  const [separator, parts] = argument as [string, readonly unknown[]];
  return parts.map(longest).join(separator);
}

import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, Policy, type PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Construct, IConstruct } from 'constructs';
import { acknowledgeWildcards } from '../../private/acknowledgements';
import { InvalidConfigurationError } from '../../private/errors';

/**
 * What IAM allows a role without an increase of a quota, in characters.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const QUOTAS = { inline: 10_240, managed: 6_144, managedPolicies: 10 } as const;

/** For the role's own log group, for a network, and for tracing. */
const RESERVED = 1_100;

/** What is allowed to all alike goes into an inline policy of that size, and then into managed ones: the rest is for guards. */
const SHARED_INLINE = 5_200;

/** Why permissions are on more than one resource. */
const DEPLOYMENTS =
  'The ids of deployments are not known before they are there, and what finds them knows no resource type.';

/** The frame of a policy document. */
const FRAME = '{"Version":"2012-10-17","Statement":[]}'.length;

/** A policy that statements are added to as long as there is room. */
interface OpenPolicy {
  readonly add: (statement: PolicyStatement) => void;
  room: number;
  /** What else there is to the statements in it than their resources. */
  readonly kinds: Set<string>;
}

interface PermissionsProps {
  /** What the policies are called, with a number after it, that do not belong to the role. */
  readonly id: string;
  readonly role: Role;
  /** Told of each of those. */
  readonly onPolicy: (policy: ManagedPolicy) => void;
}

/** What a role may do, in as many policies as it takes, and no more than IAM allows. */
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
        props.role.addToPolicy(statement);
        acknowledgeWildcards(props.role, [statement], DEPLOYMENTS);
      },
      room: SHARED_INLINE - FRAME,
      kinds: new Set(),
    };
  }

  /**
   * Allows something, once, however often it is asked for.
   *
   * @param asker what the error names
   */
  allow(statements: readonly PolicyStatement[], asker: IConstruct): void {
    for (const statement of statements) {
      const text = this.textOf(statement);
      if (this.known.has(text)) continue;
      this.known.add(text);
      const kind = kindOf(text);
      const size = (policy: OpenPolicy) => (policy.kinds.has(kind) ? resourcesOf(text) : text).length + 1;
      if (size(this.shared) > this.shared.room) this.shared = this.another(asker);
      this.shared.room -= size(this.shared);
      this.shared.kinds.add(kind);
      this.shared.add(statement);
    }
  }

  /** Allows something in a policy of its own, which is there for as long as a construct is. */
  allowFor(scope: Construct, id: string, statements: PolicyStatement[]): Policy {
    this.roomForOwn -= statements.reduce((sum, statement) => sum + this.textOf(statement).length + 1, FRAME);
    if (this.roomForOwn < 0) {
      throw new InvalidConfigurationError(
        `the guards of stack ${Stack.of(this.scope).node.path} need more than the ${QUOTAS.inline} characters of inline policies that IAM allows a role: declare some of them in another stack`,
        scope,
      );
    }
    const policy = new Policy(scope, id, { roles: [this.props.role], statements });
    acknowledgeWildcards(policy, statements, DEPLOYMENTS);
    return policy;
  }

  private another(asker: IConstruct): OpenPolicy {
    const { id, role, onPolicy } = this.props;
    if (++this.managedPolicies > QUOTAS.managedPolicies) {
      throw new InvalidConfigurationError(
        `what stack ${Stack.of(this.scope).node.path} may cancel does not fit into the ${QUOTAS.managedPolicies} managed policies that IAM allows a role: declare some of it in another stack, or cancel it as a fleet`,
        asker,
      );
    }
    const policy = new ManagedPolicy(this.scope, `${id}${this.managedPolicies}`, { roles: [role] });
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

  /** A statement as it will be, or a longer one: what is not known before it is deployed is as long as it can be. */
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

/** How long a pseudo parameter can be, by the longest there is anywhere. */
const LONGEST: Readonly<Record<string, number>> = {
  'AWS::Partition': 'aws-us-gov'.length,
  'AWS::Region': 'ap-northeast-1'.length,
  'AWS::AccountId': '111122223333'.length,
};

/** No name of what is deployed is longer. */
const LONGEST_NAME = 100;

/** An intrinsic function becomes a text as long as what it can give. */
function longest(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const [[name, argument] = [''], ...others] = Object.entries(value);
  if (others.length > 0 || (name !== 'Ref' && !name.startsWith('Fn::'))) return value;
  if (name !== 'Fn::Join') return 'x'.repeat(LONGEST[String(argument)] ?? LONGEST_NAME);
  const [separator, parts] = argument as [string, readonly unknown[]];
  return parts.map(longest).join(separator);
}

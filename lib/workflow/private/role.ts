import { Stack } from 'aws-cdk-lib';
import {
  type CfnPolicy,
  type IRole,
  Policy,
  PolicyDocument,
  type PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Construct, IConstruct } from 'constructs';

/** A role of the workflow, and where its permissions are. */
export interface WorkflowRole {
  readonly role: IRole;
  /** The permissions that last as long as the role. They can be extended until synthesis. */
  readonly document: PolicyDocument;
  /** The construct with the permissions. What uses the role depends on it. */
  readonly holder: IConstruct;
  /** Whether the role takes permissions. */
  readonly isMutable: boolean;
  /** Adds a permission that may be removed before the role is. */
  readonly allow: (statement: PolicyStatement) => void;
}

/**
 * Creates a role with an inline policy, or uses the given role. A given role gets the permissions in a policy of the workflow,
 * unless it is immutable.
 */
export function createRole(
  scope: Construct,
  id: string,
  service: string,
  statements: PolicyStatement[],
  given?: IRole,
): WorkflowRole {
  const document = new PolicyDocument({ statements });
  if (given) {
    const policy = new Policy(scope, `${id}RolePolicy`, { document });
    given.attachInlinePolicy(policy);
    const allow = (statement: PolicyStatement) => policy.addStatements(statement);
    return { role: given, document, holder: policy, isMutable: isAttached(policy), allow };
  }
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal(service),
    inlinePolicies: { Own: document },
  });
  return { role, document, holder: role, isMutable: true, allow: (statement) => role.addToPolicy(statement) };
}

/** Whether a role has a policy. An immutable one ignores what is attached to it. */
export function isAttached(policy: Policy): boolean {
  const { roles } = policy.node.defaultChild as CfnPolicy;
  return Stack.of(policy).resolve(roles) !== undefined;
}

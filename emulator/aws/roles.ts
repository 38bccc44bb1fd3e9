import { createHash } from 'node:crypto';
import { accessDenied, evaluate, type IamRequest, type PolicyDocument } from './iam';

/** The roles of an account, with their policies. */
export class Roles {
  private readonly roles = new Map<string, Map<string, PolicyDocument>>();
  private readonly inline = new Map<string, ReadonlyMap<string, PolicyDocument>>();
  private readonly names = new Map<string, string>();

  constructor(private readonly accountId: string) {}

  arnOf(roleName: string): string {
    return `arn:aws:iam::${this.accountId}:role/${roleName}`;
  }

  /** The access key ID of a role. A caller that signs with it acts as the role. */
  accessKeyIdOf(roleArn: string): string {
    const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    const key = `ASIA${createHash('sha256').update(roleName).digest('hex').slice(0, 16).toUpperCase()}`;
    this.names.set(key, roleName);
    return key;
  }

  /** Replaces the policies in the resource of a role. */
  putInline(roleName: string, policies: ReadonlyMap<string, PolicyDocument>): void {
    this.inline.set(roleName, policies);
  }

  /** Attaches a policy to a role, or replaces the policy with that name. */
  put(roleName: string, policyName: string, document: PolicyDocument): void {
    const policies = this.roles.get(roleName) ?? new Map<string, PolicyDocument>();
    this.roles.set(roleName, policies.set(policyName, document));
  }

  /** Detaches a policy from a role. */
  detach(roleName: string, policyName: string): void {
    this.roles.get(roleName)?.delete(policyName);
  }

  remove(roleName: string): void {
    this.roles.delete(roleName);
    this.inline.delete(roleName);
  }

  /** A caller that signs as no role may do everything. */
  readonly authorize = (accessKeyId: string | undefined, request: IamRequest): string | undefined => {
    const roleName = this.names.get(accessKeyId ?? '');
    if (roleName === undefined) return undefined;
    const documents = [this.inline, this.roles].flatMap((policies) => [...(policies.get(roleName)?.values() ?? [])]);
    if (evaluate(documents, request) === 'allowed') return undefined;
    return accessDenied({ accountId: this.accountId, roleName, sessionName: roleName }, request);
  };
}

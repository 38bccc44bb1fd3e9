import { createHash } from 'node:crypto';
import { accessDenied, evaluate, type IamRequest, type PolicyDocument } from './iam';

/** The roles of an account, and what their policies allow. */
export class Roles {
  private readonly roles = new Map<string, Map<string, PolicyDocument>>();
  private readonly inline = new Map<string, ReadonlyMap<string, PolicyDocument>>();
  private readonly names = new Map<string, string>();

  constructor(
    private readonly accountId: string,
    private readonly region: string,
  ) {}

  arnOf(roleName: string): string {
    return `arn:aws:iam::${this.accountId}:role/${roleName}`;
  }

  /** What stands for the role where AWS would have it assumed: whoever signs with it acts as the role. */
  accessKeyIdOf(roleArn: string): string {
    const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    const key = `ASIA${createHash('sha256').update(roleName).digest('hex').slice(0, 16).toUpperCase()}`;
    this.names.set(key, roleName);
    return key;
  }

  /** Gives a role the policies that its own resource declares, in the place of those it did. */
  putInline(roleName: string, policies: ReadonlyMap<string, PolicyDocument>): void {
    this.inline.set(roleName, policies);
  }

  /** Puts a policy on a role, in the place of the one of that name. */
  put(roleName: string, policyName: string, document: PolicyDocument): void {
    const policies = this.roles.get(roleName) ?? new Map<string, PolicyDocument>();
    this.roles.set(roleName, policies.set(policyName, document));
  }

  take(roleName: string, policyName: string): void {
    this.roles.get(roleName)?.delete(policyName);
  }

  remove(roleName: string): void {
    this.roles.delete(roleName);
    this.inline.delete(roleName);
  }

  /** Says, in the words of AWS, why a call is not allowed; nothing if it is. Who signs as no role may do anything. */
  readonly authorize = (accessKeyId: string | undefined, request: IamRequest): string | undefined => {
    const roleName = this.names.get(accessKeyId ?? '');
    if (roleName === undefined) return undefined;
    const documents = [this.inline, this.roles].flatMap((policies) => [...(policies.get(roleName)?.values() ?? [])]);
    const context = { ...request.context, 'aws:RequestedRegion': this.region };
    if (evaluate(documents, { ...request, context }) === 'allowed') return undefined;
    return accessDenied({ accountId: this.accountId, roleName, sessionName: roleName }, request);
  };
}

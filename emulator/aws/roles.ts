import { createHash } from 'node:crypto';
import type { Clock } from '../core/clock';
import { Consistency, History } from '../core/consistency';
import { type AwsEnvironment, globalArnOf } from '../core/environment';
import { accessDenied, evaluate, type IamRequest, type PolicyDocument, type TrustPolicy, trusts } from './iam';

type Policies = ReadonlyMap<string, PolicyDocument>;

interface Role {
  /** The policies in the resource of the role. */
  inline: Policies;
  /** The policies of other resources. */
  attached: Policies;
  /** The documents of all policies after each change. */
  readonly documents: History<readonly PolicyDocument[]>;
  readonly trust: History<TrustPolicy>;
}

/** The roles of an account, with their policies. */
export class Roles {
  private readonly roles = new Map<string, Role>();
  private readonly names = new Map<string, string>();

  constructor(
    private readonly environment: AwsEnvironment,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly consistency: Consistency = Consistency.STRONG,
  ) {}

  arnOf(roleName: string): string {
    return globalArnOf(this.environment, 'iam', `role/${roleName}`);
  }

  /** The access key ID of a role. A caller that signs with it acts as the role. */
  accessKeyIdOf(roleArn: string): string {
    const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    const key = `ASIA${createHash('sha256').update(roleName).digest('hex').slice(0, 16).toUpperCase()}`;
    this.names.set(key, roleName);
    return key;
  }

  /** Replaces the policies in the resource of a role. */
  putInline(roleName: string, policies: Policies): void {
    this.change(roleName, (role) => {
      role.inline = policies;
    });
  }

  /** Replaces the policy that names who may assume a role. */
  putTrust(roleName: string, trust: TrustPolicy): void {
    this.roleOf(roleName).trust.write(trust, this.clock.now());
  }

  /** Attaches a policy to a role, or replaces the policy with that name. */
  put(roleName: string, policyName: string, document: PolicyDocument): void {
    this.change(roleName, (role) => {
      role.attached = new Map([...role.attached, [policyName, document]]);
    });
  }

  /** Detaches a policy from a role. */
  detach(roleName: string, policyName: string): void {
    this.change(roleName, (role) => {
      role.attached = new Map([...role.attached].filter(([name]) => name !== policyName));
    });
  }

  remove(roleName: string): void {
    this.change(roleName, (role) => {
      role.inline = new Map();
      role.attached = new Map();
    });
    this.putTrust(roleName, { Statement: [] });
  }

  /**
   * A caller that signs as no role may do everything, and so may a role of which no policy is known, because it exists
   * outside the stacks. A change of policies takes effect after the lag of permissions.
   */
  readonly authorize = (accessKeyId: string | undefined, request: IamRequest): string | undefined => {
    const roleName = this.names.get(accessKeyId ?? '');
    const role = this.roles.get(roleName ?? '');
    if (roleName === undefined || !role) return undefined;
    const read = this.consistency.readPermissions(request.action);
    const documents = role.documents.seenBy(read, this.clock.now()) ?? [];
    const context = { ...request.context, 'aws:RequestedRegion': this.environment.region };
    if (evaluate(documents, { ...request, context }) === 'allowed') return undefined;
    return accessDenied({ environment: this.environment, roleName, sessionName: roleName }, request);
  };

  /** Returns the message of AWS for a caller that a role does not trust; undefined if the caller may assume the role. */
  assume(accessKeyId: string | undefined, roleArn: string, context: IamRequest['context']): string | undefined {
    const roleName = this.names.get(accessKeyId ?? '') ?? 'unknown';
    const action = 'sts:AssumeRole';
    const role = this.roles.get(roleArn.slice(this.arnOf('').length));
    const trust = role?.trust.seenBy(this.consistency.readPermissions(action), this.clock.now());
    if (trust && trusts(trust, { roleArn: this.arnOf(roleName), context })) return undefined;
    const caller = { environment: this.environment, roleName, sessionName: roleName };
    return accessDenied(caller, { action, resource: roleArn });
  }

  private change(roleName: string, apply: (role: Role) => void): void {
    const role = this.roleOf(roleName);
    apply(role);
    role.documents.write([...role.inline.values(), ...role.attached.values()], this.clock.now());
  }

  private roleOf(roleName: string): Role {
    const created: Role = {
      inline: new Map(),
      attached: new Map(),
      documents: new History(roleName),
      trust: new History(`trust of ${roleName}`),
    };
    const role = this.roles.get(roleName) ?? created;
    this.roles.set(roleName, role);
    return role;
  }
}

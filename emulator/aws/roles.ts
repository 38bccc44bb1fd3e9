import { createHash } from 'node:crypto';
import type { Clock } from '../core/clock';
import { Consistency, History } from '../core/consistency';
import { type AwsEnvironment, globalArnOf } from '../core/environment';
import { accessDenied, evaluate, type IamRequest, type PolicyDocument } from './iam';

type Policies = ReadonlyMap<string, PolicyDocument>;

interface Role {
  /** The policies in the resource of the role. */
  inline: Policies;
  /** The policies of other resources. */
  attached: Policies;
  /** The documents of all policies after each change. */
  readonly documents: History<readonly PolicyDocument[]>;
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

  private change(roleName: string, apply: (role: Role) => void): void {
    const created: Role = { inline: new Map(), attached: new Map(), documents: new History(roleName) };
    const role = this.roles.get(roleName) ?? created;
    this.roles.set(roleName, role);
    apply(role);
    role.documents.write([...role.inline.values(), ...role.attached.values()], this.clock.now());
  }
}

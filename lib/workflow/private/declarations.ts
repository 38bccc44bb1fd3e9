import { Lazy, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { type CancellationSettings, type DeclaredRole, ENVIRONMENT } from '../../contract/cancellation';
import { InvalidConfigurationError } from '../../private/errors';

type Declared = Pick<CancellationSettings, 'endpoint' | 'roleArn'> & Pick<DeclaredRole, 'externalId'>;

/**
 * What the cancellations of a stack have declared, for the environment of the deployment function. It is complete only at
 * synthesis, so the environment is rendered then.
 */
export class Declarations {
  private readonly endpoints = new Set<string>();
  private readonly roles = new Map<string, DeclaredRole>();
  private cancellations = 0;

  constructor(private readonly scope: IConstruct) {}

  /** @param concurrency the maximum number of invocations of the deployment function at the same time */
  public add({ endpoint, roleArn, externalId }: Declared, scope: IConstruct, concurrency = 1): void {
    this.cancellations += concurrency;
    if (endpoint !== undefined) this.endpoints.add(endpoint);
    if (roleArn !== undefined) this.addRole({ roleArn, externalId }, scope);
  }

  public get environment(): Record<string, string> {
    const { scope } = this;
    return {
      [ENVIRONMENT.cancellations]: Lazy.string({ produce: () => String(this.cancellations) }),
      [ENVIRONMENT.endpoints]: Lazy.string({
        produce: () => (this.endpoints.size > 0 ? Stack.of(scope).toJsonString([...this.endpoints]) : undefined),
      }),
      [ENVIRONMENT.roles]: Lazy.string({
        produce: () => (this.roles.size > 0 ? Stack.of(scope).toJsonString([...this.roles.values()]) : undefined),
      }),
    };
  }

  /** @throws if the role was declared with another external ID: the deployment function finds it by the role */
  private addRole(role: DeclaredRole, scope: IConstruct): void {
    const { roleArn, externalId } = this.roles.get(role.roleArn) ?? role;
    if (externalId !== role.externalId) {
      throw new InvalidConfigurationError(
        `externalId of role ${roleArn} is ${externalId ?? 'not set'} in another cancellation of the stack, not ${role.externalId ?? 'missing'}: use one external id for each role`,
        scope,
      );
    }
    this.roles.set(roleArn, role);
  }
}

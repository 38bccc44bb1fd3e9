import { createHash } from 'node:crypto';
import { Lazy, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import {
  type CancellationSettings,
  type DeclaredRole,
  type Deployment,
  ENVIRONMENT,
} from '../../contract/cancellation';
import { InvalidConfigurationError } from '../../private/errors';

/** The environment of a function holds 4 KB. */
const MAX_APIS = 30;

/** What a cancellation declares. */
export interface Declared extends Pick<CancellationSettings, 'endpoint' | 'roleArn'>, Pick<DeclaredRole, 'externalId'> {
  readonly deployments: readonly Pick<Deployment, 'identifiers'>[];
  /** The maximum number of invocations of the deployment function at the same time. Default: 1. */
  readonly concurrency?: number;
}

/**
 * What the cancellations of a stack have declared, for the environment of the deployment function. It is complete only at
 * synthesis, so the environment is rendered then.
 */
export class Declarations {
  private readonly endpoints = new Set<string>();
  private readonly apis = new Set<string>();
  private readonly roles = new Map<string, DeclaredRole>();
  private cancellations = 0;

  constructor(private readonly scope: IConstruct) {}

  /** @param scope the construct that errors name */
  public add({ endpoint, roleArn, externalId, deployments, concurrency = 1 }: Declared, scope: IConstruct): void {
    this.cancellations += concurrency;
    if (endpoint !== undefined) this.endpoints.add(endpoint);
    if (roleArn !== undefined) this.addRole({ roleArn, externalId }, scope);
    for (const { identifiers } of deployments) this.addApi(identifiers, scope);
  }

  public get environment(): Record<string, string> {
    const { scope } = this;
    return {
      [ENVIRONMENT.cancellations]: Lazy.string({ produce: () => String(this.cancellations) }),
      [ENVIRONMENT.apis]: Lazy.string({
        produce: () => (this.apis.size > 0 ? JSON.stringify([...this.apis]) : undefined),
      }),
      [ENVIRONMENT.endpoints]: Lazy.string({
        produce: () => (this.endpoints.size > 0 ? Stack.of(scope).toJsonString([...this.endpoints]) : undefined),
      }),
      [ENVIRONMENT.roles]: Lazy.string({
        produce: () => (this.roles.size > 0 ? Stack.of(scope).toJsonString([...this.roles.values()]) : undefined),
      }),
    };
  }

  private addApi({ declaration }: Deployment['identifiers'], scope: IConstruct): void {
    if (declaration === undefined) return;
    this.apis.add(createHash('sha256').update(declaration).digest('hex'));
    if (this.apis.size <= MAX_APIS) return;
    throw new InvalidConfigurationError(`a stack can declare at most ${MAX_APIS} APIs: use several stacks`, scope);
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

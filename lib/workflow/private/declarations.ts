import { createHash } from 'node:crypto';
import { Lazy, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { type CancellationSettings, type Deployment, ENVIRONMENT } from '../../contract/cancellation';
import { InvalidConfigurationError } from '../../private/errors';

/** The environment of a function holds 4 KB. */
const MAX_APIS = 30;

/** What a cancellation declares. */
export interface Declared extends Pick<CancellationSettings, 'endpoint'> {
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
  private cancellations = 0;

  constructor(private readonly scope: IConstruct) {}

  /** @param scope the construct that errors name */
  public add({ endpoint, deployments, concurrency = 1 }: Declared, scope: IConstruct): void {
    this.cancellations += concurrency;
    if (endpoint !== undefined) this.endpoints.add(endpoint);
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
    };
  }

  private addApi({ declaration }: Deployment['identifiers'], scope: IConstruct): void {
    if (declaration === undefined) return;
    this.apis.add(createHash('sha256').update(declaration).digest('hex'));
    if (this.apis.size <= MAX_APIS) return;
    throw new InvalidConfigurationError(`a stack can declare at most ${MAX_APIS} APIs: use several stacks`, scope);
  }
}

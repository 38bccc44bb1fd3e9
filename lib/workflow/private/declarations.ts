import { Lazy, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { type CancellationSettings, ENVIRONMENT } from '../../contract/cancellation';

/**
 * What the cancellations of a stack have declared, for the environment of the deployment function. It is complete only at
 * synthesis, so the environment is rendered then.
 */
export class Declarations {
  private readonly endpoints = new Set<string>();
  private cancellations = 0;

  constructor(private readonly scope: IConstruct) {}

  /** @param concurrency the maximum number of invocations of the deployment function at the same time */
  public add({ endpoint }: CancellationSettings, concurrency = 1): void {
    this.cancellations += concurrency;
    if (endpoint !== undefined) this.endpoints.add(endpoint);
  }

  public get environment(): Record<string, string> {
    const { scope } = this;
    return {
      [ENVIRONMENT.cancellations]: Lazy.string({ produce: () => String(this.cancellations) }),
      [ENVIRONMENT.endpoints]: Lazy.string({
        produce: () => (this.endpoints.size > 0 ? Stack.of(scope).toJsonString([...this.endpoints]) : undefined),
      }),
    };
  }
}

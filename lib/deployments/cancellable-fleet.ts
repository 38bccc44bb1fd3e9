import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Fleet } from '../contract/fleet';

/**
 * Many deployments that can be cancelled at once: what they are, apart from where their cancellation is declared.
 *
 * Made by the factory methods of its subclasses, such as `ProtonFleet.ofService(…)` and `DeploymentFleet.of(…)`.
 */
export abstract class CancellableFleet {
  /** What a person calls it: `service instances of web`. Names that are tokens are in here as tokens. */
  public abstract readonly displayName: string;

  /**
   * What has to be allowed to find its deployments, to cancel them and to read their status, and nothing else.
   *
   * @param scope where the cancellation is declared; its stack's account and region are the deployments'
   */
  public abstract policyStatements(scope: IConstruct): PolicyStatement[];

  /**
   * How the handlers know it.
   *
   * @internal
   */
  public abstract _toContract(): Fleet;
}

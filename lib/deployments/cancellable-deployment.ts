import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../contract/cancellation';

/**
 * A deployment that can be cancelled: what it is, apart from where its cancellation is declared.
 *
 * Made by the factory methods of its subclasses, such as `ProtonDeployment.serviceInstance(…)`.
 */
export abstract class CancellableDeployment {
  /** What a person calls it: `service instance web/web-prod`. Names that are tokens are in here as tokens. */
  public abstract readonly displayName: string;

  /**
   * What has to be allowed to cancel it and to read its status, and nothing else.
   *
   * @param scope where the cancellation is declared; its stack's account and region are the deployment's
   */
  public abstract policyStatements(scope: IConstruct): PolicyStatement[];

  /**
   * How the handlers know it.
   *
   * @internal
   */
  public abstract _toContract(): Deployment;
}

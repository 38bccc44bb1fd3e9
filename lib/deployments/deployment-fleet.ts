import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { type ListedFleet, MAX_LISTED } from '../contract/fleet';
import { describe } from '../private/describe';
import { InvalidConfigurationError } from '../private/errors';
import { type CancellableDeployment, validateDeployment } from './cancellable-deployment';
import { CancellableFleet } from './cancellable-fleet';

/** Deployments of any kinds that are listed one by one. */
export class DeploymentFleet extends CancellableFleet {
  /**
   * The deployments of a list. The fleet needs the permissions of each of them.
   *
   * @param deployments 1 to 100 deployments
   * @throws if there are fewer or more, or a deployment is listed twice
   */
  public static fromDeployments(deployments: CancellableDeployment[]): DeploymentFleet {
    if (!Array.isArray(deployments)) {
      throw new InvalidConfigurationError(`deployments must be a list of deployments, not ${describe(deployments)}`);
    }
    for (const deployment of deployments) validateDeployment(deployment);
    return new DeploymentFleet([...deployments]);
  }

  public readonly displayName: string;

  private constructor(private readonly deployments: readonly CancellableDeployment[]) {
    super();
    const { length } = deployments;
    if (length < 1 || length > MAX_LISTED) {
      throw new InvalidConfigurationError(
        `a fleet must list from 1 to ${MAX_LISTED} deployments, not ${length}: use several fleets, or a fleet that a service lists`,
      );
    }
    const displayNames = deployments.map(({ displayName }) => displayName);
    const twice = displayNames.find((displayName, index) => displayNames.indexOf(displayName) < index);
    if (twice !== undefined)
      throw new InvalidConfigurationError(`a fleet must list a deployment once, not twice: ${twice}`);
    this.displayName = `${length} listed deployments`;
  }

  public policyStatements(scope: IConstruct): PolicyStatement[] {
    return this.deployments.flatMap((deployment) => deployment.policyStatements(scope));
  }

  /** @internal */
  public _validateEnvironment(scope: IConstruct, roleAccount?: string): void {
    for (const deployment of this.deployments) deployment._validateEnvironment(scope, roleAccount);
  }

  /** @internal */
  public _toContract(): ListedFleet {
    return { kind: 'list', deployments: this.deployments.map((deployment) => deployment._toContract()) };
  }
}

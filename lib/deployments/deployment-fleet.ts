import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { type Fleet, MAX_LISTED } from '../contract/fleet';
import { InvalidConfigurationError } from '../private/errors';
import type { CancellableDeployment } from './cancellable-deployment';
import { CancellableFleet } from './cancellable-fleet';

/** Deployments that are named one by one, of whatever kinds. */
export class DeploymentFleet extends CancellableFleet {
  /**
   * These deployments. The permissions are those of each of them.
   *
   * @param deployments from 1 to 100 of them
   * @throws if there are none or more, or one of them is named twice
   */
  public static of(deployments: CancellableDeployment[]): DeploymentFleet {
    return new DeploymentFleet([...deployments]);
  }

  public readonly displayName: string;

  private constructor(private readonly deployments: readonly CancellableDeployment[]) {
    super();
    const { length } = deployments;
    if (length < 1 || length > MAX_LISTED) {
      throw new InvalidConfigurationError(
        `a fleet must list from 1 to ${MAX_LISTED} deployments, not ${length}: use several fleets, or one that is found`,
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
  public _toContract(): Fleet {
    return { kind: 'list', deployments: this.deployments.map((deployment) => deployment._toContract()) };
  }
}

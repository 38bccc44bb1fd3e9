import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { type Fleet, MAX_LISTED } from '../contract/fleet';
import { InvalidConfiguration } from '../private/errors';
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

  public readonly subject: string;

  private constructor(private readonly deployments: readonly CancellableDeployment[]) {
    super();
    const { length } = deployments;
    if (length < 1 || length > MAX_LISTED) {
      throw new InvalidConfiguration(
        `a fleet must list from 1 to ${MAX_LISTED} deployments, not ${length}: use several fleets, or one that is found`,
      );
    }
    const subjects = deployments.map(({ subject }) => subject);
    const twice = subjects.find((subject, index) => subjects.indexOf(subject) < index);
    if (twice !== undefined) throw new InvalidConfiguration(`a fleet must list a deployment once, not twice: ${twice}`);
    this.subject = `${length} listed deployments`;
  }

  public policyStatements(scope: IConstruct): PolicyStatement[] {
    return this.deployments.flatMap((deployment) => deployment.policyStatements(scope));
  }

  /** @internal */
  public _toContract(): Fleet {
    return { kind: 'list', deployments: this.deployments.map((deployment) => deployment._toContract()) };
  }
}

import type { aws_autoscaling as autoscaling, ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { Deployment } from '../../contract/cancellation';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import { DeclaredDeployment } from '../declared-deployment';

/** The way to cancel an instance refresh. */
export interface AutoScalingInstanceRefreshOptions {
  /**
   * Whether to roll the group back to its configuration before the instance refresh. A refresh without a desired
   * configuration, or whose launch template has the version `$Latest` or `$Default` or takes its AMI from a parameter of
   * Systems Manager, cannot be rolled back.
   *
   * @default true - with `false`, the instances that were replaced stay
   */
  readonly rollback?: boolean;
}

/**
 * An instance refresh of an EC2 Auto Scaling group.
 *
 * Cancelling it rolls the group back, or only stops it. A rollback is never cancelled: one that is under way is awaited.
 * A group has one instance refresh at a time, and a cancellation names the group: an instance refresh that starts between
 * the last read and the cancellation is cancelled instead.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RollbackInstanceRefresh.html
 */
export class AutoScalingInstanceRefresh extends DeclaredDeployment {
  /**
   * The instance refresh in flight of a group that is addressed by its name.
   *
   * @param autoScalingGroupName the name of the group, not its ARN: 1 to 255 characters
   * @param options the way to cancel
   * @throws if the name is not valid; a token is checked when the stack is deployed
   */
  public static fromAutoScalingGroupName(
    autoScalingGroupName: string,
    options: AutoScalingInstanceRefreshOptions = {},
  ): AutoScalingInstanceRefresh {
    return new AutoScalingInstanceRefresh(autoScalingGroupName, options);
  }

  /**
   * The instance refresh in flight of a group of the CDK: the same as with `fromAutoScalingGroupName`.
   *
   * @param group a group in the account and region of the stack that cancels
   * @param options the way to cancel
   * @throws if it is not a group
   */
  public static fromAutoScalingGroup(
    group: autoscaling.IAutoScalingGroupRef,
    options: AutoScalingInstanceRefreshOptions = {},
  ): AutoScalingInstanceRefresh {
    const name = group?.autoScalingGroupRef?.autoScalingGroupName;
    if (name !== undefined) return new AutoScalingInstanceRefresh(name, options, group.env);
    throw new InvalidConfigurationError(
      `group must be an AutoScalingGroup of aws-autoscaling, not ${describe(group)}: use fromAutoScalingGroupName for a name`,
    );
  }

  /** @internal */
  public static _fromContract({ identifiers, options }: Deployment): AutoScalingInstanceRefresh {
    return new AutoScalingInstanceRefresh(identifiers.autoScalingGroupName ?? '', {
      rollback: options?.rollback !== false,
    });
  }

  private constructor(
    autoScalingGroupName: string,
    { rollback = true }: AutoScalingInstanceRefreshOptions,
    environment?: ResourceEnvironment,
  ) {
    const kind = 'autoscaling-instance-refresh';
    super({ kind, identifiers: { autoScalingGroupName }, options: { rollback } }, environment);
  }
}

import { Tokenization } from 'aws-cdk-lib';
import type { aws_appconfig as appconfig, ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { Deployment } from '../../contract/cancellation';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import { DeclaredDeployment } from '../declared-deployment';

/** The deployment of an environment to cancel, and the way to stop it. */
export interface AppConfigDeploymentOptions {
  /**
   * The number of one deployment. No other deployment is cancelled.
   *
   * @default - the deployment in flight when the cancellation begins
   */
  readonly deploymentNumber?: number;

  /**
   * Whether AppConfig also stops a deployment that bakes, and reverts one that completes before the stop takes effect.
   *
   * @default false - only a deployment that is `DEPLOYING` is stopped
   */
  readonly allowRevert?: boolean;
}

/** The IDs that address an environment. */
export interface AppConfigEnvironmentProps {
  /** The ID of the application, not its name: 4 to 7 lowercase letters and digits. */
  readonly applicationId: string;

  /** The ID of the environment, not its name: 4 to 7 lowercase letters and digits. */
  readonly environmentId: string;
}

/**
 * A deployment of a configuration to an environment of AWS AppConfig.
 *
 * Cancelling it rolls the environment back to the configuration before. An environment has one deployment at a time, each
 * deployment has a number, and a stop names the number: a newer deployment is never stopped by mistake.
 *
 * @see https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_StopDeployment.html
 */
export class AppConfigDeployment extends DeclaredDeployment {
  /**
   * A deployment to an environment that is addressed by its IDs.
   *
   * @param environment the IDs of the application and of the environment
   * @param options the deployment to cancel, and the way to stop it
   * @throws if AppConfig does not accept an ID or the number; tokens are checked when the stack is deployed
   */
  public static fromEnvironmentId(
    environment: AppConfigEnvironmentProps,
    options: AppConfigDeploymentOptions = {},
  ): AppConfigDeployment {
    return new AppConfigDeployment(environment, options);
  }

  /**
   * A deployment to an environment of the CDK: the same as with `fromEnvironmentId`.
   *
   * @param environment an environment in the account and region of the stack that cancels
   * @param options the deployment to cancel, and the way to stop it
   * @throws if it is not an environment
   */
  public static fromEnvironment(
    environment: appconfig.IEnvironmentRef,
    options: AppConfigDeploymentOptions = {},
  ): AppConfigDeployment {
    const ids = environment?.environmentRef;
    if (ids?.applicationId !== undefined) return new AppConfigDeployment(ids, options, environment.env);
    throw new InvalidConfigurationError(
      `environment must be an Environment of aws-appconfig, not ${describe(environment)}: use fromEnvironmentId for IDs`,
    );
  }

  /** @internal */
  public static _fromContract({ identifiers, options }: Deployment): AppConfigDeployment {
    const { applicationId = '', environmentId = '', deploymentNumber } = identifiers;
    return new AppConfigDeployment(
      { applicationId, environmentId },
      {
        deploymentNumber: deploymentNumber === undefined ? undefined : Number(deploymentNumber),
        allowRevert: options?.allowRevert === true,
      },
    );
  }

  private constructor(
    { applicationId, environmentId }: AppConfigEnvironmentProps,
    { deploymentNumber: number, allowRevert = false }: AppConfigDeploymentOptions,
    environment?: ResourceEnvironment,
  ) {
    const deploymentNumber = number === undefined ? undefined : Tokenization.stringifyNumber(number);
    const identifiers = {
      applicationId,
      environmentId,
      ...(deploymentNumber !== undefined && { deploymentNumber }),
    };
    super({ kind: 'appconfig-deployment', identifiers, options: { allowRevert } }, environment);
  }
}

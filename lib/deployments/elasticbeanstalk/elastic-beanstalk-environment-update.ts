import type { aws_elasticbeanstalk as elasticbeanstalk, ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { Deployment } from '../../contract/cancellation';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import { DeclaredDeployment } from '../declared-deployment';

/**
 * An update of an AWS Elastic Beanstalk environment: a deployment of an application version, or a change of its configuration.
 *
 * Cancelling it rolls the environment back to its previous configuration. An environment has one update at a time, and a
 * cancellation names the environment: an update that starts between the last read and the cancellation is cancelled instead.
 *
 * @see https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_AbortEnvironmentUpdate.html
 */
export class ElasticBeanstalkEnvironmentUpdate extends DeclaredDeployment {
  /**
   * The update in flight of an environment that is addressed by its name.
   *
   * @param environmentName the name of the environment, not its ID or URL: 4 to 40 letters, digits and hyphens
   * @throws if the name is not valid; a token is checked when the stack is deployed
   */
  public static fromEnvironmentName(environmentName: string): ElasticBeanstalkEnvironmentUpdate {
    return new ElasticBeanstalkEnvironmentUpdate(environmentName);
  }

  /**
   * The update in flight of an environment of the CDK: the same as with `fromEnvironmentName`.
   *
   * @param environment an environment in the account and region of the stack that cancels
   * @throws if it is not an environment
   */
  public static fromEnvironment(environment: elasticbeanstalk.IEnvironmentRef): ElasticBeanstalkEnvironmentUpdate {
    const name = environment?.environmentRef?.environmentName;
    if (name !== undefined) return new ElasticBeanstalkEnvironmentUpdate(name, environment.env);
    throw new InvalidConfigurationError(
      `environment must be a CfnEnvironment of aws-elasticbeanstalk, not ${describe(environment)}: use fromEnvironmentName for a name`,
    );
  }

  /** @internal */
  public static _fromContract({ identifiers }: Deployment): ElasticBeanstalkEnvironmentUpdate {
    return new ElasticBeanstalkEnvironmentUpdate(identifiers.environmentName ?? '');
  }

  private constructor(environmentName: string, environment?: ResourceEnvironment) {
    super({ kind: 'elasticbeanstalk-environment-update', identifiers: { environmentName } }, environment);
  }
}

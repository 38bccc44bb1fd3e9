import { type Duration, Token } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { BATCH_SIZE, MAX_IN_FLIGHT } from '../contract/fleet';
import type { CancellationOutcome, OnNotFound } from '../contract/outcome';
import { InvalidConfigurationError } from '../private/errors';

/** Options of the cancellation of a fleet. */
export interface FleetCancellationOptions {
  /**
   * The time in which all deployments must be over, from the start of the cancellation: whole seconds, from 1 second to
   * 45 minutes. Deployments that are not over by then have failed.
   *
   * @default Duration.minutes(30)
   */
  readonly timeout?: Duration;

  /**
   * The time between two reads of a deployment: whole seconds, from 1 second to 5 minutes.
   *
   * @default - 2 seconds in the first minute, and about 5 seconds later, and longer if many deployments are in flight
   */
  readonly pollInterval?: Duration;

  /**
   * The maximum number of deployments that are cancelled at the same time, from 25 to 10,000, rounded down to a multiple of
   * 25. The timeout includes the time that the others wait. Each 25 deployments take one concurrent invocation of a
   * function, and more than 1000 take 40. A fleet that a service lists may have 40 times as many in flight.
   *
   * @default 10000
   */
  readonly maxConcurrency?: number;

  /**
   * The outcomes of a deployment that are failures of the stack or state machine that contains the cancellation. It fails
   * after all deployments are over. Resources without a deployment in flight do not count. An outcome without a known
   * end of the deployment, such as `TIMED_OUT`, is always a failure.
   *
   * @default - none
   */
  readonly failOn?: CancellationOutcome[];

  /**
   * What to do if the resource of a listed deployment, or the cluster, pipeline or Proton service of a fleet, does not exist.
   * An environment of Proton that does not exist, or a tag that no stack has, is a fleet without deployments.
   *
   * @default OnNotFound.FAIL
   */
  readonly onNotFound?: OnNotFound;

  /**
   * The http or https URL of a service with the same API as the service of AWS. The workflow sends signed requests to
   * the endpoints that are declared in its stack, and to no others.
   *
   * @default - the endpoint of the AWS SDK
   */
  readonly endpoint?: string;

  /**
   * The role that calls the service, usually in the account of the deployments. The policies of the workflow allow it to
   * assume the roles that are declared in its stack. The role needs the permissions that `policyStatements` of the
   * fleet returns, and must trust `deploymentRole` of the workflow. The region is that of the stack.
   *
   * @default - the role of the deployment function
   */
  readonly role?: IRole;

  /**
   * The external ID that the trust policy of the role requires; requires `role`. It is visible in the template and in the
   * input of the executions.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
   */
  readonly externalId?: string;
}

/**
 * Returns the number of deployments in progress at the same time, divided by `BATCH_SIZE`.
 *
 * @throws if `maxConcurrency` is out of range
 */
export function concurrencyOf(maxConcurrency: number = MAX_IN_FLIGHT, scope: IConstruct): number {
  const literal = !Token.isUnresolved(maxConcurrency);
  if (literal && Number.isInteger(maxConcurrency) && maxConcurrency >= BATCH_SIZE && maxConcurrency <= MAX_IN_FLIGHT) {
    return Math.floor(maxConcurrency / BATCH_SIZE);
  }
  throw new InvalidConfigurationError(
    `maxConcurrency must be a literal whole number from ${BATCH_SIZE} to ${MAX_IN_FLIGHT}, not ${literal ? maxConcurrency : 'a token'}`,
    scope,
  );
}

import { Duration, Token } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import {
  type Bounds,
  type CancellationSettings,
  ON_NOT_FOUND,
  POLL_INTERVAL_SECONDS,
  TIMEOUT_SECONDS,
  validateEndpoint,
  validateExternalId,
  validateRoleArn,
} from '../contract/cancellation';
import { type CancellationOutcome, OnNotFound } from '../contract/outcome';
import type { Validator } from '../deployments/validator';
import { describe } from '../private/describe';
import { wholeSeconds } from '../private/duration';
import { InvalidConfigurationError } from '../private/errors';
import { validatePaths } from '../private/tokens';
import { validateFailOn } from './private/outcomes';

/** Options of a cancellation, wherever it is declared. */
export interface CancellationOptions {
  /**
   * The time in which the deployment must be over, from the start of the cancellation: whole seconds, from 1 second to
   * 45 minutes. Where neither CloudFormation nor CodePipeline waits, it may be up to 24 hours: in a task, a fragment, the
   * target of a rule, a `StackRollbackRule` and the input of an execution. After that the cancellation fails as
   * `TIMED_OUT`, and its reason contains the last known status.
   *
   * @default Duration.minutes(30)
   */
  readonly timeout?: Duration;

  /**
   * The time between two reads of the deployment: whole seconds, from 1 second to 5 minutes. It varies by up to 10 %, so
   * that many cancellations do not read at the same time. Longer intervals cost less and detect the end later. After 45
   * minutes it is at least a minute.
   *
   * @default - 2 seconds in the first minute, about 5 seconds later, and a minute after 45 minutes
   */
  readonly pollInterval?: Duration;

  /**
   * The outcomes that are failures of the stack, pipeline or state machine that contains the cancellation: any of
   * `CANCELLED`, `COMPLETED_FIRST`, `CANCEL_FAILED`, `NOTHING_TO_CANCEL` and `SUPERSEDED`. An outcome without a known end
   * of the deployment, such as `TIMED_OUT`, is always a failure.
   *
   * @default - none
   */
  readonly failOn?: CancellationOutcome[];

  /**
   * What to do if the resource that is deployed does not exist.
   *
   * @default OnNotFound.FAIL
   */
  readonly onNotFound?: OnNotFound;

  /**
   * Whether the result contains `deploymentStatusMessage`. Everyone who can read the stack or the execution can read the
   * result, and the message may be sensitive: the Proton API marks it as sensitive.
   *
   * @default false
   */
  readonly includeStatusMessage?: boolean;

  /**
   * The http or https URL of a service with the same API as the service of AWS. The workflow sends signed requests to
   * the endpoints that are declared in its stack, and to no others.
   *
   * @default - the endpoint of the AWS SDK
   */
  readonly endpoint?: string;

  /**
   * The role that calls the service, usually in the account of the deployment. The policies of the workflow allow it to
   * assume the roles that are declared in its stack. The role needs the permissions that `policyStatements` of the
   * deployment returns, and must trust `deploymentRole` of the workflow. The region is that of the stack.
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
 * Renders options as the handlers read them.
 *
 * @param bounds the bounds of the timeout
 * @throws if an option is invalid
 */
export function renderSettings(options: CancellationOptions, bounds: Bounds, scope: IConstruct): CancellationSettings {
  const { endpoint, role, externalId } = options;
  const roleArn = role?.roleArn;
  validateText('endpoint', endpoint, validateEndpoint, scope);
  validateText('role', roleArn, validateRoleArn, scope);
  validateText('externalId', externalId, validateExternalId, scope);
  if (externalId !== undefined && roleArn === undefined) {
    throw new InvalidConfigurationError('externalId requires role, which is not set', scope);
  }
  const timeoutSeconds = renderTimeout(options, bounds, scope);
  const pollIntervalSeconds =
    options.pollInterval === undefined
      ? undefined
      : wholeSeconds('pollInterval', options.pollInterval, POLL_INTERVAL_SECONDS, scope);
  if (pollIntervalSeconds !== undefined && pollIntervalSeconds > timeoutSeconds) {
    throw new InvalidConfigurationError(
      `pollInterval must be at most the timeout, ${timeoutSeconds} seconds, not ${pollIntervalSeconds} seconds`,
      scope,
    );
  }
  return {
    timeoutSeconds,
    failOn: validateFailOn(options.failOn, scope),
    onNotFound: oneOf('onNotFound', ON_NOT_FOUND, options.onNotFound ?? OnNotFound.FAIL, scope),
    includeStatusMessage: oneOf('includeStatusMessage', [true, false], options.includeStatusMessage ?? false, scope),
    endpoint,
    ...(roleArn !== undefined && { roleArn }),
    ...(externalId !== undefined && { externalId }),
    pollIntervalSeconds,
  };
}

/** @throws if the timeout is not within the bounds */
export function renderTimeout({ timeout }: CancellationOptions, bounds: Bounds, scope: IConstruct): number {
  return wholeSeconds('timeout', timeout ?? Duration.seconds(TIMEOUT_SECONDS.default), bounds, scope);
}

/** @throws if a literal is invalid, or the text contains a path: it is part of the function or of its permissions */
function validateText(name: string, value: string | undefined, validate: Validator, scope: IConstruct): void {
  const problem = value === undefined || Token.isUnresolved(value) ? undefined : validate(value);
  if (problem) throw new InvalidConfigurationError(`${name} ${problem}`, scope);
  validatePaths(name, value, scope);
}

/** @throws if a value is not one of those that are allowed; the compiler does not check JavaScript */
function oneOf<T>(name: string, allowed: readonly T[], value: T, scope: IConstruct): T {
  if (allowed.includes(value)) return value;
  throw new InvalidConfigurationError(`${name} must be ${allowed.join(' or ')}, not ${describe(value)}`, scope);
}

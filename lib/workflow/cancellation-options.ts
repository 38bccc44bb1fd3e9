import { Duration, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import {
  type CancellationSettings,
  ON_NOT_FOUND,
  POLL_INTERVAL_SECONDS,
  TIMEOUT_SECONDS,
  validateEndpoint,
} from '../contract/cancellation';
import { type CancellationOutcome, OnNotFound } from '../contract/outcome';
import { describe } from '../private/describe';
import { wholeSeconds } from '../private/duration';
import { InvalidConfigurationError } from '../private/errors';
import { validatePaths } from '../private/tokens';
import { validateFailOn } from './private/outcomes';

/** Options of a cancellation, wherever it is declared. */
export interface CancellationOptions {
  /**
   * The time in which the deployment must be over, from the start of the cancellation: whole seconds, from 1 second to
   * 45 minutes. After that the cancellation fails as `TIMED_OUT`, and its reason contains the last known status.
   *
   * @default Duration.minutes(30)
   */
  readonly timeout?: Duration;

  /**
   * The time between two reads of the deployment: whole seconds, from 1 second to 5 minutes. It varies by up to 10 %, so
   * that many cancellations do not read at the same time. Longer intervals cost less and detect the end later.
   *
   * @default - 2 seconds in the first minute, and about 5 seconds later
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
   * Whether the result contains `deploymentStatusMessage`. The message may be sensitive: the Proton API marks it so, and
   * everyone who can read the stack or the execution can read the result.
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
}

/**
 * Renders options as the handlers read them.
 *
 * @throws if an option is invalid
 */
export function renderSettings(options: CancellationOptions, scope: IConstruct): CancellationSettings {
  const { endpoint } = options;
  const problem = endpoint === undefined || Token.isUnresolved(endpoint) ? undefined : validateEndpoint(endpoint);
  if (problem) throw new InvalidConfigurationError(`endpoint ${problem}`, scope);
  validatePaths('endpoint', endpoint, scope);
  const timeoutSeconds = wholeSeconds(
    'timeout',
    options.timeout ?? Duration.seconds(TIMEOUT_SECONDS.default),
    TIMEOUT_SECONDS,
    scope,
  );
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
    pollIntervalSeconds,
  };
}

/** @throws if a value is not one of those that are allowed; the compiler does not check JavaScript */
function oneOf<T>(name: string, allowed: readonly T[], value: T, scope: IConstruct): T {
  if (allowed.includes(value)) return value;
  throw new InvalidConfigurationError(`${name} must be ${allowed.join(' or ')}, not ${describe(value)}`, scope);
}

import { Duration, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import {
  type CancellationSettings,
  POLL_INTERVAL_SECONDS,
  TIMEOUT_SECONDS,
  validateEndpoint,
} from '../contract/cancellation';
import { type CancellationOutcome, OnNotFound } from '../contract/outcome';
import { InvalidConfigurationError } from '../private/errors';

/** How long a cancellation may take, and what counts as a failure: the same wherever a cancellation is declared. */
export interface CancellationOptions {
  /**
   * How long the deployment may take to be over, counted from the start of the cancellation: whole seconds, from one
   * second to 45 minutes. After it, the cancellation fails with what was seen last.
   *
   * @default Duration.minutes(30)
   */
  readonly timeout?: Duration;

  /**
   * How long to wait between two looks at the deployment: whole seconds, from one second to five minutes. They differ by up to
   * a tenth, so that many do not look at the same moment. Looking less often costs less, and the end is noticed later.
   *
   * @default - two seconds in the first minute, and about five later
   */
  readonly pollInterval?: Duration;

  /**
   * The outcomes that count as a failure: of the stack, the pipeline or the state machine that holds the cancellation.
   *
   * @default - none: how the deployment ended is a result, whatever it is
   */
  readonly failOn?: CancellationOutcome[];

  /**
   * What to do when that which is deployed does not exist.
   *
   * @default OnNotFound.FAIL
   */
  readonly onNotFound?: OnNotFound;

  /**
   * Whether `deploymentStatusMessage` can be read. The Proton API marks it as sensitive, and whoever may look at the stack
   * can see the attributes of its resources.
   *
   * @default false
   */
  readonly includeStatusMessage?: boolean;

  /**
   * The URL of a service that speaks the API in place of the one of AWS; http or https.
   *
   * @default - where the AWS SDK looks for the service
   */
  readonly endpoint?: string;
}

/**
 * The options as the handlers know them.
 *
 * @throws if an option cannot be used
 */
export function renderSettings(options: CancellationOptions, scope: IConstruct): CancellationSettings {
  const { endpoint } = options;
  const problem = endpoint === undefined || Token.isUnresolved(endpoint) ? undefined : validateEndpoint(endpoint);
  if (problem) throw new InvalidConfigurationError(`endpoint ${problem}`, scope);
  return {
    timeoutSeconds: seconds(
      'timeout',
      options.timeout ?? Duration.seconds(TIMEOUT_SECONDS.default),
      TIMEOUT_SECONDS,
      scope,
    ),
    failOn: (options.failOn ?? []).map((outcome): CancellationSettings['failOn'][number] => outcome),
    onNotFound: options.onNotFound ?? OnNotFound.FAIL,
    includeStatusMessage: options.includeStatusMessage ?? false,
    endpoint,
    pollIntervalSeconds:
      options.pollInterval && seconds('pollInterval', options.pollInterval, POLL_INTERVAL_SECONDS, scope),
  };
}

function seconds(
  name: string,
  duration: Duration,
  { min, max }: { readonly min: number; readonly max: number },
  scope: IConstruct,
): number {
  const found = duration.isUnresolved() ? undefined : duration.toSeconds({ integral: false });
  if (found === undefined || !Number.isInteger(found) || found < min || found > max) {
    throw new InvalidConfigurationError(
      `${name} must be a literal duration of whole seconds from ${min} second to ${max / 60} minutes, not ${found === undefined ? 'a token' : duration.toHumanString()}`,
      scope,
    );
  }
  return found;
}

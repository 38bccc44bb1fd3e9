import { Duration, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { endpointProblem, type Policy, TIMEOUT_SECONDS } from './contract';
import { InvalidConfiguration } from './errors';
import { type CancellationOutcome, OnNotFound } from './outcome';

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
export function policyOf(options: CancellationOptions, scope: IConstruct): Policy {
  const { endpoint } = options;
  const problem = endpoint === undefined || Token.isUnresolved(endpoint) ? undefined : endpointProblem(endpoint);
  if (problem) throw new InvalidConfiguration(`endpoint ${problem}`, scope);
  return {
    timeoutSeconds: timeoutSeconds(options.timeout, scope),
    failOn: (options.failOn ?? []).map((outcome): Policy['failOn'][number] => outcome),
    onNotFound: options.onNotFound ?? OnNotFound.FAIL,
    includeStatusMessage: options.includeStatusMessage ?? false,
    endpoint,
  };
}

function timeoutSeconds(timeout: Duration = Duration.seconds(TIMEOUT_SECONDS.default), scope: IConstruct): number {
  const { min, max } = TIMEOUT_SECONDS;
  const seconds = timeout.isUnresolved() ? undefined : timeout.toSeconds({ integral: false });
  if (seconds === undefined || !Number.isInteger(seconds) || seconds < min || seconds > max) {
    throw new InvalidConfiguration(
      `timeout must be a literal duration of whole seconds from ${min} second to ${max / 60} minutes, not ${seconds === undefined ? 'a token' : timeout.toHumanString()}`,
      scope,
    );
  }
  return seconds;
}

import { type Duration, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { BATCH_SIZE, MAX_IN_FLIGHT } from '../contract/fleet';
import type { CancellationOutcome, OnNotFound } from '../contract/outcome';
import { InvalidConfigurationError } from '../private/errors';

/** How long the cancellation of a fleet may take, how many at a time, and what counts as a failure. */
export interface FleetCancellationOptions {
  /**
   * How long all the deployments may take to be over, counted from the start: whole seconds, from one second to 45
   * minutes. Those that are not over by then have failed, with what was seen last.
   *
   * @default Duration.minutes(30)
   */
  readonly timeout?: Duration;

  /**
   * How many deployments are being cancelled at the same time, from 25 to 1000: rounded down to whole batches of 25. The
   * others wait for their turn, and the timeout does not wait for them. For each batch, one invocation of a function is
   * under way: 40 of them for a thousand deployments.
   *
   * @default 1000
   */
  readonly maxConcurrency?: number;

  /**
   * The outcomes of a deployment that count as a failure. If there is one such deployment, the stack, the pipeline or the
   * state machine that holds the cancellation fails, after all the others are over. What was not in flight when the fleet
   * was found has no part in this.
   *
   * @default - none: how the deployments ended is a result, whatever it is
   */
  readonly failOn?: CancellationOutcome[];

  /**
   * What to do when a deployment that is listed, or the service whose service instances they are, does not exist. To find
   * nothing in flight is never a failure; an environment that does not exist is one in which nothing is.
   *
   * @default OnNotFound.FAIL
   */
  readonly onNotFound?: OnNotFound;

  /**
   * The URL of a service that speaks the API in place of the one of AWS; http or https.
   *
   * @default - where the AWS SDK looks for the service
   */
  readonly endpoint?: string;
}

/**
 * How many batches are under way at the same time.
 *
 * @throws if so many cannot be
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

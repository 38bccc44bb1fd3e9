import { Duration } from 'aws-cdk-lib';
import type { Deployment } from '../../contract/cancellation';
import { wholeSeconds } from '../../private/duration';
import { ABANDON_AFTER_SECONDS } from './kinds';

/** The way to stop an execution. */
interface StopOptions {
  readonly abandon?: boolean;
  readonly abandonAfter?: Duration;
}

/**
 * Renders the way to stop an execution as the handlers read it.
 *
 * @throws if `abandonAfter` is not valid
 */
export function renderStopOptions({ abandon = false, abandonAfter }: StopOptions): NonNullable<Deployment['options']> {
  if (abandonAfter === undefined) return { abandon };
  return { abandon, abandonAfterSeconds: wholeSeconds('abandonAfter', abandonAfter, ABANDON_AFTER_SECONDS) };
}

/** Reads the way to stop an execution that the handlers read. */
export function stopOptionsOf({ abandon, abandonAfterSeconds }: Deployment['options'] = {}): StopOptions {
  return {
    abandon: abandon === true,
    ...(typeof abandonAfterSeconds === 'number' && { abandonAfter: Duration.seconds(abandonAfterSeconds) }),
  };
}

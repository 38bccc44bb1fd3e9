import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { describe } from './describe';
import { InvalidConfigurationError } from './errors';

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * Returns a duration in seconds.
 *
 * @throws if it is not a literal duration of whole seconds within the bounds
 */
export function wholeSeconds(name: string, duration: Duration, { min, max }: Bounds, scope?: IConstruct): number {
  const problem = (what: string) =>
    new InvalidConfigurationError(
      `${name} must be a literal duration of whole seconds from ${min} second to ${maximum(max)}, not ${what}`,
      scope,
    );
  if (!(duration instanceof Duration))
    throw problem(`${describe(duration)}: use Duration, such as Duration.minutes(5)`);
  if (duration.isUnresolved()) throw problem('a token');
  const found = duration.toSeconds({ integral: false });
  if (Number.isInteger(found) && found >= min && found <= max) return found;
  throw problem(duration.toHumanString());
}

/** A maximum in minutes, or in hours if it is longer than an hour. */
function maximum(seconds: number): string {
  return seconds > 3600 ? `${seconds / 3600} hours` : `${seconds / 60} minutes`;
}

import type { IConstruct } from 'constructs';
import type { CancellationSettings, Deployment } from '../../contract/cancellation';
import { findLateOption, nameWithoutUnit } from '../../deployments/options';
import { InvalidConfigurationError } from '../../private/errors';

/** @throws if an option would take effect only after the timeout */
export function validateTimes(
  deployments: readonly Pick<Deployment, 'options'>[],
  { timeoutSeconds }: CancellationSettings,
  scope: IConstruct,
): void {
  for (const { options } of deployments) {
    const late = findLateOption(options, timeoutSeconds);
    if (!late) continue;
    const [name, seconds] = late;
    throw new InvalidConfigurationError(
      `${nameWithoutUnit(name)} must be less than the timeout, ${timeoutSeconds} seconds, not ${seconds} seconds`,
      scope,
    );
  }
}

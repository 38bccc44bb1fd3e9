import { Token } from 'aws-cdk-lib';
import type { Deployment } from '../contract/cancellation';
import { InvalidConfigurationError } from '../private/errors';
import { displayNameOf, KINDS } from './kinds';

/** What a person calls that which is deployed. Throws if it cannot be that; names that are tokens are not known yet. */
export function validateIdentifiers(deployment: Deployment): string {
  for (const [name, value] of Object.entries(deployment.identifiers)) {
    const validate = Token.isUnresolved(value) ? undefined : KINDS[deployment.kind].validate(name, value);
    if (validate) throw new InvalidConfigurationError(`${name} ${validate}`);
  }
  return displayNameOf(deployment);
}

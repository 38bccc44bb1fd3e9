import { Token } from 'aws-cdk-lib';
import type { Deployment } from '../contract/cancellation';
import { InvalidConfiguration } from '../private/errors';
import { KINDS, subjectOf } from './kinds';

/** What a person calls that which is deployed. Throws if it cannot be that; names that are tokens are not known yet. */
export function checkedSubject(deployment: Deployment): string {
  for (const [name, value] of Object.entries(deployment.names)) {
    const problem = Token.isUnresolved(value) ? undefined : KINDS[deployment.kind].problem(name, value);
    if (problem) throw new InvalidConfiguration(`${name} ${problem}`);
  }
  return subjectOf(deployment);
}

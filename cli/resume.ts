import type { OptionValue } from '../lib/contract/cancellation';
import type { OptionDefinition } from '../lib/deployments/kind-definition';
import { kindDefinition } from '../lib/deployments/kinds';
import type { Invocation } from './arguments';
import { formatDuration } from './duration';
import { commandOf, DEPLOYMENT_ID, flagOfIdentifier, flagOfOption, flagsOfKind, kindOfCommand } from './flags';

/** The command that waits again for a deployment, and for no other one. */
export function resumeCommand(invocation: Invocation, deploymentId: string | undefined): string {
  const { request, region, profile } = invocation;
  const { kind, identifiers, options = {} } = request.deployment;
  const known = kindOfCommand(kind);
  const id = deploymentId === undefined ? {} : { [DEPLOYMENT_ID]: deploymentId };
  const isIdentifier = known !== undefined && Object.hasOwn(flagsOfKind(known), DEPLOYMENT_ID);
  const names = isIdentifier && deploymentId !== undefined ? [] : Object.entries(identifiers);
  const strings = {
    ...Object.fromEntries(names.map(([name, value]) => [flagOfIdentifier(name), value])),
    ...id,
    region,
    profile,
    'endpoint-url': request.settings.endpoint,
  };
  const definitions = Object.entries<OptionDefinition>(
    known === undefined ? {} : (kindDefinition(known).options ?? {}),
  );
  return [
    'cancel-deployment',
    known === undefined ? kind : commandOf(known),
    ...Object.entries(strings).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, value])),
    ...definitions.flatMap(([name, option]) => optionArguments(name, option, options[name])),
  ].join(' ');
}

function optionArguments(name: string, option: OptionDefinition, value: OptionValue | undefined): string[] {
  if (value === undefined || String(value) === String(option.default)) return [];
  const flag = `--${flagOfOption(name, option)}`;
  if (option.type === 'boolean') return [flag];
  return [flag, option.type === 'seconds' ? formatDuration(Number(value)) : String(value)];
}

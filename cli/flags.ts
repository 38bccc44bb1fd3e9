import {
  LONG_TIMEOUT_SECONDS,
  ON_NOT_FOUND,
  POLL_INTERVAL_SECONDS,
  TERMINAL_OUTCOMES,
} from '../lib/contract/cancellation';
import type { OptionDefinition } from '../lib/deployments/kind-definition';
import { DEPLOYMENT_KINDS, type DeploymentKind, isDeploymentKind, kindDefinition } from '../lib/deployments/kinds';
import { nameWithoutUnit } from '../lib/deployments/options';
import { formatDuration } from './duration';

/** A flag of the command line. */
export interface Flag {
  readonly type: 'string' | 'boolean';
  /** What stands for its value in the help; only for strings. */
  readonly value?: string;
  readonly short?: string;
  readonly multiple?: boolean;
  readonly help: string;
}

type Flags = Readonly<Record<string, Flag>>;

const range = ({ min, max }: { readonly min: number; readonly max: number }) =>
  `${formatDuration(min)} to ${formatDuration(max)}`;

/** The flag that pins one deployment, for the kinds that have no identifier of this name. */
export const DEPLOYMENT_ID = 'deployment-id';

/** The flags that every kind has. */
export const COMMON_FLAGS = {
  [DEPLOYMENT_ID]: { type: 'string', value: 'ID', help: 'cancels no deployment but this one' },
  'ignore-started-before': {
    type: 'string',
    value: 'TIME',
    help: 'does not cancel a deployment that started before, such as 2026-10-01T12:00:00Z',
  },
  timeout: {
    type: 'string',
    value: 'TIME',
    help: `how long to wait until it is over: ${range(LONG_TIMEOUT_SECONDS)} (default: ${formatDuration(LONG_TIMEOUT_SECONDS.default)})`,
  },
  'poll-interval': {
    type: 'string',
    value: 'TIME',
    help: `the time between two reads: ${range(POLL_INTERVAL_SECONDS)} (default: 2s, after a minute 5s)`,
  },
  'fail-on': {
    type: 'string',
    value: 'OUTCOMES',
    multiple: true,
    help: `the outcomes that fail, with commas between them: ${TERMINAL_OUTCOMES.join(', ')}`,
  },
  'on-not-found': {
    type: 'string',
    value: ON_NOT_FOUND.join('|'),
    help: 'what to do if the resource does not exist (default: fail)',
  },
  'include-status-message': { type: 'boolean', help: 'adds the message of the service to the JSON document' },
  'dry-run': {
    type: 'boolean',
    help: 'only reads: says what is in flight, what would be called, with which permissions',
  },
  yes: { type: 'boolean', short: 'y', help: 'does not ask, even if several deployments are in flight' },
  json: { type: 'boolean', help: 'prints one JSON document on stdout, and nothing else' },
  region: { type: 'string', value: 'REGION', help: 'default: as the AWS CLI' },
  profile: { type: 'string', value: 'NAME', help: 'default: as the AWS CLI' },
  'endpoint-url': { type: 'string', value: 'URL', help: 'the URL of the service that deploys' },
  help: { type: 'boolean', short: 'h', help: 'prints this text' },
  version: { type: 'boolean', help: 'prints the version' },
} as const satisfies Flags;

/** The words of a name in camel case, with hyphens between them. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The flag of an identifier: `--cluster` for `clusterName`. */
export function flagOfIdentifier(name: string): string {
  return kebab(name.replace(/Name$/, ''));
}

/** The flag that changes an option from its default: `--abandon`, `--no-rollback`, `--abandon-after 5m`. */
export function flagOfOption(name: string, option: OptionDefinition): string {
  if (option.type === 'seconds') return kebab(nameWithoutUnit(name));
  return option.default === true ? `no-${kebab(name)}` : kebab(name);
}

function flagFor(name: string, option: OptionDefinition): Flag {
  switch (option.type) {
    case 'boolean':
      return { type: 'boolean', help: `sets ${name} of the cancellation to ${!option.default}` };
    case 'choice':
      return { type: 'string', value: option.values.join('|'), help: `${name} (default: ${option.default})` };
    case 'list':
      return { type: 'string', value: 'NAMES', multiple: true, help: `${name}, with commas between them` };
    case 'seconds':
      return { type: 'string', value: 'TIME', help: `sets ${name} of the cancellation: ${range(option)}` };
  }
}

/** The flags that only one kind has. */
export function flagsOfKind(kind: DeploymentKind): Flags {
  const { identifiers, options = {}, label } = kindDefinition(kind);
  const named = Object.keys(identifiers).map((name): [string, Flag] => {
    const flag = flagOfIdentifier(name);
    return [
      flag,
      { type: 'string', value: name.endsWith('Name') ? 'NAME' : 'ID', help: `the ${name} of the ${label}` },
    ];
  });
  const behaviors = Object.entries(options).map(([name, option]): [string, Flag] => [
    flagOfOption(name, option),
    flagFor(name, option),
  ]);
  return Object.fromEntries([...named, ...behaviors]);
}

/** The flags of kinds, and the common ones. */
export function flagsOf(kinds: readonly DeploymentKind[]): Flags {
  return Object.assign({}, ...kinds.map(flagsOfKind), COMMON_FLAGS);
}

/** The name of a kind that the usage shows. */
export function commandOf(kind: DeploymentKind): string {
  return kindDefinition(kind).command ?? kind;
}

/** The kind of a command: its short name, or its own name. */
export function kindOfCommand(text: string): DeploymentKind | undefined {
  return isDeploymentKind(text) ? text : DEPLOYMENT_KINDS.find((kind) => kindDefinition(kind).command === text);
}

/** The sets of flags that each address a deployment, in the order in which they count. */
export function flagSetsOf(kind: DeploymentKind): readonly (readonly string[])[] {
  return kindDefinition(kind).identifierSets.map((names) => names.map(flagOfIdentifier));
}

import { parseArgs } from 'node:util';
import { parseRequest } from '../lambda/parse';
import {
  type CancellationInput,
  CONTRACT_VERSION,
  type Deployment,
  LONG_TIMEOUT_SECONDS,
  type OptionValue,
  POLL_INTERVAL_SECONDS,
  validateEndpoint,
} from '../lib/contract/cancellation';
import type { OptionDefinition } from '../lib/deployments/kind-definition';
import { DEPLOYMENT_KINDS, type DeploymentKind, kindDefinition } from '../lib/deployments/kinds';
import { conflictOf } from '../lib/deployments/options';
import { formatDuration, parseDuration } from './duration';
import {
  commandOf,
  DEPLOYMENT_ID,
  flagOfIdentifier,
  flagOfOption,
  flagSetsOf,
  flagsOf,
  flagsOfKind,
  kindOfCommand,
} from './flags';
import { UsageError } from './usage-error';

/** A cancellation as the command line asks for it. */
export interface Invocation {
  /** The input of the engine, which checks it again. */
  readonly request: CancellationInput;
  /** The deployment that was named by its ID, besides the identifiers of its kind. */
  readonly deploymentId?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly json: boolean;
}

type Values = Readonly<Record<string, unknown>>;

/** @throws `UsageError` */
export function parseArguments(args: readonly string[]): Invocation | 'help' | 'version' {
  const { values: loose, positionals: words } = parse(args, DEPLOYMENT_KINDS, false);
  if (loose.help === true || args.length === 0) return 'help';
  if (loose.version === true) return 'version';
  const [command] = words;
  if (command === undefined) throw new UsageError(`name what to cancel: one of ${commands()}`);
  const kind = kindOfCommand(command);
  if (!kind) throw new UsageError(`'${command}' is not a kind of deployment: use one of ${commands()}`);
  const { values, positionals } = parse(args, [kind], true);
  return invocationOf(kind, withName(kind, values, positionals.slice(1)));
}

function commands(): string {
  return DEPLOYMENT_KINDS.map(commandOf).join(', ');
}

function parse(args: readonly string[], kinds: readonly DeploymentKind[], strict: boolean) {
  const options = Object.fromEntries(
    Object.entries(flagsOf(kinds)).map(([name, { type, short, multiple = false }]) => [
      name,
      { type, multiple, ...(short !== undefined && { short }) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, strict, allowPositionals: true });
    return { values: values as Values, positionals };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message.replace(/\. To specify a positional.*$/s, '')}; try --help`);
  }
}

/** Takes a name without a flag, where it can mean only one thing. */
function withName(kind: DeploymentKind, values: Values, [name, ...others]: readonly string[]): Values {
  if (name === undefined) return values;
  const [flag, ...further] = flagSetsOf(kind).at(-1) ?? [];
  if (flag === undefined || further.length > 0 || others.length > 0 || values[flag] !== undefined) {
    throw new UsageError(`'${others[0] ?? name}' has no flag: ${needsOf(kind)}`);
  }
  return { ...values, [flag]: name };
}

function needsOf(kind: DeploymentKind): string {
  const sets = flagSetsOf(kind).map((names) => names.map((name) => `--${name}`).join(' and '));
  return `${commandOf(kind)} needs ${sets.join(', or ')}`;
}

function invocationOf(kind: DeploymentKind, values: Values): Invocation {
  const text = (flag: string) => values[flag] as string | undefined;
  const endpoint = text('endpoint-url');
  const problem = endpoint === undefined ? undefined : validateEndpoint(endpoint);
  if (problem) throw new UsageError(`--endpoint-url ${problem}`);
  const identifiers = identifiersOf(kind, text);
  const options = optionsOf(kind, values);
  const interval = duration('poll-interval', text('poll-interval'), POLL_INTERVAL_SECONDS);
  const request = {
    contractVersion: CONTRACT_VERSION,
    deployment: { kind, identifiers, ...(Object.keys(options).length > 0 && { options }) },
    settings: {
      timeoutSeconds: duration('timeout', text('timeout'), LONG_TIMEOUT_SECONDS) ?? LONG_TIMEOUT_SECONDS.default,
      failOn: listOf(values['fail-on']),
      onNotFound: text('on-not-found'),
      includeStatusMessage: values['include-status-message'] === true,
      ...(endpoint !== undefined && { endpoint }),
      ...(interval !== undefined && { pollIntervalSeconds: interval }),
    },
    ...(text('ignore-started-before') !== undefined && { ignoreStartedBefore: text('ignore-started-before') }),
  };
  const isIdentifier = Object.hasOwn(flagsOfKind(kind), DEPLOYMENT_ID);
  return {
    request: { contractVersion: CONTRACT_VERSION, ...checked(request, kind) },
    ...(!isIdentifier && { deploymentId: deploymentIdOf(text(DEPLOYMENT_ID)) }),
    region: text('region'),
    profile: text('profile'),
    dryRun: values['dry-run'] === true,
    yes: values.yes === true,
    json: values.json === true,
  };
}

/** The options of a kind, as the flags set them. */
function optionsOf(kind: DeploymentKind, values: Values): NonNullable<Deployment['options']> {
  const definitions: Readonly<Record<string, OptionDefinition>> = kindDefinition(kind).options ?? {};
  const flags = Object.fromEntries(Object.entries(definitions).map(([name, each]) => [name, flagOfOption(name, each)]));
  const options = Object.fromEntries(
    Object.entries(definitions).flatMap(([name, option]) => {
      const flag = flags[name] ?? name;
      const value = optionValue(option, flag, values[flag]);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const conflict = conflictOf(options, definitions, (name) => `--${flags[name]}`);
  if (conflict) throw new UsageError(conflict);
  return options;
}

/** The identifiers of the set that is given. */
function identifiersOf(
  kind: DeploymentKind,
  text: (flag: string) => string | undefined,
): Readonly<Record<string, string>> {
  const { identifiers, identifierSets } = kindDefinition(kind);
  const given = Object.keys(identifiers).filter((name) => text(flagOfIdentifier(name)) !== undefined);
  const set = identifierSets.find((names) => names.every((name) => given.includes(name)));
  if (!set) throw new UsageError(needsOf(kind));
  const unused = given.find((name) => !set.includes(name));
  if (unused !== undefined) {
    const names = set.map((name) => `--${flagOfIdentifier(name)}`).join(' and ');
    throw new UsageError(`--${flagOfIdentifier(unused)} means nothing beside ${names}: leave one of them out`);
  }
  return Object.fromEntries(set.map((name) => [name, validValue(kind, name, text(flagOfIdentifier(name)))]));
}

/** The value that a flag gives to an option. */
function optionValue(option: OptionDefinition, flag: string, given: unknown): OptionValue | undefined {
  if (given === undefined) return option.default;
  switch (option.type) {
    case 'boolean':
      return !option.default;
    case 'choice':
      return String(given);
    case 'list':
      return listOf(given);
    case 'seconds':
      return duration(flag, String(given), option);
  }
}

function validValue(kind: DeploymentKind, name: string, value = ''): string {
  const problem = kindDefinition(kind).identifiers[name]?.validate(value);
  if (problem) throw new UsageError(`--${flagOfIdentifier(name)} ${problem}`);
  return value;
}

function duration(
  flag: string,
  text: string | undefined,
  bounds: { readonly min: number; readonly max: number },
): number | undefined {
  if (text === undefined) return undefined;
  const seconds = parseDuration(text, bounds);
  if (seconds !== undefined) return seconds;
  const [min, max] = [bounds.min, bounds.max].map(formatDuration);
  throw new UsageError(`--${flag} must be from ${min} to ${max}, such as 90s or 30m, not '${text}'`);
}

function listOf(values: unknown): readonly string[] {
  return ((values ?? []) as readonly string[]).flatMap((list) => list.split(',')).map((name) => name.trim());
}

function deploymentIdOf(text: string | undefined): string | undefined {
  if (text === undefined || /^[\w.:-]{1,200}$/.test(text)) return text;
  throw new UsageError(`--${DEPLOYMENT_ID} must be the ID of a deployment, not '${text}'`);
}

/** Where the engine names a setting, the user has written a flag. */
const FLAGS_OF_SETTINGS: Readonly<Record<string, string>> = {
  'settings.failOn': '--fail-on',
  'settings.onNotFound': '--on-not-found',
  ignoreStartedBefore: '--ignore-started-before',
};

function checked(request: object, kind: DeploymentKind): ReturnType<typeof parseRequest> {
  const options = Object.entries(kindDefinition(kind).options ?? {});
  const flags: Readonly<Record<string, string>> = {
    ...FLAGS_OF_SETTINGS,
    ...Object.fromEntries(options.map((each) => [each[0], `--${flagOfOption(...each)}`])),
  };
  try {
    return parseRequest(request);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.replace(/^\S+/, (name) => flags[name] ?? name));
  }
}

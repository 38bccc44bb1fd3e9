import { DEFAULT_KIND } from '../emulator/simulation/find-scenario';
import type { Deployment, OptionValue } from '../lib/contract/cancellation';
import type { OptionDefinition } from '../lib/deployments/kind-definition';
import {
  DEPLOYMENT_KINDS,
  type DeploymentKind,
  isDeploymentKind,
  KINDS,
  kindDefinition,
  sampleIdentifiers,
} from '../lib/deployments/kinds';
import * as library from '../lib/index';

const CLASSES = { ...library };

/** The app, as its context describes it. */
export interface ParsedContext {
  readonly kind: DeploymentKind;
  readonly deployment: library.CancellableDeployment;
  /** The names of the context that the app reads, besides `kind`. */
  readonly names: readonly string[];
}

/**
 * @param context returns a value of the context; undefined if there is none
 * @throws if a value is not valid
 */
export function parseContext(context: (name: string) => unknown): ParsedContext {
  const text = (name: string): string | undefined => {
    const value = context(name) ?? undefined;
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    throw new Error(`context ${name} must be a non-empty string, not ${JSON.stringify(value)}: pass -c ${name}=…`);
  };
  const kind = text('kind') ?? DEFAULT_KIND;
  if (!isDeploymentKind(kind))
    throw new Error(`context kind must be one of ${DEPLOYMENT_KINDS.join(', ')}, not '${kind}'`);
  const options = Object.fromEntries(
    Object.entries(kindDefinition(kind).options ?? {}).flatMap(([name, option]) => {
      const value = optionValue(name, option, text(name)) ?? option.default;
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const deployment = deploymentOf({ kind, identifiers: sampleIdentifiers(kind, text), options });
  return { kind, deployment, names: contextNames(kind) };
}

/** The names that the context of the app may have for a kind. */
export function contextNames(kind: DeploymentKind): readonly string[] {
  const { identifiers, options = {} } = kindDefinition(kind);
  return [...Object.keys(identifiers), ...Object.keys(options), 'trigger'];
}

/** The deployment of a contract, as the class of its kind. */
export function deploymentOf(
  deployment: Deployment & { readonly kind: DeploymentKind },
): library.CancellableDeployment {
  return CLASSES[KINDS[deployment.kind].className]._fromContract(deployment);
}

/** The value that a text of the context gives to an option. */
function optionValue(name: string, option: OptionDefinition, text: string | undefined): OptionValue | undefined {
  if (text === undefined || option.type === 'choice') return text;
  if (option.type === 'list') return text.split(',');
  if (option.type === 'seconds') return seconds(name, text);
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Error(`context ${name} must be true or false, not '${text}': pass -c ${name}=true`);
}

/** The class of the deployment checks the bounds. */
function seconds(name: string, value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw new Error(`context ${name} must be a whole number of seconds, not '${value}': pass -c ${name}=300`);
}

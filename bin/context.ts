import { DEFAULT_KIND } from '../emulator/simulation/find-scenario';
import type { Deployment } from '../lib/contract/cancellation';
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
      const value = option.type === 'boolean' ? (flag(name, text(name)) ?? option.default) : seconds(name, text(name));
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

function flag(name: string, value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new Error(`context ${name} must be true or false, not '${value}': pass -c ${name}=true`);
}

/** The class of the deployment checks the bounds. */
function seconds(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  throw new Error(`context ${name} must be a whole number of seconds, not '${value}': pass -c ${name}=300`);
}

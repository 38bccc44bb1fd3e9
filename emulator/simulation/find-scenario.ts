import { DEPLOYMENT_KINDS, type DeploymentKind, isDeploymentKind, kindDefinition } from '../../lib/deployments/kinds';
import { DEFAULT_ENVIRONMENT } from '../core/environment';
import type { Scenario } from './scenarios';
import { planOf, scenarioNamesOf, scriptFor, simulationOf } from './service-simulation';

/** The kind of a scenario that names none, and of the app. */
export const DEFAULT_KIND: DeploymentKind = 'ecs-service-deployment';

/** Every scenario of every kind, by the name that `findScenario` takes. */
export function allScenarios(): readonly string[] {
  return DEPLOYMENT_KINDS.flatMap((kind) =>
    scenarioNamesOf(kind).map((name) => (kind === DEFAULT_KIND ? name : `${kind}/${name}`)),
  );
}

/** The scenario of a text such as `cancelled` or `proton-environment/cancelled`; undefined if there is none. */
export function findScenario(text: string, given: Readonly<Record<string, string>> = {}): Scenario | undefined {
  const [name = '', kind = DEFAULT_KIND, ...others] = text.split('/').reverse();
  if (others.length > 0 || !isDeploymentKind(kind) || !scriptFor(kind, name)) return undefined;
  return { ...scenarioOf(kind, name, given), name: text };
}

/**
 * A scenario of a kind.
 *
 * @param given the identifiers of the deployment, with samples in place of those that are left out, and other names that
 * the account uses, such as the environment of a service instance
 */
export function scenarioOf(kind: DeploymentKind, name: string, given: Readonly<Record<string, string>> = {}): Scenario {
  const { identifierSets, identifiers: definitions } = kindDefinition(kind);
  const names = identifierSets.at(-1) ?? [];
  const samples = Object.fromEntries(names.map((identifier) => [identifier, definitions[identifier]?.sample ?? '']));
  const script = scriptFor(kind, name);
  if (!script) throw new Error(`there is no scenario ${name} of ${kind}`);
  const deployment = { kind, identifiers: { ...samples, ...given }, scenario: name };
  const { target, faults } = planOf(deployment, script, DEFAULT_ENVIRONMENT);
  const account = simulationOf(kind).account([target], DEFAULT_ENVIRONMENT);
  return { name: `${kind}/${name}`, kind, description: script.description, seed: {}, ...account, faults };
}

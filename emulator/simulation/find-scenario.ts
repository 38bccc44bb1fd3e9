import * as stackUpdate from '../services/cloudformation/scenarios';
import { CODEDEPLOY_SCENARIOS } from '../services/codedeploy/scenarios';
import { CODEPIPELINE_SCENARIOS } from '../services/codepipeline/scenarios';
import { ECS_SCENARIOS } from '../services/ecs/scenarios';
import * as proton from '../services/proton/scenarios';
import type { ScenarioProvider } from './scenario-provider';
import { isScenarioName, SCENARIO_NAMES, type Scenario } from './scenarios';

const PROVIDERS: readonly ScenarioProvider[] = [
  ECS_SCENARIOS,
  CODEDEPLOY_SCENARIOS,
  CODEPIPELINE_SCENARIOS,
  { kind: stackUpdate.KIND, scenario: (name, { stackName }) => stackUpdate.stackScenario(name, stackName) },
];

/** Every scenario of every kind, by the name under which it is found. */
export const SCENARIOS: readonly string[] = [
  ...proton.SCENARIOS,
  ...PROVIDERS.flatMap(({ kind }) => SCENARIO_NAMES.map((name) => `${kind}/${name}`)),
];

/** What a text such as `cancelled` or `environment/cancelled` means; undefined if it means nothing. */
export function findScenario(text: string, context: Readonly<Record<string, string>> = {}): Scenario | undefined {
  const [kind, name = '', ...services] = text.split('/');
  const provider = PROVIDERS.find((candidate) => candidate.kind === kind);
  if (!provider) return proton.findScenario(text, context);
  if (services.length > 0 || !isScenarioName(name)) return undefined;
  return { name: text, kind: provider.kind, ...provider.scenario(name, context) };
}

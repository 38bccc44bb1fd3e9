import * as stackUpdate from '../services/cloudformation/scenarios';
import { CODEDEPLOY_STAGE } from '../services/codedeploy/scenarios';
import { CODEPIPELINE_STAGE } from '../services/codepipeline/scenarios';
import { ECS_STAGE } from '../services/ecs/scenarios';
import * as proton from '../services/proton/scenarios';
import type { Stage } from './scenario-provider';
import { isScenarioName, SCENARIO_NAMES, type Scenario } from './scenarios';

const STAGES: readonly Stage[] = [
  ECS_STAGE,
  CODEDEPLOY_STAGE,
  CODEPIPELINE_STAGE,
  { kind: stackUpdate.KIND, scenario: (name, { stackName }) => stackUpdate.stackScenario(name, stackName) },
];

/** Every scenario of every kind, by the name under which it is found. */
export const SCENARIOS: readonly string[] = [
  ...proton.SCENARIOS,
  ...STAGES.flatMap(({ kind }) => SCENARIO_NAMES.map((name) => `${kind}/${name}`)),
];

/** What a text such as `cancelled` or `environment/cancelled` means; undefined if it means nothing. */
export function findScenario(text: string, context: Readonly<Record<string, string>> = {}): Scenario | undefined {
  const [kind, name = '', ...others] = text.split('/');
  const stage = STAGES.find((candidate) => candidate.kind === kind);
  if (!stage) return proton.findScenario(text, context);
  if (others.length > 0 || !isScenarioName(name)) return undefined;
  return { name: text, kind: stage.kind, ...stage.scenario(name, context) };
}

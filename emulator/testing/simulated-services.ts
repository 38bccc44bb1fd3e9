import { DEPLOYMENT_KINDS, type DeploymentKind } from '../../lib/contract/cancellation';
import { MINUTES, type PlanStep, SECONDS } from '../core/plan';
import type { Populate } from '../core/service';
import type { Place } from '../core/simulated-service';
import * as stackUpdate from '../services/cloudformation/scenarios';
import { PlannedStacks } from '../services/cloudformation/simulated-stacks';
import * as codeDeploy from '../services/codedeploy/scenarios';
import { embeddedCodeDeploy } from '../services/codedeploy/service';
import * as codePipeline from '../services/codepipeline/scenarios';
import { embeddedCodePipeline } from '../services/codepipeline/service';
import * as ecs from '../services/ecs/scenarios';
import { embeddedEcs } from '../services/ecs/service';
import type { ServiceSeed, WorldSeed } from '../services/proton/plan';
import * as proton from '../services/proton/scenarios';
import { isKind, seedOf } from '../services/proton/target';
import {
  type Cast,
  type FaultRule,
  isScenarioName,
  type Played,
  playedOut,
  SCENARIO_NAMES,
  type Script,
  scriptOf,
  type Word,
} from '../simulation/scenarios';
import type { DeploymentPlan, DeploymentToCancel, PlanStep as PublicStep, Scenario } from './index';

/** All that there is to be cancelled, and what happens to it. */
export interface Worlds {
  readonly seed: WorldSeed;
  readonly others: readonly Populate[];
  readonly faults: readonly FaultRule[];
}

export type Part = Required<DeploymentToCancel>;

export function worldsOf(parts: readonly Part[], place: Place): Worlds {
  for (const { kind } of parts) {
    if (!DEPLOYMENT_KINDS.includes(kind)) {
      throw new Error(`there is no kind of deployment '${kind}'; there are ${DEPLOYMENT_KINDS.join(', ')}`);
    }
  }
  const faults: FaultRule[] = [];
  /** Those of a kind, each as it is played. */
  const play = <Status extends string, Seed>(
    kinds: (kind: DeploymentKind) => boolean,
    castOf: (part: Part) => Cast<Status>,
    seeded: (part: Part, deployment: Played<Status>['deployment']) => Seed,
    faultOf = (rule: FaultRule) => rule,
  ): Seed[] =>
    parts
      .filter(({ kind }) => kinds(kind))
      .map((part) => {
        const { deployment, faults: rules } = playedOut(scriptFor(part.scenario), castOf(part));
        faults.push(...rules.map(faultOf));
        return seeded(part, deployment);
      });

  const seeds = play(
    (kind) => kind.startsWith('proton-'),
    (part) => proton.castOf(protonTarget(part)),
    (part, deployment) => seedOf(protonTarget(part), deployment && { deployments: [deployment] }),
  );
  const applications = play(
    (kind) => kind === 'codedeploy-deployment',
    (part) => codeDeploy.castOf(groupOf(part)),
    (part, deployment) => {
      const { applicationName: name, deploymentGroupName } = groupOf(part);
      return { name, deploymentGroups: deployment ? [{ name: deploymentGroupName, deployments: [deployment] }] : [] };
    },
  );
  const clusters = play(
    (kind) => kind === 'ecs-service-deployment',
    (part) => ecs.castOf(serviceOf(part)),
    (part, deployment) => {
      const { cluster: name, service } = serviceOf(part);
      return { name, services: deployment ? [{ name: service, deployments: [deployment] }] : [] };
    },
  );
  const pipelines = play(
    (kind) => kind === 'codepipeline-execution',
    (part) => codePipeline.castOf(pipelineOf(part)),
    (part, deployment) => (deployment ? [{ name: pipelineOf(part), executions: [deployment] }] : []),
  ).flat();
  const stacks = play(
    (kind) => kind === 'cloudformation-stack-update',
    (part) => stackUpdate.castOf(needed(part, 'stackName')),
    (part, deployment) => (deployment ? [{ name: needed(part, 'stackName'), updates: [deployment] }] : []),
    stackUpdate.ofTarget,
  ).flat();

  return {
    seed: merged(seeds),
    others: [
      (clock) => embeddedEcs({ clusters }, clock, place),
      (clock) => embeddedCodeDeploy({ applications }, clock, place),
      (clock) => embeddedCodePipeline({ pipelines }, clock, place),
      (clock) => {
        const world = new PlannedStacks(stacks, clock, place);
        return { stacks: world, world };
      },
    ],
    faults,
  };
}

function scriptFor(scenario: Scenario | DeploymentPlan): Script {
  if (typeof scenario === 'string') {
    if (isScenarioName(scenario)) return scriptOf(scenario);
    throw new Error(`there is no scenario '${scenario}'; there are ${SCENARIO_NAMES.join(', ')}`);
  }
  const { startsAtSeconds = -120, steps, onCancel } = scenario;
  return {
    deployment: {
      at: startsAtSeconds * SECONDS,
      steps: steps ? steps.map(planStep) : [{ after: 25 * MINUTES, status: 'SUCCEEDED' }],
      onCancel: onCancel && { refuse: onCancel.refuse, steps: onCancel.steps?.map(planStep) },
    },
  };
}

function planStep({ afterSeconds, status }: PublicStep): PlanStep<Word> {
  return { after: afterSeconds * SECONDS, status };
}

function protonTarget(part: Part) {
  const kind = part.kind.slice('proton-'.length);
  if (!isKind(kind)) throw new Error(`the embedded proton has no ${part.kind}`);
  for (const name of proton.addressOf(kind)) needed(part, name);
  return { ...proton.DEFAULT_NAMES, ...part.names, kind };
}

const groupOf = (part: Part) => ({
  applicationName: needed(part, 'applicationName'),
  deploymentGroupName: needed(part, 'deploymentGroupName'),
});
const serviceOf = (part: Part) => ({ cluster: needed(part, 'cluster'), service: needed(part, 'service') });
const pipelineOf = (part: Part) => {
  if (part.names.executionId !== undefined) throw ofOne(part, 'executionId');
  return needed(part, 'pipelineName');
};

/** A name without which nothing can be made. */
function needed(part: Part, name: string): string {
  const value = part.names[name];
  if (value !== undefined) return value;
  const [id] = ['serviceDeploymentArn', 'deploymentId'].filter((each) => part.names[each] !== undefined);
  throw id === undefined ? new Error(`names of a ${part.kind} must have a ${name}`) : ofOne(part, id);
}

function ofOne({ kind, names }: Part, id: string): Error {
  return new Error(
    `the embedded cloud makes up the ids of deployments, so that there is no ${kind} with the ${id} ${names[id]}; rehearse it by its names`,
  );
}

/** One account that holds all of them. */
function merged(seeds: readonly WorldSeed[]): WorldSeed {
  const services = new Map<string, ServiceSeed>();
  for (const service of seeds.flatMap((seed) => seed.services ?? [])) {
    const before = services.get(service.name);
    const instances = [...(before?.instances ?? []), ...(service.instances ?? [])];
    services.set(service.name, { ...service, instances, pipeline: service.pipeline ?? before?.pipeline });
  }
  const environments = new Map<string, NonNullable<WorldSeed['environments']>[number]>();
  for (const environment of seeds.flatMap((seed) => seed.environments ?? [])) {
    environments.set(environment.name, { ...environments.get(environment.name), ...environment });
  }
  return {
    services: [...services.values()],
    environments: [...environments.values()],
    components: seeds.flatMap((seed) => seed.components ?? []),
  };
}

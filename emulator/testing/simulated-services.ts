import { DEPLOYMENT_KINDS, type DeploymentKind } from '../../lib/contract/cancellation';
import { MINUTES, type PlanStep, SECONDS } from '../core/plan';
import type { ServiceFactory } from '../core/service';
import type { AwsEnvironment } from '../core/simulated-service';
import * as stackUpdate from '../services/cloudformation/scenarios';
import { SimulatedStacks } from '../services/cloudformation/simulated-stacks';
import * as codeDeploy from '../services/codedeploy/scenarios';
import { embeddedCodeDeploy } from '../services/codedeploy/service';
import * as codePipeline from '../services/codepipeline/scenarios';
import { embeddedCodePipeline } from '../services/codepipeline/service';
import * as ecs from '../services/ecs/scenarios';
import { embeddedEcs } from '../services/ecs/service';
import type { InitialState, ServiceSeed } from '../services/proton/plan';
import * as proton from '../services/proton/scenarios';
import { isKind, seedOf } from '../services/proton/target';
import {
  applyScript,
  type FaultRule,
  isScenarioName,
  type ResolvedScenario,
  SCENARIO_NAMES,
  type Script,
  type ServiceProfile,
  scriptOf,
  type Word,
} from '../simulation/scenarios';
import type { DeploymentPlan, DeploymentToCancel, PlanStep as PublicStep, Scenario } from './index';

/** All that there is to be cancelled, and what happens to it. */
export interface SimulatedServices {
  readonly seed: InitialState;
  readonly services: readonly ServiceFactory[];
  readonly faults: readonly FaultRule[];
}

export type Part = Required<DeploymentToCancel>;

export function simulatedServicesOf(parts: readonly Part[], environment: AwsEnvironment): SimulatedServices {
  for (const { kind } of parts) {
    if (!DEPLOYMENT_KINDS.includes(kind)) {
      throw new Error(`there is no kind of deployment '${kind}'; there are ${DEPLOYMENT_KINDS.join(', ')}`);
    }
  }
  const faults: FaultRule[] = [];
  /** Those of a kind, each as it is played. */
  const play = <Status extends string, Seed>(
    kinds: (kind: DeploymentKind) => boolean,
    profileOf: (part: Part) => ServiceProfile<Status>,
    seeded: (part: Part, deployment: ResolvedScenario<Status>['deployment']) => Seed,
    faultOf = (rule: FaultRule) => rule,
  ): Seed[] =>
    parts
      .filter(({ kind }) => kinds(kind))
      .map((part) => {
        const { deployment, faults: rules } = applyScript(scriptFor(part.scenario), profileOf(part));
        faults.push(...rules.map(faultOf));
        return seeded(part, deployment);
      });

  const seeds = play(
    (kind) => kind.startsWith('proton-'),
    (part) => proton.profileOf(protonTarget(part)),
    (part, deployment) => seedOf(protonTarget(part), deployment && { deployments: [deployment] }),
  );
  const applications = play(
    (kind) => kind === 'codedeploy-deployment',
    (part) => codeDeploy.profileOf(groupOf(part)),
    (part, deployment) => {
      const { applicationName: name, deploymentGroupName } = groupOf(part);
      return { name, deploymentGroups: deployment ? [{ name: deploymentGroupName, deployments: [deployment] }] : [] };
    },
  );
  const clusters = play(
    (kind) => kind === 'ecs-service-deployment',
    (part) => ecs.profileOf(serviceOf(part)),
    (part, deployment) => {
      const { cluster: name, service } = serviceOf(part);
      return { name, services: deployment ? [{ name: service, deployments: [deployment] }] : [] };
    },
  );
  const pipelines = play(
    (kind) => kind === 'codepipeline-execution',
    (part) => codePipeline.profileOf(pipelineOf(part)),
    (part, deployment) => (deployment ? [{ name: pipelineOf(part), executions: [deployment] }] : []),
  ).flat();
  const stacks = play(
    (kind) => kind === 'cloudformation-stack-update',
    (part) => stackUpdate.profileOf(needed(part, 'stackName')),
    (part, deployment) => (deployment ? [{ name: needed(part, 'stackName'), updates: [deployment] }] : []),
    stackUpdate.ofTarget,
  ).flat();

  return {
    seed: merged(seeds),
    services: [
      (clock) => embeddedEcs({ clusters }, clock, environment),
      (clock) => embeddedCodeDeploy({ applications }, clock, environment),
      (clock) => embeddedCodePipeline({ pipelines }, clock, environment),
      (clock) => {
        const world = new SimulatedStacks(stacks, clock, environment);
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
  return { ...proton.DEFAULT_NAMES, ...part.identifiers, kind };
}

const groupOf = (part: Part) => ({
  applicationName: needed(part, 'applicationName'),
  deploymentGroupName: needed(part, 'deploymentGroupName'),
});
const serviceOf = (part: Part) => ({ cluster: needed(part, 'cluster'), service: needed(part, 'service') });
const pipelineOf = (part: Part) => {
  if (part.identifiers.executionId !== undefined) throw ofOne(part, 'executionId');
  return needed(part, 'pipelineName');
};

/** A name without which nothing can be made. */
function needed(part: Part, name: string): string {
  const value = part.identifiers[name];
  if (value !== undefined) return value;
  const [id] = ['serviceDeploymentArn', 'deploymentId'].filter((each) => part.identifiers[each] !== undefined);
  throw id === undefined ? new Error(`identifiers of a ${part.kind} must have a ${name}`) : ofOne(part, id);
}

function ofOne({ kind, identifiers }: Part, id: string): Error {
  return new Error(
    `the embedded cloud makes up the ids of deployments, so that there is no ${kind} with the ${id} ${identifiers[id]}; rehearse it by its identifiers`,
  );
}

/** One account that holds all of them. */
function merged(seeds: readonly InitialState[]): InitialState {
  const services = new Map<string, ServiceSeed>();
  for (const service of seeds.flatMap((seed) => seed.services ?? [])) {
    const before = services.get(service.name);
    const instances = [...(before?.instances ?? []), ...(service.instances ?? [])];
    services.set(service.name, { ...service, instances, pipeline: service.pipeline ?? before?.pipeline });
  }
  const environments = new Map<string, NonNullable<InitialState['environments']>[number]>();
  for (const environment of seeds.flatMap((seed) => seed.environments ?? [])) {
    environments.set(environment.name, { ...environments.get(environment.name), ...environment });
  }
  return {
    services: [...services.values()],
    environments: [...environments.values()],
    components: seeds.flatMap((seed) => seed.components ?? []),
  };
}

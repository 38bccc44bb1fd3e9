import {
  DEPLOYMENT_KINDS,
  type DeploymentKind,
  identifiersFor,
  isDeploymentKind,
  kindDefinition,
} from '../../lib/deployments/kinds';
import type { AwsEnvironment } from '../core/environment';
import { MINUTES, type PlanStep, SECONDS } from '../core/plan';
import type { ServiceFactory } from '../core/service';
import type { InitialState } from '../services/proton/plan';
import type { FaultRule } from '../simulation/faults';
import type { GenericStatus, Script } from '../simulation/scenarios';
import { planOf, scenarioNamesOf, scriptFor, simulationOf, type Target } from '../simulation/service-simulation';
import type { DeploymentPlan, DeploymentToCancel, PlanStep as PublicStep } from './index';

/** The deployments of a simulation, and the services that hold them. */
export interface SimulatedServices {
  readonly seed: InitialState;
  readonly services: readonly ServiceFactory[];
  readonly faults: readonly FaultRule[];
}

export interface Part extends Pick<Required<DeploymentToCancel>, 'kind' | 'identifiers'> {
  /** The name of a scenario of the kind, or a plan. */
  readonly scenario: string | DeploymentPlan;
}

/** Creates every service, so that calls of those without deployments are answered as well. */
export function simulatedServicesOf(parts: readonly Part[], environment: AwsEnvironment): SimulatedServices {
  const plans = parts.map(({ kind, identifiers, scenario }) => {
    checkIdentifiers(kind, identifiers);
    const name = typeof scenario === 'string' ? scenario : undefined;
    return planOf({ kind, identifiers, scenario: name }, scriptOfPart(kind, scenario), environment);
  });
  const accounts = kindOfEachSimulation().map((kind) => {
    const targets: Target[] = plans
      .map(({ target }) => target)
      .filter((target) => simulationOf(target.kind) === simulationOf(kind));
    return simulationOf(kind).account(targets, environment);
  });
  return {
    seed: Object.assign({}, ...accounts.map(({ seed }) => seed)),
    services: accounts.flatMap(({ services = [] }) => services),
    faults: plans.flatMap(({ faults }) => faults),
  };
}

/** One kind for each simulation. */
function kindOfEachSimulation(): DeploymentKind[] {
  return [...new Map(DEPLOYMENT_KINDS.map((kind) => [simulationOf(kind), kind])).values()];
}

function scriptOfPart(kind: string, scenario: Part['scenario']): Script {
  if (typeof scenario === 'string') {
    const script = scriptFor(kind, scenario);
    if (script) return script;
    throw new Error(`there is no scenario '${scenario}'; there are ${scenarioNamesOf(kind).join(', ')}`);
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

function planStep({ afterSeconds, status }: PublicStep): PlanStep<GenericStatus> {
  return { after: afterSeconds * SECONDS, status };
}

/** @throws if the deployment is not one that the emulator can simulate */
function checkIdentifiers(kind: string, identifiers: Part['identifiers']): void {
  if (!isDeploymentKind(kind)) {
    throw new Error(`there is no kind of deployment '${kind}'; there are ${DEPLOYMENT_KINDS.join(', ')}`);
  }
  const needed = kindDefinition(kind).identifierSets.at(-1) ?? [];
  const given = identifiersFor(kind, (name) => identifiers[name]);
  const id = given.find((name) => !needed.includes(name));
  if (id !== undefined) {
    throw new Error(
      `the emulator generates the IDs of deployments, so there is no ${kind} with the ${id} ${identifiers[id]}; simulate it by its ${needed.join(' and ')}`,
    );
  }
  const missing = needed.find((name) => identifiers[name] === undefined);
  if (missing !== undefined) throw new Error(`identifiers of a ${kind} must have a ${missing}`);
}

import type { Identifiers } from '../../lib/deployments/kind-definition';
import { kindDefinition, serviceOf } from '../../lib/deployments/kinds';
import { accessDenied } from '../aws/iam';
import { type AwsEnvironment, arnOf } from '../core/environment';
import type { SeededDeployment } from '../core/plan';
import { JSON_ERRORS, type Protocol } from '../core/protocols';
import type { ServiceFactory } from '../core/service';
import type { InitialState } from '../services/proton/plan';
import type { FaultRule } from './faults';
import {
  type GenericStatus,
  isScenarioName,
  type Refusal,
  resolveScript,
  SCENARIO_NAMES,
  type Script,
  type ServiceProfile,
  scriptOf,
} from './scenarios';

/** A resource whose deployments can be cancelled, and its deployments: none if the resource does not exist. */
export interface Target<Status extends string = string> {
  readonly kind: string;
  readonly identifiers: Identifiers;
  /** The scenario, if it is one of `ServiceSimulation.scenarios`. */
  readonly scenario?: string;
  /** Oldest first. */
  readonly deployments: readonly SeededDeployment<Status>[];
}

/** A scenario of one service only. */
export interface OwnScenario extends Script {
  readonly description: string;
}

/** The services of an account, with their resources. */
export interface Account {
  /** The resources of Proton, which every emulator has. */
  readonly seed?: InitialState;
  /** The other services. */
  readonly services?: readonly ServiceFactory[];
}

/**
 * The way in which the emulator simulates the deployments of one service. The file `services/SERVICE/scenarios.ts` exports
 * it as `simulation`.
 */
export interface ServiceSimulation<Status extends string = string> {
  /** The statuses of the service; undefined where the service has none. */
  readonly statuses: Readonly<Record<GenericStatus, Status | undefined>>;
  /** The types of its errors. */
  readonly refusals: Readonly<Record<Refusal, string>>;
  /** Default: the types that the services with a JSON protocol share. */
  readonly errors?: Protocol['errors'];
  /** The scenarios of this service only, besides those of every service. */
  readonly scenarios?: Readonly<Record<string, OwnScenario>>;
  /** Narrows a fault of a scenario to the calls of the cancellation. Default: the fault as it is. */
  narrow?(rule: FaultRule): FaultRule;
  /**
   * The commands of the AWS CLI that find and cancel a deployment. Default: none are shown.
   *
   * @param id the ID of the deployment in flight
   * @param arn creates an ARN of the service
   */
  commands?(
    target: Pick<Target, 'kind' | 'identifiers'>,
    id: string,
    arn: (path: string) => string,
  ): Readonly<Record<'find' | 'cancel', string>>;
  /** The path of a resource in the simulated service. */
  path(target: Pick<Target, 'kind' | 'identifiers'>): string;
  /** Creates an account with these resources and no others. */
  account(targets: readonly Target<Status>[], environment: AwsEnvironment): Account;
}

const ROLE = 'deployment-function';

interface SimulationModule {
  readonly simulation: ServiceSimulation;
  /** The simulations of kinds that have one of their own. */
  readonly simulations?: Readonly<Record<string, ServiceSimulation>>;
}

/** The simulation of a kind: its own, or the one that its service has for all kinds. */
export function simulationOf(kind: string): ServiceSimulation {
  const module: SimulationModule = require(`../services/${serviceOf(kind)}/scenarios.ts`);
  return module.simulations?.[kind] ?? module.simulation;
}

/** The names of the scenarios of a kind. */
export function scenarioNamesOf(kind: string): readonly string[] {
  return [...SCENARIO_NAMES, ...Object.keys(simulationOf(kind).scenarios ?? {})];
}

/** The script of a scenario of a kind; undefined if there is none. */
export function scriptFor(kind: string, name: string): OwnScenario | undefined {
  if (isScenarioName(name)) return scriptOf(name);
  const { scenarios = {} } = simulationOf(kind);
  return Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
}

/** The deployments and faults that a script has for a kind. */
export function planOf(
  { kind, identifiers, scenario }: Omit<Target, 'deployments'>,
  script: Script,
  environment: AwsEnvironment,
): { readonly target: Target; readonly faults: readonly FaultRule[] } {
  const simulation = simulationOf(kind);
  const { deployment, faults } = resolveScript(script, profileOf({ kind, identifiers }, simulation, environment));
  return {
    target: { kind, identifiers, scenario, deployments: deployment ? [deployment] : [] },
    faults: faults.map((rule) => simulation.narrow?.(rule) ?? rule),
  };
}

function profileOf<Status extends string>(
  { kind, identifiers }: Pick<Target, 'kind' | 'identifiers'>,
  { statuses, refusals, errors = JSON_ERRORS }: ServiceSimulation<Status>,
  environment: AwsEnvironment,
): ServiceProfile<Status> {
  const { cancelAction, readAction, resource } = kindDefinition(kind);
  const service = serviceOf(kind);
  const caller = { environment, roleName: ROLE, sessionName: ROLE };
  const arn = arnOf(environment, service, resource(identifiers));
  return {
    statuses,
    refusals,
    service,
    cancelOperation: operationOf(cancelAction),
    readOperation: operationOf(readAction),
    accessDenied: {
      kind: 'error',
      ...errors.accessDenied,
      message: accessDenied(caller, { action: cancelAction, resource: arn }),
    },
    throttled: { kind: 'error', ...errors.throttled, message: 'Rate exceeded' },
  };
}

/** The API operation that an IAM action allows. */
export function operationOf(action: string): string {
  return action.slice(action.indexOf(':') + 1);
}

/** The name of an operation or a member in the AWS CLI. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter, at) => `${at === 0 ? '' : '-'}${letter.toLowerCase()}`);
}

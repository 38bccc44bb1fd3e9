import type { Identifiers } from '../../lib/deployments/kind-definition';
import { kindDefinition, serviceOf } from '../../lib/deployments/kinds';
import { accessDenied } from '../aws/iam';
import { type AwsEnvironment, arnOf } from '../core/environment';
import type { SeededDeployment } from '../core/plan';
import type { ServiceFactory } from '../core/service';
import type { InitialState } from '../services/proton/plan';
import type { FaultRule } from './faults';
import { type GenericStatus, type Refusal, resolveScript, type Script, type ServiceProfile } from './scenarios';

/** A resource whose deployments can be cancelled, and its deployments: none if the resource does not exist. */
export interface Target<Status extends string = string> {
  readonly kind: string;
  readonly identifiers: Identifiers;
  /** Oldest first. */
  readonly deployments: readonly SeededDeployment<Status>[];
}

/** The services of an account, with their resources. */
export interface Account {
  /** The resources of Proton, which every emulator has. */
  readonly seed?: InitialState;
  /** The other services. */
  readonly services?: readonly ServiceFactory[];
}

export type ServiceErrors = Readonly<
  Record<'accessDenied' | 'throttled', { readonly type: string; readonly statusCode?: number }>
>;

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
  readonly errors?: ServiceErrors;
  /** Narrows a fault of a scenario to the calls of the cancellation. Default: the fault as it is. */
  narrow?(rule: FaultRule): FaultRule;
  /** The path of a resource in the simulated service. */
  path(target: Pick<Target, 'kind' | 'identifiers'>): string;
  /** Creates an account with these resources and no others. */
  account(targets: readonly Target<Status>[], environment: AwsEnvironment): Account;
}

const JSON_ERRORS: ServiceErrors = {
  accessDenied: { type: 'AccessDeniedException' },
  throttled: { type: 'ThrottlingException' },
};
const ROLE = 'deployment-function';

/** The simulation of the service of a kind. */
export function simulationOf(kind: string): ServiceSimulation {
  const module: { readonly simulation: ServiceSimulation } = require(`../services/${serviceOf(kind)}/scenarios.ts`);
  return module.simulation;
}

/** The deployments and faults that a script has for a kind. */
export function planOf(
  { kind, identifiers }: Pick<Target, 'kind' | 'identifiers'>,
  script: Script,
  environment: AwsEnvironment,
): { readonly target: Target; readonly faults: readonly FaultRule[] } {
  const simulation = simulationOf(kind);
  const { deployment, faults } = resolveScript(script, profileOf({ kind, identifiers }, simulation, environment));
  return {
    target: { kind, identifiers, deployments: deployment ? [deployment] : [] },
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

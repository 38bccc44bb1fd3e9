import type { DeploymentStatus } from '@aws-sdk/client-proton';
import { accessDenied } from '../../aws/iam';
import {
  isScenarioName,
  resolveScenario,
  SCENARIO_NAMES,
  type Scenario,
  type ScenarioName,
  type ServiceProfile,
} from '../../simulation/scenarios';
import type { InitialState, SeededDeployment } from './plan';
import { arnOf, DEFAULT_ENVIRONMENT } from './simulated-service';
import {
  apiOf,
  DEFAULT_KIND,
  DEFAULT_NAMES,
  isKind,
  KINDS,
  type Kind,
  type Names,
  operationOf,
  seedOf,
  type Target,
} from './target';

export { type FaultRule, faultsOf, SCENARIO_NAMES, type Scenario, type ScenarioName } from '../../simulation/scenarios';
export { DEFAULT_NAMES };

/** A scenario about something that Proton deploys. */
export interface ProtonScenario extends Scenario {
  readonly kind: Kind;
}

const CALLER = {
  accountId: DEFAULT_ENVIRONMENT.account,
  roleName: 'deployment-function',
  sessionName: 'deployment-function',
};

export function profileOf({ kind, ...names }: Target): ServiceProfile<DeploymentStatus> {
  const { cancelAction: action, readAction, resource } = apiOf(kind);
  const message = accessDenied(CALLER, { action, resource: arnOf(DEFAULT_ENVIRONMENT, resource(names)) });
  return {
    statuses: {
      CANCELLING: 'CANCELLING',
      CANCELLED: 'CANCELLED',
      FAILED: 'FAILED',
      SUCCEEDED: 'SUCCEEDED',
      DELETE_IN_PROGRESS: 'DELETE_IN_PROGRESS',
    },
    refusals: { OVER: 'ConflictException', INVALID: 'ValidationException' },
    service: 'proton',
    cancelOperation: operationOf(action),
    readOperation: operationOf(readAction),
    accessDenied: { kind: 'error', type: 'AccessDeniedException', message },
    throttled: { kind: 'error', type: 'ThrottlingException', message: 'Rate exceeded' },
  };
}

/** Every scenario of every kind, by the name under which it is found. */
export const SCENARIOS: readonly string[] = KINDS.flatMap((kind) => SCENARIO_NAMES.map((name) => nameOf(name, kind)));

/** The scenario of that name, about a service instance unless told otherwise. */
export function scenario(name: ScenarioName, target: Partial<Target> = {}): ProtonScenario {
  const whole: Target = { kind: DEFAULT_KIND, ...DEFAULT_NAMES, ...target };
  const { kind } = whole;
  const { description, deployment, faults } = resolveScenario(name, profileOf(whole));
  const seed = seedOf(whole, deployment && { deployments: [deployment] });
  return { name: nameOf(name, kind), kind, description, seed, faults };
}

/** A world in which a service instance of those names is deployed as told. */
export function serviceInstanceSeed(
  names: Pick<Names, 'serviceName' | 'serviceInstanceName'>,
  deployment: SeededDeployment,
): InitialState {
  return seedOf({ ...DEFAULT_NAMES, ...names, kind: 'service-instance' }, { deployments: [deployment] });
}

/** What a text such as `cancelled` or `environment/cancelled` means; undefined if it means nothing. */
export function findScenario(text: string, names: Partial<Names> = {}): ProtonScenario | undefined {
  const [name = '', kind = DEFAULT_KIND, ...others] = text.split('/').reverse();
  if (others.length > 0 || !isKind(kind) || !isScenarioName(name)) return undefined;
  return scenario(name, { ...names, kind });
}

/** The names that address one of a kind. */
export function addressOf(kind: Kind): readonly (keyof Names)[] {
  return apiOf(kind).identifiers;
}

function nameOf(name: ScenarioName, kind: Kind): string {
  return kind === DEFAULT_KIND ? name : `${kind}/${name}`;
}

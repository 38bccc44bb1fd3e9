import type { DeploymentStatus } from '@aws-sdk/client-proton';
import { kindDefinition } from '../../../lib/deployments/kinds';
import type { ProtonKindName } from '../../../lib/deployments/proton/kinds';
import { scenarioOf } from '../../simulation/find-scenario';
import type { Scenario, ScenarioName } from '../../simulation/scenarios';
import { kebabCase, operationOf, type ServiceSimulation } from '../../simulation/service-simulation';
import type { InitialState, SeededDeployment } from './plan';
import { DEFAULT_NAMES, mergeSeeds, type Names, seedOf, type Target } from './target';

export { DEFAULT_NAMES };

export const simulation: ServiceSimulation<DeploymentStatus> = {
  statuses: {
    CANCELLING: 'CANCELLING',
    CANCELLED: 'CANCELLED',
    FAILED: 'FAILED',
    SUCCEEDED: 'SUCCEEDED',
    DELETE_IN_PROGRESS: 'DELETE_IN_PROGRESS',
  },
  refusals: { OVER: 'ConflictException', INVALID: 'ValidationException' },
  commands({ kind, identifiers }) {
    const { readAction, cancelAction } = kindDefinition(kind);
    const own = Object.keys(identifiers).at(-1);
    // A read takes the name of the resource as `name`.
    const read = Object.entries(identifiers).map(([name, value]) => [name === own ? 'name' : name, value] as const);
    return {
      find: commandOf(readAction, read),
      cancel: commandOf(cancelAction, Object.entries(identifiers)),
    };
  },
  path({ kind, identifiers }) {
    const resource = kindDefinition(kind).resource(identifiers);
    // The resource of a pipeline is its service.
    return kind === 'proton-service-pipeline' ? `${resource}/pipeline` : resource;
  },
  account(targets) {
    const seeds = targets.map(({ kind, identifiers, deployments }) => {
      const target: Target = { ...DEFAULT_NAMES, ...identifiers, kind: kind as ProtonKindName };
      return seedOf(target, deployments.length > 0 ? { deployments } : undefined);
    });
    return { seed: mergeSeeds(seeds) };
  },
};

function commandOf(action: string, options: readonly (readonly [string, string])[]): string {
  const words = options.map(([name, value]) => `--${kebabCase(name)} ${value}`);
  return ['proton', kebabCase(operationOf(action)), ...words].join(' ');
}

/** The scenario of that name, of a service instance by default. */
export function scenario(name: ScenarioName, { kind, ...names }: Partial<Target> = {}): Scenario {
  return scenarioOf(kind ?? 'proton-service-instance', name, names);
}

/** An account with a service instance and one deployment besides its creation. */
export function serviceInstanceSeed(
  names: Pick<Names, 'serviceName' | 'serviceInstanceName'>,
  deployment: SeededDeployment,
): InitialState {
  return seedOf({ ...DEFAULT_NAMES, ...names, kind: 'proton-service-instance' }, { deployments: [deployment] });
}

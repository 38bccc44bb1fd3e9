import { DEFAULT_ENVIRONMENT } from '../../../emulator/core/environment';
import type { SeededDeployment } from '../../../emulator/core/plan';
import type { ServiceFactory } from '../../../emulator/core/service';
import { simulationOf } from '../../../emulator/simulation/service-simulation';
import { type DeploymentKind, sampleIdentifiers } from '../../../lib/deployments/kinds';

/** The service of a kind with one resource, which has the sample names and these deployments; without deployments, with no resource. */
export function serviceWith<Status extends string>(
  kind: DeploymentKind,
  ...deployments: readonly SeededDeployment<Status>[]
): ServiceFactory {
  const target = { kind, identifiers: sampleIdentifiers(kind), deployments };
  const { services: [factory] = [] } = simulationOf(kind).account([target], DEFAULT_ENVIRONMENT);
  if (!factory) throw new Error(`${kind} is simulated by no service`);
  return factory;
}

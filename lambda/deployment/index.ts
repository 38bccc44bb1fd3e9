import type { Context } from 'aws-lambda';
import {
  type CancellationSettings,
  ENVIRONMENT,
  type Progress,
  STEPS,
  type StepEvent,
} from '../../lib/contract/cancellation';
import {
  type Batch,
  type EndedFleet,
  type FindResult,
  FLEET_STEPS,
  type FleetEvent,
  type FleetResult,
} from '../../lib/contract/fleet';
import { systemClock } from '../clock';
import { InvalidRequestError } from '../parse';
import { parseFleetRequest } from '../parse-fleet';
import { run } from './engine/run';
import { cancelBatch } from './fleet/batch';
import { endedFleet } from './fleet/ended';
import { type FindDependencies, findFleet } from './fleet/find';
import { summarize } from './fleet/summarize';
import { contextFor } from './services/context-for';
import { serviceFor } from './services/registry';
import type { Service, ServiceConnection } from './services/service';

/** What the stack of the workflow has declared. */
const endpoints: readonly string[] = JSON.parse(process.env[ENVIRONMENT.endpoints] ?? '[]');
const apis: readonly string[] = JSON.parse(process.env[ENVIRONMENT.apis] ?? '[]');
const cancellations = Number(process.env[ENVIRONMENT.cancellations] ?? 1);

type StepResult = Progress | FindResult | Batch | { readonly result: FleetResult; readonly ended: EndedFleet };

/** The deployment function. It calls the services whose deployments are cancelled, and nothing else. */
export const handler = async (event: StepEvent | FleetEvent, context: Context): Promise<StepResult> => {
  const deps = {
    clock: systemClock,
    remaining: () => context.getRemainingTimeInMillis(),
    endpoints,
    apis,
    load: { cancellations },
    ...createServiceResolvers(context),
  };
  if (!('fleetStep' in event)) return run(event, deps);
  switch (event.fleetStep) {
    case FLEET_STEPS.FIND: {
      const found = await findFleet(event, deps);
      return found.next === STEPS.END ? { ...found, ended: endedFleet(event.request, found.result) } : found;
    }
    case FLEET_STEPS.CANCEL:
      return cancelBatch(event, deps);
    case FLEET_STEPS.SUMMARISE: {
      const result = summarize(parseFleetRequest(event.request).fleet, event.results);
      return { result, ended: endedFleet(event.request, result) };
    }
  }
};

/** Resolves drivers and listers. An invocation connects to each service once. */
function createServiceResolvers(context: Context): Pick<FindDependencies, 'driverFor' | 'listerFor'> {
  const connections = new Map<Service, Promise<ServiceConnection>>();
  async function connect(
    kind: Parameters<typeof serviceFor>[0],
    settings: CancellationSettings,
  ): Promise<ServiceConnection> {
    const service = await serviceFor(kind);
    const connection =
      connections.get(service) ?? contextFor(settings, context).then((aws) => service.connect(settings, aws));
    connections.set(service, connection);
    return connection;
  }
  return {
    driverFor: async ({ deployment, settings }) => (await connect(deployment.kind, settings)).driverFor(deployment),
    listerFor: async (fleet, settings, ownStackId) => {
      const lister = (await connect(fleet.kind, settings)).listerFor?.(fleet, ownStackId);
      if (!lister) throw new InvalidRequestError(`fleet.kind ${fleet.kind} cannot be found: list its deployments`);
      return lister;
    },
  };
}

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { UNKNOWN_STATUS } from '../../../lib/contract/cancellation';
import {
  API_STATUSES,
  type ApiStatus,
  containsId,
  fillIn,
  parseDeclaration,
} from '../../../lib/deployments/awsapi/kinds';
import { InvalidRequestError } from '../../parse';
import type { Phase } from '../engine/driver';
import type { Command, Request, SdkClientClass } from './client';
import type { DeploymentRecord } from './deployment-record';
import { polledService } from './polled-driver';
import type { Service } from './service';

const PHASES: Readonly<Record<ApiStatus, Phase>> = {
  inProgress: 'IN_PROGRESS',
  cancelling: 'CANCELLING',
  cancelled: 'CANCELLED',
  failed: 'FAILED',
  succeeded: 'COMPLETED',
};

type CommandClass = new (input: unknown) => Command<unknown>;

/** The APIs that a stack has declared as data. Each deployment has its own client. */
export const service: Service = {
  connect: (settings, aws) => ({
    driverFor: (deployment) => declaredService(deployment.identifiers).connect(settings, aws).driverFor(deployment),
  }),
};

function declaredService(identifiers: Readonly<Record<string, string>>): Service {
  const { label, service: name, cancel, read, statuses, errors } = parseDeclaration(identifiers.declaration);
  const readsById = containsId(read);
  const { deploymentId } = identifiers;
  if (readsById && deploymentId === undefined) {
    throw new InvalidRequestError('deployment.identifiers.deploymentId is missing: the declared API reads by an ID');
  }
  const sdk = loadSdk(name);
  const commands = {
    cancel: sdk(`${cancel.action.split(':')[1]}Command`),
    read: sdk(`${read.action.split(':')[1]}Command`),
  };
  return polledService<DeploymentRecord>({
    Client: sdk('[A-Z]\\w*Client') as SdkClientClass,
    name: label,
    statuses: byName(API_STATUSES.map((status) => [statuses[status], PHASES[status]])),
    errors: { ...byName([[errors.notFound, 'not-found']]), ...byName([[errors.refused, 'rejected']]) },
    idPattern: /^[!-~]+$/,
    operations() {
      let lastStatus = UNKNOWN_STATUS;

      function send(request: Request, call: 'cancel' | 'read', id?: string): Promise<unknown> {
        const { action, parameters, resource } = { cancel, read }[call];
        const values = id === undefined ? identifiers : { ...identifiers, deploymentId: id };
        const input = fillIn(parameters, values);
        return request(action, String(fillIn(resource, values)), new (commands[call] as CommandClass)(input));
      }

      async function describe(request: Request, id?: string): Promise<DeploymentRecord | undefined> {
        const response = await send(request, 'read', id);
        const foundId = valueAt(response, read.idPath);
        if (foundId === NO_ITEM) return undefined;
        const startTime = read.startTimePath && valueAt(response, read.startTimePath);
        lastStatus = String(valueAt(response, read.statusPath) ?? '');
        const startedAt = startTime ? new Date(startTime as Date | string) : undefined;
        // IDs are numbers in some APIs.
        return { id: String(foundId ?? ''), status: lastStatus, startedAt };
      }

      return {
        specifiedId: deploymentId,
        isNewestFirst: true,
        async list(request) {
          const newest = await describe(request);
          return { items: newest ? [newest] : [] };
        },
        async get(request, id) {
          const found = await describe(request, id);
          // A read without an ID returns a newer deployment in its place.
          return readsById || found?.id === id ? found : undefined;
        },
        async stop(request, id) {
          await send(request, 'cancel', id);
          // Responses of cancel requests have no common form, so the status is that of the read before.
          return { id, status: lastStatus, phase: 'CANCELLING' };
        },
      };
    },
  });
}

/**
 * Loads a client of the SDK that the runtime of the function contains, and returns a function that finds an export of it.
 * `require` looks into NODE_PATH, where the runtime has it; not every version of Node.js has an `import` that does.
 */
function loadSdk(service: string): (name: string) => unknown {
  const name = `@aws-sdk/client-${service}`;
  let sdk: object;
  try {
    sdk = createRequire(join(process.cwd(), 'index.js'))(name);
  } catch (error) {
    throw new InvalidRequestError(`the runtime has no usable module ${name}: ${String(error)}`);
  }
  return (wanted) => {
    const found = Object.entries(sdk).find(([exported]) => new RegExp(`^${wanted}$`).test(exported));
    if (found) return found[1];
    throw new InvalidRequestError(
      `${name} of the runtime has no ${wanted}: check the declaration, or use a newer runtime`,
    );
  };
}

/** A path leads to an item that a list does not have. */
const NO_ITEM = Symbol('no item');

function valueAt(response: unknown, path: string): unknown {
  let value = response;
  for (const step of path.match(/\w+/g) ?? []) {
    if (Array.isArray(value) && Number(step) >= value.length) return NO_ITEM;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return value;
}

function byName<Meaning>(meanings: readonly (readonly [readonly string[], Meaning])[]): Record<string, Meaning> {
  return Object.fromEntries(meanings.flatMap(([names, meaning]) => names.map((name) => [name, meaning])));
}

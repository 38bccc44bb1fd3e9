import { type CancellationSettings, type Deployment, UNKNOWN_STATUS } from '../../../lib/contract/cancellation';
import type { FoundFleet } from '../../../lib/contract/fleet';
import { fleetKindDefinition } from '../../../lib/deployments/fleet-kinds';
import type { DeploymentDefinition } from '../../../lib/deployments/kind-definition';
import { deploymentDefinition, displayNameOf } from '../../../lib/deployments/kinds';
import type { Driver, Meant, ReadResult } from '../engine/driver';
import type { FleetLister, Page } from '../fleet/fleet-lister';
import type { AwsContext } from './aws-context';
import { createClient, type Request, type SdkClientClass, type ServiceClient } from './client';
import { type DeploymentRecord, toFound, validId } from './deployment-record';
import { type ErrorTypes, InvalidResponseError, orNotFound } from './errors';
import { findNewest } from './newest-deployment';
import type { LatestOperations, ListedOperations } from './operations';
import type { Service } from './service';
import { phaseOf, type Statuses } from './statuses';

/** A service whose deployments are polled until their status is final. */
export interface PolledService<R extends DeploymentRecord> {
  readonly Client: SdkClientClass;
  /** The name of the service in a reason. */
  readonly name: string;
  /** What to know if the service does not respond; by default, where it was called. */
  readonly unavailableHint?: string;
  readonly statuses: Statuses;
  /** The IDs of its deployments. Default: letters, digits, `-` and `_`. */
  readonly idPattern?: RegExp;
  /** The errors of the service, as far as they differ from the common errors of AWS. */
  readonly errors: ErrorTypes;
  operations(deployment: Deployment, aws: AwsContext): ListedOperations<R> | LatestOperations<R>;
  /** Only where the service lists the deployments of a fleet: requests a page of them. */
  readonly fleetPages?: (fleet: FoundFleet, aws: AwsContext) => FleetPages;
}

/** Requests a page of the deployments of a fleet. */
export type FleetPages = (request: Request, from: string | undefined) => Promise<Omit<Page, 'kind'>>;

export function polledService<R extends DeploymentRecord>(spec: PolledService<R>): Service {
  const { Client, name, errors, fleetPages } = spec;
  const hint = ({ calledAt }: AwsContext) => spec.unavailableHint ?? `${name} was called ${calledAt}`;
  return {
    connect(settings, aws) {
      const client = createClient(Client, settings, aws, errors);
      return {
        driverFor: (deployment) => ({
          displayName: displayNameOf(deployment),
          unavailableHint: hint(aws),
          ...polledDriver(
            spec.operations(deployment, aws),
            { ...spec, cancelsById: deploymentDefinition(deployment.kind).cancelsById },
            settings,
            client,
          ),
        }),
        listerFor:
          fleetPages &&
          ((fleet) => ({ unavailableHint: hint(aws), ...fleetLister(fleet, fleetPages(fleet, aws), errors, client) })),
      };
    },
  };
}

export function fleetLister(
  { kind, identifiers }: FoundFleet,
  pages: FleetPages,
  errors: ErrorTypes,
  { call }: ServiceClient,
): Pick<FleetLister, 'displayName' | 'page'> {
  return {
    displayName: fleetKindDefinition(kind).displayName(identifiers),
    async page(from) {
      const page = await call(async (request): Promise<Page> => {
        const { listed, next } = await pages(request, from);
        if (next !== undefined && next === from) throw new InvalidResponseError('the next page is the same page');
        return { kind: 'page', listed, next: next || undefined };
      });
      return orNotFound(page, errors, UNKNOWN_STATUS);
    },
  };
}

type PolledOptions<R extends DeploymentRecord> = Pick<PolledService<R>, 'statuses' | 'errors' | 'idPattern'> &
  Pick<DeploymentDefinition, 'cancelsById'>;

function polledDriver<R extends DeploymentRecord>(
  operations: ListedOperations<R> | LatestOperations<R>,
  { statuses, errors, idPattern, cancelsById }: PolledOptions<R>,
  settings: CancellationSettings,
  { call }: ServiceClient,
): Pick<Driver, 'describe' | 'describeById' | 'cancel'> {
  const found = (record: DeploymentRecord) => toFound(record, statuses, settings);

  async function read(requests: (request: Request) => Promise<ReadResult>, notFoundStatus = UNKNOWN_STATUS) {
    return orNotFound(await call(requests), errors, notFoundStatus);
  }

  async function get(request: Request, id: string, isSpecified = false): Promise<ReadResult> {
    const record = await operations.get(request, id);
    return record
      ? found({ ...sameId(id, record), isSpecified })
      : { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS };
  }
  const describeById = (id: string) => read((request) => get(request, id));

  if ('latest' in operations) {
    const { latest, deletedStatus, stop } = operations;
    return {
      describe: () => read(async (request) => found(await latest(request)), deletedStatus),
      describeById,
      cancel: () => call(async (request) => found(await stop(request))),
    };
  }

  const listed = operations;
  const { specifiedId, resolve, stop } = listed;

  async function describeNewest(request: Request, meant?: Meant): Promise<ReadResult> {
    const phase = (record: R) => record.phase ?? phaseOf(statuses, record.status);
    const newest = await findNewest(listed, request, phase, meant);
    if (!newest) return { kind: 'never-deployed' };
    validId(newest.id, idPattern);
    const { inFlight } = newest;
    return found(resolve ? { ...(await resolve(request, newest)), inFlight } : newest);
  }

  return {
    describe: (pinned, _resourceId, meant) =>
      read((request) => {
        if (pinned !== undefined) return get(request, pinned);
        return specifiedId === undefined ? describeNewest(request, meant) : get(request, specifiedId, true);
      }),
    describeById,
    cancel: (pinned = specifiedId, _resourceId, force) =>
      call(async (request) => {
        if (pinned === undefined) throw new InvalidResponseError('the id of the deployment to stop is not known');
        const stopped = await stop(request, pinned, force);
        validId(stopped.id, idPattern);
        return found(cancelsById ? sameId(pinned, stopped) : stopped);
      }),
  };
}

function sameId<R extends DeploymentRecord>(id: string, record: R): R {
  if (record.id === id) return record;
  throw new InvalidResponseError('the response is about another deployment');
}

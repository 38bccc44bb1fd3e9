import { type CancellationSettings, type Deployment, UNKNOWN_STATUS } from '../../../lib/contract/cancellation';
import { displayNameOf } from '../../../lib/deployments/kinds';
import type { Driver, ReadResult } from '../engine/driver';
import type { FleetLister, FoundFleet } from '../fleet/fleet-lister';
import type { AwsContext } from './aws-context';
import { createClient, type Request, type SdkClient, type SdkClientClass, type ServiceClient } from './client';
import { type DeploymentRecord, toFound, validId } from './deployment-record';
import { type ErrorTypes, InvalidResponseError, orNotFound } from './errors';
import { type Page, readPages } from './lists';
import { findNewest } from './newest-deployment';
import type { Service } from './service';
import { isInFlight, phaseOf, type Statuses } from './statuses';

/** A service whose deployments are polled until their status is final. */
export interface PolledService<C extends SdkClient, R extends DeploymentRecord> {
  readonly Client: SdkClientClass<C>;
  /** The name of the service in a reason. */
  readonly name: string;
  /** What to know if the service does not respond; by default, where it was called. */
  readonly unavailableHint?: string;
  readonly statuses: Statuses;
  /** The errors of the service, as far as they differ from the common errors of AWS. */
  readonly errors: ErrorTypes;
  operations(deployment: Deployment, client: C, aws: AwsContext): ListedOperations<R> | LatestOperations<R>;
  readonly listerFor?: (fleet: FoundFleet, client: ServiceClient<C>) => FleetLister;
}

/** The operations of a service that lists deployments, and stops one by its id. */
export interface ListedOperations<R extends DeploymentRecord> {
  /** The id of the deployment to cancel, where the user specified one. By default it is the newest in flight. */
  readonly specifiedId?: string;
  /** A page of deployments, or of the ids of deployments to read. */
  list(request: Request, nextToken?: string): Promise<Page<R | string>>;
  /** The same for the deployments in flight only, where the service has a filter for them. */
  listInFlight?(request: Request, nextToken?: string): Promise<Page<R | string>>;
  /** Whether the start time is in the list, and not in what `get` returns. */
  readonly startTimeInList?: boolean;
  /** Whether a listed deployment can be the one to cancel; by default, each can. */
  isCandidate?(listed: R): boolean;
  /** Replaces the deployment that was found in a list where it is a part of another deployment. */
  resolve?(request: Request, found: R): Promise<R>;
  /** Undefined if there is no such deployment. */
  get(request: Request, id: string): Promise<R | undefined>;
  /** The deployment after the stop was accepted. */
  stop(request: Request, id: string): Promise<DeploymentRecord>;
}

/** The operations of a service that describes the latest deployment of a resource, and stops whichever that is. */
export interface LatestOperations<R extends DeploymentRecord> {
  latest(request: Request): Promise<R>;
  /** The deployment status if the resource does not exist. */
  readonly deletedStatus: string;
  get(request: Request, id: string): Promise<R | undefined>;
  stop(request: Request): Promise<R>;
}

export function polledService<C extends SdkClient, R extends DeploymentRecord>(spec: PolledService<C, R>): Service {
  const { Client, name, statuses, errors, listerFor } = spec;
  const calledAt = `${name} was called in the account and region of the stack, or at the url of the endpoint property`;
  return {
    connect(settings, aws) {
      const serviceClient = createClient(Client, settings, aws, errors);
      const { client, call } = serviceClient;
      return {
        driverFor: (deployment) => ({
          displayName: displayNameOf(deployment),
          unavailableHint: spec.unavailableHint ?? calledAt,
          ...polledDriver(spec.operations(deployment, client, aws), { statuses, errors, settings, call }),
        }),
        listerFor: listerFor && ((fleet) => listerFor(fleet, serviceClient)),
      };
    },
  };
}

interface PolledDriverOptions extends Pick<PolledService<never, never>, 'statuses' | 'errors'> {
  readonly settings: Pick<CancellationSettings, 'includeStatusMessage'>;
  readonly call: ServiceClient<unknown>['call'];
}

type PolledDriver = Pick<Driver, 'describe' | 'describeById' | 'cancel'>;

function polledDriver<R extends DeploymentRecord>(
  operations: ListedOperations<R> | LatestOperations<R>,
  { statuses, errors, settings, call }: PolledDriverOptions,
): PolledDriver {
  const found = (record: DeploymentRecord) => toFound(record, statuses, settings);

  async function read(requests: (request: Request) => Promise<ReadResult>, notFoundStatus = UNKNOWN_STATUS) {
    return orNotFound(await call(requests), errors, notFoundStatus);
  }

  async function get(request: Request, id: string): Promise<ReadResult> {
    const record = await operations.get(request, id);
    return record ? found(sameId(id, record)) : { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS };
  }

  function latestDriver({ latest, deletedStatus, stop }: LatestOperations<R>): Omit<PolledDriver, 'describeById'> {
    return {
      describe: () => read(async (request) => found(await latest(request)), deletedStatus),
      cancel: () => call(async (request) => found(await stop(request))),
    };
  }

  function listedDriver(listed: ListedOperations<R>): Omit<PolledDriver, 'describeById'> {
    const { specifiedId, startTimeInList, list, listInFlight, isCandidate = () => true, resolve, stop } = listed;

    async function describeNewest(request: Request): Promise<ReadResult> {
      const newest = await findNewest({
        list: (nextToken) => list(request, nextToken),
        listInFlight: listInFlight && ((nextToken) => listInFlight(request, nextToken)),
        get: (id) => listed.get(request, id),
        isCandidate,
        phaseOf: ({ phase, status }) => phase ?? phaseOf(statuses, status),
      });
      if (!newest) return { kind: 'never-deployed' };
      validId(newest.id);
      return found(resolve ? await resolve(request, newest) : newest);
    }

    async function describeSpecified(request: Request, id: string): Promise<ReadResult> {
      const result = await get(request, id);
      if (!startTimeInList || result.kind !== 'found' || !isInFlight(result.phase)) return result;
      const { items } = await readPages((nextToken) => list(request, nextToken));
      const same = items.filter((one) => typeof one !== 'string').find((one) => one.id === id);
      return { ...result, startedAt: same?.startedAt?.getTime() };
    }

    return {
      describe: (pinned) =>
        read((request) => {
          if (pinned !== undefined) return get(request, pinned);
          return specifiedId === undefined ? describeNewest(request) : describeSpecified(request, specifiedId);
        }),
      cancel: (pinned = specifiedId) =>
        call(async (request) => {
          if (pinned === undefined) throw new InvalidResponseError('the id of the deployment to stop is not known');
          return found(sameId(pinned, await stop(request, pinned)));
        }),
    };
  }

  return {
    ...('latest' in operations ? latestDriver(operations) : listedDriver(operations)),
    describeById: (id) => read((request) => get(request, id)),
  };
}

function sameId<R extends DeploymentRecord>(id: string, record: R): R {
  if (record.id === id) return record;
  throw new InvalidResponseError('the response is about another deployment');
}

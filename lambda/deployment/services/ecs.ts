import {
  DescribeServiceDeploymentsCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  type ListServiceDeploymentsRequest,
  type ServiceDeployment,
  type ServiceDeploymentBrief,
  type ServiceDeploymentStatus,
  StopServiceDeploymentCommand,
} from '@aws-sdk/client-ecs';
import {
  type Attributes,
  type CancellationSettings,
  type Deployment,
  UNKNOWN_STATUS,
} from '../../../lib/contract/cancellation';
import {
  ECS_LIST_ACTION,
  ECS_READ_ACTION,
  ECS_STOP_ACTION,
  ecsServiceDeploymentPath,
  ecsServiceOf,
  ecsServicePath,
} from '../../../lib/deployments/ecs/kinds';
import { displayNameOf } from '../../../lib/deployments/kinds';
import type { Driver, Found, NotFound, Phase, ReadResult } from '../engine/driver';
import { type AwsContext, InvalidResponseError, truncate, WORD_LENGTH } from './aws';
import { type CallOptions, createClient, type ServiceClient } from './client';

const UNAVAILABLE_HINT =
  'amazon ecs was asked in the account and region of the stack, or where the endpoint property says';

/** Every status of the API, so that the compiler asks about a new one; at run time a stranger is UNKNOWN. */
const PHASES: Readonly<Record<ServiceDeploymentStatus, Phase>> = {
  PENDING: 'IN_PROGRESS',
  IN_PROGRESS: 'IN_PROGRESS',
  STOP_REQUESTED: 'CANCELLING',
  // A circuit breaker or an alarm brings these as well.
  ROLLBACK_REQUESTED: 'CANCELLING',
  ROLLBACK_IN_PROGRESS: 'CANCELLING',
  ROLLBACK_SUCCESSFUL: 'CANCELLED',
  STOPPED: 'CANCELLED',
  SUCCESSFUL: 'COMPLETED',
  ROLLBACK_FAILED: 'FAILED',
};

/** In these statuses a service deployment is listed as being in flight. */
const IN_FLIGHT = (Object.keys(PHASES) as ServiceDeploymentStatus[]).filter(
  (status) => PHASES[status] === 'IN_PROGRESS' || PHASES[status] === 'CANCELLING',
);

/** What ECS documents an accepted stop to bring: its answer does not say. */
const STOP_ACCEPTED: ServiceDeploymentStatus = 'ROLLBACK_REQUESTED';

/** A thousand service deployments: ECS lists those of the last 90 days. */
const MAX_PAGES = 10;
const PAGE_SIZE = 100;

const ID = new RegExp(`^[0-9A-Za-z_-]{1,${WORD_LENGTH}}$`);

const NOT_THERE: ReadonlySet<string> = new Set([
  'ClusterNotFoundException',
  'ServiceNotFoundException',
  'ServiceDeploymentNotFoundException',
]);
const REJECTIONS: ReadonlySet<string> = new Set([
  ...NOT_THERE,
  'ClientException',
  'InvalidParameterException',
  'UnsupportedFeatureException',
]);
const NOT_FOUND: NotFound = { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS };

/** What a list says of one, and a description as well. */
type Raw = Pick<ServiceDeploymentBrief, 'serviceDeploymentArn' | 'createdAt' | 'status' | 'statusReason'>;
type Filter = Pick<ListServiceDeploymentsRequest, 'status' | 'createdAt'>;

export function connectToEcs(settings: CancellationSettings, aws: AwsContext): ServiceClient<ECSClient> {
  return createClient((options) => new ECSClient({ ...options }), settings, aws, REJECTIONS);
}

/** @param connection one that others use as well */
export function ecsDriver(
  deployment: Deployment,
  settings: CancellationSettings,
  aws: AwsContext,
  { client, call } = connectToEcs(settings, aws),
): Driver {
  const { serviceDeploymentArn: given } = deployment.identifiers;
  const ofService = ecsServiceOf(deployment.identifiers);
  const { clusterName: cluster, serviceName: service } = ofService;
  const serviceArn = aws.arn('ecs', ecsServicePath(ofService));
  const arnOf = (id: string) => aws.arn('ecs', ecsServiceDeploymentPath(ofService, id));
  const named = (id: string | undefined) => (id === undefined ? given : arnOf(id));

  function seen({ serviceDeploymentArn: arn = '', createdAt, status, statusReason }: Raw): Found {
    const id = arn.slice(arn.lastIndexOf('/') + 1);
    // Of what is not of this service, the id alone would be taken for one that is.
    if (!ID.test(id) || arn !== arnOf(id)) {
      throw new InvalidResponseError('no service deployment of the service was answered');
    }
    if (typeof status !== 'string' || status.trim() === '') throw new InvalidResponseError('no status was answered');
    const message = settings.includeStatusMessage ? statusReason : undefined;
    const attributes: Attributes = {
      arn,
      serviceName: service,
      ...(createdAt && { createdAt: createdAt.toISOString() }),
      ...(message !== undefined && { deploymentStatusMessage: truncate(message) }),
    };
    const deploymentStatus = truncate(status, WORD_LENGTH);
    const startedAt = createdAt?.getTime();
    return { kind: 'found', phase: phaseOf(status), deploymentStatus, deploymentId: id, startedAt, attributes };
  }

  async function list(options: CallOptions, filter: Filter): Promise<readonly ServiceDeploymentBrief[]> {
    const all: ServiceDeploymentBrief[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const command = new ListServiceDeploymentsCommand({
        cluster,
        service,
        ...filter,
        maxResults: PAGE_SIZE,
        nextToken,
      });
      const answer = await client.send(command, options);
      if (!answer?.serviceDeployments) throw new InvalidResponseError('no list of service deployments was answered');
      all.push(...answer.serviceDeployments);
      nextToken = answer.nextToken || undefined;
      if (nextToken === undefined) return all;
    }
    // Of those that are over, it does not matter that some are not known.
    if (filter.status)
      throw new InvalidResponseError(`more than ${MAX_PAGES * PAGE_SIZE} service deployments are in flight`);
    return all;
  }

  async function describe(arn: string, options: CallOptions): Promise<ServiceDeployment | undefined> {
    const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] });
    const answer = await client.send(command, options);
    const found = answer?.serviceDeployments?.find(({ serviceDeploymentArn }) => serviceDeploymentArn === arn);
    if (!found && !answer?.failures?.some(({ reason }) => reason === 'MISSING')) {
      throw new InvalidResponseError('the service deployment was not answered');
    }
    return found;
  }

  /** The newest that is in flight, or, where none is, the newest of all. */
  async function lookAtLast(): Promise<ReadResult> {
    return call(ECS_LIST_ACTION, serviceArn, async (options): Promise<ReadResult> => {
      const last = newest(await list(options, { status: IN_FLIGHT })) ?? newest(await list(options, {}));
      return last ? seen(last) : { kind: 'never-deployed' };
    }).then(missing);
  }

  async function describeById(arn: string): Promise<ReadResult> {
    const answer = await call(ECS_READ_ACTION, arn, async (options) => {
      const found = await describe(arn, options);
      return found ? { kind: 'found' as const, found, seen: seen(found) } : NOT_FOUND;
    });
    if (answer.kind !== 'found') return missing(answer);
    const { found, seen: read } = answer;
    if (found.status !== 'STOPPED') return read;
    return call(ECS_LIST_ACTION, serviceArn, async (options) => {
      const { createdAt: after, finishedAt: before } = found;
      const since = after ? await list(options, { createdAt: { after, before } }) : [];
      const replaced = since.some(({ serviceDeploymentArn }) => serviceDeploymentArn !== arn);
      return { ...read, phase: phaseOfStopped(found, replaced) };
    });
  }

  return {
    displayName: displayNameOf(deployment),
    unavailableHint: UNAVAILABLE_HINT,
    describe: (pinned) => {
      const arn = named(pinned);
      return arn === undefined ? lookAtLast() : describeById(arn);
    },
    describeById: (id) => describeById(arnOf(id)),
    cancel: (pinned) => {
      const arn = named(pinned);
      return call(ECS_STOP_ACTION, arn ?? serviceArn, async (options) => {
        if (arn === undefined) throw new InvalidResponseError('it is not known which service deployment to stop');
        const command = new StopServiceDeploymentCommand({ serviceDeploymentArn: arn, stopType: 'ROLLBACK' });
        const answer = await client.send(command, options);
        if (answer?.serviceDeploymentArn !== arn) throw new InvalidResponseError('the stop was not answered');
        return seen({ serviceDeploymentArn: arn, status: STOP_ACCEPTED });
      });
    },
  };
}

export function phaseOf(status: string): Phase {
  return Object.hasOwn(PHASES, status) ? PHASES[status as ServiceDeploymentStatus] : 'UNKNOWN';
}

/**
 * A stop with a rollback does not end as STOPPED. What does was stopped by a person, by a monitor that does not roll back, or
 * for a newer service deployment that was created before this one was over.
 */
function phaseOfStopped({ deploymentCircuitBreaker, alarms }: ServiceDeployment, replaced: boolean): Phase {
  if (deploymentCircuitBreaker?.status === 'TRIGGERED' || alarms?.status === 'TRIGGERED') return 'FAILED';
  return replaced ? 'SUPERSEDED' : 'CANCELLED';
}

/** ECS does not say in which order it lists them. */
function newest(found: readonly ServiceDeploymentBrief[]): ServiceDeploymentBrief | undefined {
  if (found.length > 1 && found.some(({ createdAt }) => !createdAt)) {
    throw new InvalidResponseError('it was not answered which service deployment is the newest');
  }
  const time = ({ createdAt }: ServiceDeploymentBrief) => createdAt?.getTime() ?? 0;
  return found.reduce<ServiceDeploymentBrief | undefined>(
    (last, one) => (last && time(last) >= time(one) ? last : one),
    undefined,
  );
}

/** To a read, that something does not exist is an answer. */
function missing<S extends ReadResult>(read: S): S | NotFound {
  return read.kind === 'error' && NOT_THERE.has(read.errorName) ? NOT_FOUND : read;
}

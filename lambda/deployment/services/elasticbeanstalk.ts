import {
  AbortEnvironmentUpdateCommand,
  DescribeEnvironmentsCommand,
  DescribeEventsCommand,
  ElasticBeanstalkClient,
  type EnvironmentDescription,
  type EnvironmentStatus,
  type EventDescription,
} from '@aws-sdk/client-elastic-beanstalk';
import { type CancellationSettings, type Deployment, UNKNOWN_STATUS } from '../../../lib/contract/cancellation';
import {
  ELASTIC_BEANSTALK_ABORT_ACTION,
  ELASTIC_BEANSTALK_EVENTS_ACTION,
  ELASTIC_BEANSTALK_READ_ACTION,
  environmentPath,
} from '../../../lib/deployments/elasticbeanstalk/kinds';
import { displayNameOf } from '../../../lib/deployments/kinds';
import type { CallError, Driver, Found, Phase, ReadResult } from '../engine/driver';
import type { AwsContext } from './aws-context';
import { createClient, type Request, type ServiceClient } from './client';
import { toFound } from './deployment-record';
import { type ErrorTypes, InvalidResponseError } from './errors';
import { mayBeBehind, PAGE_SIZE } from './lists';
import type { Service } from './service';
import { phaseOf, type Statuses } from './statuses';

/** The phases of the newest update by the status of its environment, as far as that alone tells: see `phaseOfUpdate`. */
export const STATUSES: Statuses<EnvironmentStatus> = {
  Updating: 'IN_PROGRESS',
  Aborting: 'CANCELLING',
  Ready: 'INCOMPLETE',
  Launching: 'NOT_CANCELLABLE',
  LinkingFrom: 'NOT_CANCELLABLE',
  LinkingTo: 'NOT_CANCELLABLE',
  Terminating: 'DELETING',
  Terminated: 'DELETION_OVER',
};

/**
 * The first message of an update, and that of a creation.
 *
 * @see https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/AWSHowTo.eventbridge.html
 */
const FIRST_MESSAGES: ReadonlySet<string | undefined> = new Set([
  'Environment update is starting.',
  'createEnvironment is starting.',
]);

/** How the messages begin that say how an update has ended. The end of an abort has no message that is known. */
const ENDS: readonly (readonly [string, Phase])[] = [
  ['Environment update completed successfully', 'COMPLETED'],
  ['Failed to deploy application', 'FAILED'],
  ['Failed to deploy configuration', 'FAILED'],
  ['Update environment operation is complete, but with', 'FAILED'],
  ['The environment was reverted to the previous configuration setting', 'INCOMPLETE'],
];

/** The first message of an operation that changes the environment. No earlier update is in flight after it. */
const FIRST_OF_OPERATION = /^(?!requestEnvironmentInfo )(Environment update|\w+) is starting\.?$/;

/** An update, and the events that have the ID of the request that began it, newest first. */
export interface EnvironmentUpdate {
  readonly id: string;
  readonly startedAt?: Date;
  readonly events: readonly EventDescription[];
  /** Whether a later event begins another operation, which may be no update. */
  readonly isFollowed: boolean;
}

type EnvironmentState = Pick<EnvironmentDescription, 'Status' | 'AbortableOperationInProgress' | 'DateUpdated'>;

/** The updates among the events of an environment. The order of the events stays: newest first. */
export function updatesOf(events: readonly EventDescription[]): readonly EnvironmentUpdate[] {
  return events.flatMap(({ RequestId: id, Message, EventDate: startedAt }, index) => {
    if (!id || !FIRST_MESSAGES.has(Message)) return [];
    const isFollowed = events
      .slice(0, index)
      .some((later) => later.RequestId !== id && FIRST_OF_OPERATION.test(later.Message ?? ''));
    return [{ id, startedAt, events: events.filter(({ RequestId }) => RequestId === id), isFollowed }];
  });
}

/**
 * The phase of the newest update of an environment.
 *
 * @returns undefined if the status and the events are not of the same moment, so that they decide nothing
 */
export function phaseOfUpdate(
  { Status, AbortableOperationInProgress: isAbortable, DateUpdated }: EnvironmentState,
  { events, isFollowed }: EnvironmentUpdate,
  now: number,
): Phase | undefined {
  const phase = phaseOf(STATUSES, Status);
  const end = events.map(endIn).find((known) => known !== undefined);
  switch (phase) {
    case 'IN_PROGRESS':
      // What is in flight is another operation, or a newer update, whose events are not there yet.
      if (end !== undefined || isFollowed) return undefined;
      return isAbortable ? phase : 'ENDING';
    case 'CANCELLING':
      return end === 'COMPLETED' ? undefined : phase;
    case 'INCOMPLETE': {
      if (end !== undefined) return end;
      const [newest] = events;
      if (mayBeBehind(newest?.EventDate, now) || mayBeBehind(DateUpdated, now)) return undefined;
      return newest?.Severity === 'ERROR' || newest?.Severity === 'FATAL' ? 'FAILED' : phase;
    }
    default:
      return phase;
  }
}

function endIn({ Message }: EventDescription): Phase | undefined {
  return ENDS.find(([beginning]) => Message?.startsWith(beginning))?.[1];
}

/** The status, the events or an earlier read contradict each other. They are read again, and nothing was requested. */
class InconsistentReadError extends Error {
  override readonly name = 'InconsistentReadError';
}

const ERRORS: ErrorTypes = {
  InconsistentReadError: 'conflict',
  InsufficientPrivilegesException: 'denied',
  // The environment is in a state in which nothing can be aborted: the next read tells.
  InvalidParameterValue: 'conflict',
};

const READ_ACTIONS: readonly string[] = [ELASTIC_BEANSTALK_READ_ACTION, ELASTIC_BEANSTALK_EVENTS_ACTION];

/** How many events are read at most until the first one of the update is found. */
const MAX_EVENTS = 1_000;

export const service: Service = {
  connect(settings, aws) {
    const client = createClient(ElasticBeanstalkClient, settings, aws, ERRORS);
    return { driverFor: (deployment) => updateDriver(deployment, settings, aws, client) };
  },
};

function updateDriver(
  deployment: Deployment,
  settings: CancellationSettings,
  aws: AwsContext,
  { call }: ServiceClient,
): Driver {
  const { environmentName: name = '' } = deployment.identifiers;
  const arn = aws.arn('elasticbeanstalk', environmentPath(deployment.identifiers));

  /** @param id the ID of the environment that was read first: its name may pass to another one */
  async function environmentOf(request: Request, id?: string) {
    const which = id === undefined ? { EnvironmentNames: [name] } : { EnvironmentIds: [id] };
    const command = new DescribeEnvironmentsCommand({ ...which, IncludeDeleted: false });
    const { Environments } = await request(ELASTIC_BEANSTALK_READ_ACTION, arn, command);
    if (!Environments) throw new InvalidResponseError('the response has no list of environments');
    const [environment] = Environments;
    if (!environment) return undefined;
    const { EnvironmentId, EnvironmentName } = environment;
    if (EnvironmentName !== name) throw new InvalidResponseError('the response is about another environment');
    if (!EnvironmentId) throw new InvalidResponseError('the response has no id of the environment');
    return { ...environment, EnvironmentId };
  }

  /** Reads an update. Without an ID, it is the newest. */
  async function read(request: Request, id?: string, environmentId?: string): Promise<ReadResult> {
    const environment = await environmentOf(request, environmentId);
    // Elastic Beanstalk leaves out what the caller may not read.
    if (!environment) return { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS, mayBeDenied: true };
    const { EnvironmentId, Status } = environment;
    // After the status: the events of the update that has the status are there, unless this read is behind.
    const events: EventDescription[] = [];
    let newest: EnvironmentUpdate | undefined;
    let update: EnvironmentUpdate | undefined;
    let NextToken: string | undefined;
    do {
      const command = new DescribeEventsCommand({ EnvironmentId, MaxRecords: PAGE_SIZE, NextToken });
      const page = await request(ELASTIC_BEANSTALK_EVENTS_ACTION, arn, command);
      if (!page.Events) throw new InvalidResponseError('the response has no list of events');
      events.push(...page.Events);
      NextToken = page.NextToken;
      const updates = updatesOf(events);
      [newest] = updates;
      update = id === undefined ? newest : updates.find((one) => one.id === id);
    } while (!update && NextToken && events.length < MAX_EVENTS);
    if (!update || !newest) {
      if (id === undefined && Status === 'Ready') return { kind: 'never-deployed' };
      if (NextToken) throw new InvalidResponseError('the environment has more events than can be read');
      // It is over: the environment is ready, or was ready for a newer one.
      const isOver = newest !== undefined || Status === 'Ready';
      if (id !== undefined && isOver) return { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS };
      throw new InconsistentReadError(`the environment is ${Status}, and no event tells which update that is`);
    }
    const record = {
      id: update.id,
      startedAt: update.startedAt,
      resourceId: EnvironmentId,
      statusMessage: update.events[0]?.Message,
      attributes: { arn: environment.EnvironmentArn, name },
    };
    if (update !== newest) {
      // An update starts only in an environment that is ready.
      const older = { status: 'Ready', phase: 'SUPERSEDED', supersededBy: newest.id } as const;
      return toFound({ ...record, ...older }, STATUSES, settings);
    }
    const phase = phaseOfUpdate(environment, update, aws.now());
    if (phase) return toFound({ ...record, status: Status, phase }, STATUSES, settings);
    throw new InconsistentReadError(`the environment is ${Status}, which the events of its newest update contradict`);
  }

  const describe = (id?: string, environmentId?: string) => call((request) => read(request, id, environmentId));

  return {
    displayName: displayNameOf(deployment),
    unavailableHint: `aws elastic beanstalk was called ${aws.calledAt}`,
    describe,
    describeById: describe,
    cancel: (pinned, environmentId) =>
      call(async (request): Promise<Found> => {
        if (pinned === undefined) throw new InvalidResponseError('the id of the update to abort is not known');
        // The request names the environment only, so this is read at the last moment.
        const found = await read(request, pinned, environmentId);
        if (found.kind !== 'found' || found.phase !== 'IN_PROGRESS') {
          throw new InconsistentReadError(`update ${pinned} is no longer in progress`);
        }
        const command = new AbortEnvironmentUpdateCommand({ EnvironmentId: found.resourceId });
        await request(ELASTIC_BEANSTALK_ABORT_ACTION, arn, command);
        // The response is empty. The next read tells which update was aborted.
        return { kind: 'found', phase: 'CANCELLING', deploymentStatus: 'Aborting', attributes: {} };
      }).then(orConflict),
  };
}

/** After an error of the read before the abort, there is no doubt whether the service has acted: nothing was requested. */
function orConflict(response: Found | CallError): Found | CallError {
  if (response.kind !== 'error' || !READ_ACTIONS.includes(response.action)) return response;
  const isInDoubt = response.errorType === 'unreachable' || response.errorType === 'server-error';
  return isInDoubt ? { ...response, errorType: 'conflict' } : response;
}

import {
  CancelUpdateStackCommand,
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type OperationType,
  type Stack,
  type StackEvent,
  type StackStatus,
} from '@aws-sdk/client-cloudformation';
import {
  type Attributes,
  type CancellationSettings,
  type Deployment,
  UNKNOWN_STATUS,
} from '../../../lib/contract/cancellation';
import { STACK_UPDATE } from '../../../lib/deployments/cloudformation/kinds';
import { displayNameOf } from '../../../lib/deployments/kinds';
import type { CallError, Driver, Found, NotFound, Phase } from '../engine/driver';
import { type AwsContext, INVALID, InvalidResponseError, truncate, WORD_LENGTH } from './aws';
import { type CallOptions, createClient, type ServiceClient } from './client';

/** Every status of the API, so that the compiler asks about a new one; at run time a stranger is UNKNOWN. */
const PHASES: Readonly<Record<StackStatus, Phase>> = {
  CREATE_IN_PROGRESS: 'NOT_CANCELLABLE',
  CREATE_FAILED: 'FAILED',
  CREATE_COMPLETE: 'COMPLETED',
  ROLLBACK_IN_PROGRESS: 'NOT_CANCELLABLE',
  ROLLBACK_FAILED: 'FAILED',
  ROLLBACK_COMPLETE: 'FAILED',
  DELETE_IN_PROGRESS: 'DELETING',
  DELETE_FAILED: 'DELETION_OVER',
  DELETE_COMPLETE: 'DELETION_OVER',
  UPDATE_IN_PROGRESS: 'IN_PROGRESS',
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'ENDING',
  UPDATE_COMPLETE: 'COMPLETED',
  UPDATE_FAILED: 'FAILED',
  UPDATE_ROLLBACK_IN_PROGRESS: 'CANCELLING',
  UPDATE_ROLLBACK_FAILED: 'FAILED',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'CANCELLING',
  UPDATE_ROLLBACK_COMPLETE: 'CANCELLED',
  REVIEW_IN_PROGRESS: 'NOT_CANCELLABLE',
  IMPORT_IN_PROGRESS: 'NOT_CANCELLABLE',
  IMPORT_COMPLETE: 'COMPLETED',
  IMPORT_ROLLBACK_IN_PROGRESS: 'NOT_CANCELLABLE',
  IMPORT_ROLLBACK_FAILED: 'FAILED',
  IMPORT_ROLLBACK_COMPLETE: 'FAILED',
};

export function phaseOf(status: string): Phase {
  return Object.hasOwn(PHASES, status) ? PHASES[status as StackStatus] : 'UNKNOWN';
}

/** Operations that are a part of the one before, or a mere plan. Any other, a stranger too, is a deployment of its own. */
const PARTS: ReadonlySet<string | undefined> = new Set<OperationType>([
  'ROLLBACK',
  'CONTINUE_ROLLBACK',
  'CREATE_CHANGESET',
]);

/** The statuses of a stack with which a deployment begins. */
const BEGINNINGS: ReadonlySet<string> = new Set<StackStatus>([
  'CREATE_IN_PROGRESS',
  'UPDATE_IN_PROGRESS',
  'DELETE_IN_PROGRESS',
  'IMPORT_IN_PROGRESS',
]);

/** How far back the events of a stack are read, in pages of a hundred or so. */
const MAX_PAGES = 10;

/** By how much the time of a stack and that of its event may differ, in milliseconds. */
const TIME_TOLERANCE = 1_000;

/** What a person should know when CloudFormation does not answer, or does not allow it. */
const UNAVAILABLE_HINT =
  'an endpoint, if there is one, has to be of CloudFormation, and no stack is allowed to cancel its own update or that of a stack in which it is nested';

export type CloudFormationConnection = ServiceClient<CloudFormationClient>;

export function connectToCloudFormation(settings: CancellationSettings, aws: AwsContext): CloudFormationConnection {
  return createClient((options) => new CloudFormationClient({ ...options }), settings, aws);
}

/** A stack whose status was answered, whatever else was. */
type Raw = Omit<Stack, 'StackStatus'> & { readonly StackStatus: string };

/** @param connection one that others use as well */
export function cloudFormationDriver(
  deployment: Deployment,
  settings: CancellationSettings,
  aws: AwsContext,
  { client, call } = connectToCloudFormation(settings, aws),
): Driver {
  const { stackName: StackName = '' } = deployment.identifiers;
  const { cancelAction, readAction, eventsAction } = STACK_UPDATE;
  const resourceArn = aws.arn('cloudformation', STACK_UPDATE.resource({ stackName: StackName }));

  async function stack(options: CallOptions): Promise<Raw> {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }), options);
    // Whatever else is answered, no other stack is looked at.
    const found = Stacks?.find((candidate) => candidate.StackName === StackName);
    const status: unknown = found?.StackStatus;
    if (!found || typeof status !== 'string' || status.trim() === '') {
      throw new InvalidResponseError('no status of the stack was answered');
    }
    return { ...found, StackStatus: status };
  }

  function seen(found: Raw, deploymentId: string | undefined): Found {
    const phase = phaseOf(found.StackStatus);
    const nested = found.ParentId !== undefined && phase === 'IN_PROGRESS';
    return {
      kind: 'found',
      phase: nested ? 'NOT_CANCELLABLE' : phase,
      deploymentStatus: truncate(found.StackStatus, WORD_LENGTH),
      deploymentId,
      attributes: attributesOf(found, settings),
      ...(nested && { obstacle: `the update of a nested stack can be cancelled only with that of ${found.RootId}` }),
    };
  }

  async function describeById(deploymentId: string): Promise<Found | NotFound | CallError> {
    const answer = await call(eventsAction, resourceArn, (options) => endOf(deploymentId, options));
    if (answer === undefined) return { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS };
    if (typeof answer !== 'string')
      return isNotFound(answer) ? { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS } : answer;
    const deploymentStatus = truncate(answer, WORD_LENGTH);
    return { kind: 'found', phase: phaseOf(answer), deploymentStatus, deploymentId, attributes: {} };
  }

  /** The last status that the stack had in a deployment, its rollback included; undefined if no event tells. */
  async function endOf(deploymentId: string, options: CallOptions): Promise<string | undefined> {
    const since = TIME.test(deploymentId) ? Date.parse(deploymentId) - TIME_TOLERANCE : Number.NEGATIVE_INFINITY;
    let end: string | undefined;
    let last: string | undefined;
    let NextToken: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await client.send(new DescribeStackEventsCommand({ StackName, NextToken }), options);
      for (const { ResourceStatus, OperationId, Timestamp } of (answer.StackEvents ?? []).filter(isOfStackItself)) {
        if (Timestamp !== undefined && Timestamp.getTime() < since) return end;
        last ??= ResourceStatus;
        if (OperationId === deploymentId) return last;
        if (!BEGINNINGS.has(ResourceStatus ?? '')) continue;
        // The oldest that began at that time or later.
        if (since > Number.NEGATIVE_INFINITY) end = last;
        last = undefined;
      }
      NextToken = answer.NextToken;
      if (!NextToken) return end;
    }
    return undefined;
  }

  return {
    displayName: displayNameOf(deployment),
    unavailableHint: UNAVAILABLE_HINT,
    async describe(pinned) {
      const found = await call(readAction, resourceArn, stack);
      if ('kind' in found)
        return isNotFound(found) ? { kind: 'not-found', deploymentStatus: 'DELETE_COMPLETE' } : found;
      const deploymentId = idOf(found, pinned);
      if (deploymentId !== undefined || pinned === undefined) return seen(found, deploymentId);
      const traced = await describeById(pinned);
      if (traced.kind === 'not-found') return seen(found, undefined);
      const rolledBack = traced.kind === 'found' && traced.deploymentStatus.startsWith(ROLLBACK);
      return traced.kind === 'error' || rolledBack || !TIME.test(pinned) ? traced : seen(found, beganAt(found));
    },
    describeById,
    cancel: () =>
      call(cancelAction, resourceArn, async (options): Promise<Found> => {
        await client.send(new CancelUpdateStackCommand({ StackName }), options);
        // The answer is empty. Which update was in progress, and is no more, the next look tells.
        return { kind: 'found', phase: 'CANCELLING', deploymentStatus: 'UPDATE_IN_PROGRESS', attributes: {} };
      }),
  };
}

/**
 * Which deployment the status of a stack tells of: the id of an operation, or, from a service that names none, the time at
 * which it began. Undefined if it cannot be known whether it is the pinned one.
 */
function idOf(found: Raw, pinned: string | undefined): string | undefined {
  const { StackStatus: status, LastOperations } = found;
  const phase = phaseOf(status);
  // A deletion takes the deployment with it.
  if (pinned !== undefined && (phase === 'DELETING' || phase === 'DELETION_OVER')) return pinned;
  const newest = LastOperations?.find(({ OperationType: type }) => !PARTS.has(type))?.OperationId || undefined;
  const operation = newest && truncate(newest, WORD_LENGTH);
  const began = beganAt(found);
  if (pinned === undefined) return operation ?? began;
  if (!TIME.test(pinned)) return operation;
  // That a rollback leaves the time alone is documented nowhere, so another time may be that of another update or not.
  return began !== pinned && status.startsWith(ROLLBACK) ? undefined : began;
}

function beganAt({ LastUpdatedTime, CreationTime }: Raw): string | undefined {
  return (LastUpdatedTime ?? CreationTime)?.toISOString();
}

const ROLLBACK = 'UPDATE_ROLLBACK_';
const TIME = /^\d{4}-\d\d-\d\dT/;

/** An event of the stack, and not of one of its resources. */
function isOfStackItself({ StackId, PhysicalResourceId }: StackEvent): boolean {
  return StackId !== undefined && PhysicalResourceId === StackId;
}

/** To a read, that a stack does not exist is an answer. */
function isNotFound({ errorName, message }: CallError): boolean {
  return errorName === INVALID && message.includes('does not exist');
}

/** The fields that may be shown: parameters and outputs are not among them. */
function attributesOf(found: Raw, { includeStatusMessage }: CancellationSettings): Attributes {
  const fields = {
    arn: found.StackId,
    name: found.StackName,
    createdAt: found.CreationTime?.toISOString(),
    deploymentStatusMessage: includeStatusMessage ? found.StackStatusReason : undefined,
  };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, truncate(value)]])),
  );
}

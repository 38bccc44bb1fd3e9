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
import { type CancellationSettings, type Deployment, UNKNOWN_STATUS } from '../../../lib/contract/cancellation';
import { STACK_UPDATE } from '../../../lib/deployments/cloudformation/kinds';
import { displayNameOf } from '../../../lib/deployments/kinds';
import { MAX_NAME_LENGTH, truncate } from '../../text';
import { type CallError, type Driver, type Found, isOver, type ReadResult } from '../engine/driver';
import type { AwsContext } from './aws-context';
import { createClient, type Request, type ServiceClient } from './client';
import { toFound } from './deployment-record';
import { InvalidResponseError } from './errors';
import type { Service } from './service';
import { phaseOf, type Statuses } from './statuses';

export const STATUSES: Statuses<StackStatus> = {
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
  // It has a change set that was never executed: see `describe`.
  REVIEW_IN_PROGRESS: 'NOT_CANCELLABLE',
  IMPORT_IN_PROGRESS: 'NOT_CANCELLABLE',
  IMPORT_COMPLETE: 'COMPLETED',
  IMPORT_ROLLBACK_IN_PROGRESS: 'NOT_CANCELLABLE',
  IMPORT_ROLLBACK_FAILED: 'FAILED',
  IMPORT_ROLLBACK_COMPLETE: 'FAILED',
};

/** Operations that are part of the previous deployment, or only a plan. All others, unknown ones included, are deployments. */
const NO_DEPLOYMENTS: ReadonlySet<string | undefined> = new Set<OperationType>([
  'ROLLBACK',
  'CONTINUE_ROLLBACK',
  'CREATE_CHANGESET',
]);

/** The first status of a deployment. */
const FIRST_STATUSES: ReadonlySet<string | undefined> = new Set<StackStatus>([
  'CREATE_IN_PROGRESS',
  'UPDATE_IN_PROGRESS',
  'DELETE_IN_PROGRESS',
  'IMPORT_IN_PROGRESS',
]);

const ROLLBACK = 'UPDATE_ROLLBACK_';
const TIME = /^\d{4}-\d\d-\d\dT/;

/** How many events are read, and how many pages of them: a page may be empty. */
const MAX_EVENTS = 1_000;
const MAX_PAGES = 100;

/** How much the time of a stack and that of its event may differ, in milliseconds. */
const TIME_TOLERANCE = 1_000;

const UNAVAILABLE_HINT =
  'an endpoint, if there is one, has to be of CloudFormation, and no stack is allowed to cancel its own update or that of a stack in which it is nested';

export const service: Service = {
  connect(settings, aws) {
    const client = createClient(CloudFormationClient, settings, aws);
    return { driverFor: (deployment) => cloudFormationDriver(deployment, settings, aws, client) };
  },
};

function cloudFormationDriver(
  deployment: Deployment,
  settings: CancellationSettings,
  aws: AwsContext,
  { call }: ServiceClient,
): Driver {
  const { stackName: StackName = '' } = deployment.identifiers;
  const { cancelAction, readAction, eventsAction } = STACK_UPDATE;
  const resourceArn = aws.arn('cloudformation', STACK_UPDATE.resource({ stackName: StackName }));

  /** @param stackId the stack that was found first: a stack that is created anew has the same name, and another id */
  async function readStack(request: Request, stackId: string | undefined): Promise<Stack> {
    const command = new DescribeStacksCommand({ StackName: stackId ?? StackName });
    const { Stacks } = await request(readAction, resourceArn, command);
    const stack = Stacks?.find((one) =>
      stackId === undefined ? [one.StackName, one.AliasName].includes(StackName) : one.StackId === stackId,
    );
    if (!stack?.StackStatus?.trim()) throw new InvalidResponseError('the response has no status of the stack');
    return stack;
  }

  function foundStack(stack: Stack, id: string | undefined): Found {
    const { StackId: arn, StackName: name, StackStatus: status, StackStatusReason: statusMessage } = stack;
    const attributes = { arn, name, createdAt: stack.CreationTime };
    const startedAt = startTimeOf(stack);
    const found = toFound({ id, status, startedAt, resourceId: arn, statusMessage, attributes }, STATUSES, settings);
    const obstacle = obstacleOf(stack, found);
    return obstacle === undefined ? found : { ...found, phase: 'NOT_CANCELLABLE', obstacle };
  }

  function obstacleOf({ StackName: name, ParentId, RootId }: Stack, { phase }: Found): string | undefined {
    // The permissions are on the stack of that name.
    if (name !== StackName) return `${StackName} is an alias: specify the name of the stack, ${name}`;
    if (ParentId === undefined || phase !== 'IN_PROGRESS') return undefined;
    return `the update of a nested stack can be cancelled only with that of ${RootId}`;
  }

  /** The last status of the stack in a deployment, its rollback included; undefined if the events do not tell. */
  async function lastStatusOf(
    deploymentId: string,
    request: Request,
    stackId: string | undefined,
  ): Promise<string | undefined> {
    const since = TIME.test(deploymentId) ? Date.parse(deploymentId) - TIME_TOLERANCE : Number.NEGATIVE_INFINITY;
    let oldest: string | undefined;
    let last: string | undefined;
    let count = 0;
    let NextToken: string | undefined;
    for (let page = 0; page < MAX_PAGES && count < MAX_EVENTS; page++) {
      const input = { StackName: stackId ?? StackName, NextToken };
      const command: DescribeStackEventsCommand = new DescribeStackEventsCommand(input);
      const { StackEvents = [], NextToken: next } = await request(eventsAction, resourceArn, command);
      count += StackEvents.length;
      for (const { ResourceStatus, OperationId, Timestamp } of StackEvents.filter(isOfStackItself)) {
        if (Timestamp !== undefined && Timestamp.getTime() < since) return oldest;
        last ??= ResourceStatus;
        if (OperationId === deploymentId) return last;
        if (!FIRST_STATUSES.has(ResourceStatus)) continue;
        // The oldest deployment that started at that time or later.
        if (since > Number.NEGATIVE_INFINITY) oldest = last;
        last = undefined;
      }
      NextToken = next;
      if (!NextToken) return oldest;
    }
    return undefined;
  }

  /** Reads the pinned deployment from the events, where the status of the stack is not known to be its own. */
  async function describePinned(request: Request, stack: Stack, pinned: string): Promise<Found> {
    const id = idOf(stack, pinned);
    const status = await lastStatusOf(pinned, request, stack.StackId);
    const phase = phaseOf(STATUSES, status);
    const ofPinned = () => toFound({ id: pinned, status, resourceId: stack.StackId }, STATUSES, settings);
    // The time of another deployment, or that of its rollback: both tell whether it is an older one.
    const ofOther = (otherId: string | undefined) => {
      return { ...foundStack(stack, otherId), startedAt: beginningOf(stack)?.getTime() };
    };
    if (isDeletion(stack)) return isOver(phase) ? ofPinned() : foundStack(stack, pinned);
    if (status === undefined) return ofOther(id);
    // A newer one began right after the rollback.
    if (phase === 'CANCELLED') return ofPinned();
    if (id === undefined) {
      const isPinned = status.startsWith(ROLLBACK) || !TIME.test(pinned);
      return isPinned ? ofPinned() : ofOther(beginningOf(stack)?.toISOString());
    }
    // No other one begins before it is over, so one of the responses is out of date.
    return ofOther(isOver(phase) ? id : undefined);
  }

  return {
    displayName: displayNameOf(deployment),
    unavailableHint: UNAVAILABLE_HINT,
    describe: (pinned, stackId) =>
      call(async (request): Promise<ReadResult> => {
        const stack = await readStack(request, stackId);
        if (pinned !== undefined && idOf(stack, pinned) !== pinned) return describePinned(request, stack, pinned);
        if (stack.StackStatus === 'REVIEW_IN_PROGRESS') return { kind: 'never-deployed' };
        return foundStack(stack, idOf(stack, pinned));
      }).then(orNotFound('DELETE_COMPLETE')),
    describeById: (id, stackId) =>
      call(async (request): Promise<ReadResult> => {
        const status = await lastStatusOf(id, request, stackId);
        if (status === undefined) return { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS };
        return toFound({ id, status }, STATUSES, settings);
      }).then(orNotFound(UNKNOWN_STATUS)),
    cancel: (_pinned, stackId) =>
      call(async (request): Promise<Found> => {
        await request(cancelAction, resourceArn, new CancelUpdateStackCommand({ StackName: stackId ?? StackName }));
        // The response is empty. The next read tells which update was cancelled.
        return { kind: 'found', phase: 'CANCELLING', deploymentStatus: 'UPDATE_IN_PROGRESS', attributes: {} };
      }).then(orConflict),
  };
}

/**
 * The deployment that the status of a stack belongs to: the id of an operation, or, if the service returns none, the start
 * time. Undefined if it cannot be known whether it is the pinned one.
 */
function idOf(stack: Stack, pinned: string | undefined): string | undefined {
  const { StackStatus: status, LastOperations } = stack;
  const newest = LastOperations?.find(({ OperationType: type }) => !NO_DEPLOYMENTS.has(type))?.OperationId || undefined;
  const operationId = newest && truncate(newest, MAX_NAME_LENGTH);
  const time = beginningOf(stack)?.toISOString();
  if (pinned === undefined) return operationId ?? time;
  if (!TIME.test(pinned)) return operationId;
  // It is not documented whether a rollback changes the time, so another time may be that of another update or not.
  return time !== pinned && status?.startsWith(ROLLBACK) ? undefined : time;
}

/** The start time of the deployment; undefined during a rollback, which may have changed the time of the stack. */
function startTimeOf(stack: Stack): Date | undefined {
  return stack.StackStatus?.startsWith(ROLLBACK) ? undefined : beginningOf(stack);
}

function beginningOf(stack: Stack): Date | undefined {
  const { DeletionTime, LastUpdatedTime, CreationTime } = stack;
  return (isDeletion(stack) ? DeletionTime : undefined) ?? LastUpdatedTime ?? CreationTime;
}

function isDeletion({ StackStatus }: Stack): boolean {
  return ['DELETING', 'DELETION_OVER'].includes(phaseOf(STATUSES, StackStatus));
}

function isOfStackItself({ StackId, PhysicalResourceId }: StackEvent): boolean {
  return StackId !== undefined && PhysicalResourceId === StackId;
}

/** CloudFormation has no error of its own for a stack that does not exist, which is a result of a read. */
function orNotFound(deploymentStatus: string): (result: ReadResult) => ReadResult {
  return (result) => {
    if (result.kind !== 'error' || result.errorName !== 'ValidationError') return result;
    return result.message.includes('does not exist') ? { kind: 'not-found', deploymentStatus } : result;
  };
}

/** CloudFormation has no error of its own for a stack in another status either, in which it may be no more when it is read. */
function orConflict<R extends Found | CallError>(result: R): R {
  if (result.kind !== 'error' || result.errorName !== 'ValidationError') return result;
  const isConflict = /does not exist|stack status/i.test(result.message);
  return isConflict ? { ...result, errorType: 'conflict' } : result;
}

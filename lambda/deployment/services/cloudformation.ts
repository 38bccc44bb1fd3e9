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
import type { Driver, Found, ReadResult } from '../engine/driver';
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

/** How many pages of events are read, each of about a hundred. */
const MAX_PAGES = 10;

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
  const resourceArn = aws.arn('cloudformation', STACK_UPDATE.resource(StackName));

  async function readStack(request: Request): Promise<Stack> {
    const { Stacks } = await request(readAction, resourceArn, new DescribeStacksCommand({ StackName }));
    const stack = Stacks?.find((candidate) => candidate.StackName === StackName);
    if (!stack?.StackStatus?.trim()) throw new InvalidResponseError('the response has no status of the stack');
    return stack;
  }

  function foundStack(stack: Stack, id: string | undefined): Found {
    const { StackId: arn, StackName: name, StackStatus: status, StackStatusReason: statusMessage } = stack;
    const attributes = { arn, name, createdAt: stack.CreationTime };
    const found = toFound({ id, status, statusMessage, attributes }, STATUSES, settings);
    if (stack.ParentId === undefined || found.phase !== 'IN_PROGRESS') return found;
    const obstacle = `the update of a nested stack can be cancelled only with that of ${stack.RootId}`;
    return { ...found, phase: 'NOT_CANCELLABLE', obstacle };
  }

  /** The last status of the stack in a deployment, its rollback included; undefined if the events do not tell. */
  async function lastStatusOf(deploymentId: string, request: Request): Promise<string | undefined> {
    const since = TIME.test(deploymentId) ? Date.parse(deploymentId) - TIME_TOLERANCE : Number.NEGATIVE_INFINITY;
    let oldest: string | undefined;
    let last: string | undefined;
    let NextToken: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const command: DescribeStackEventsCommand = new DescribeStackEventsCommand({ StackName, NextToken });
      const response = await request(eventsAction, resourceArn, command);
      for (const { ResourceStatus, OperationId, Timestamp } of (response.StackEvents ?? []).filter(isOfStackItself)) {
        if (Timestamp !== undefined && Timestamp.getTime() < since) return oldest;
        last ??= ResourceStatus;
        if (OperationId === deploymentId) return last;
        if (!FIRST_STATUSES.has(ResourceStatus)) continue;
        // The oldest deployment that started at that time or later.
        if (since > Number.NEGATIVE_INFINITY) oldest = last;
        last = undefined;
      }
      NextToken = response.NextToken;
      if (!NextToken) return oldest;
    }
    return undefined;
  }

  return {
    displayName: displayNameOf(deployment),
    unavailableHint: UNAVAILABLE_HINT,
    describe: (pinned) =>
      call(async (request) => {
        const stack = await readStack(request);
        const id = idOf(stack, pinned);
        if (id !== undefined || pinned === undefined) return foundStack(stack, id);
        const status = await lastStatusOf(pinned, request);
        if (status === undefined) return foundStack(stack, undefined);
        const isPinned = status.startsWith(ROLLBACK) || !TIME.test(pinned);
        return isPinned ? toFound({ id: pinned, status }, STATUSES, settings) : foundStack(stack, startTimeOf(stack));
      }).then(orNotFound('DELETE_COMPLETE')),
    describeById: (id) =>
      call(async (request): Promise<ReadResult> => {
        const status = await lastStatusOf(id, request);
        if (status === undefined) return { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS };
        return toFound({ id, status }, STATUSES, settings);
      }).then(orNotFound(UNKNOWN_STATUS)),
    cancel: () =>
      call(async (request): Promise<Found> => {
        await request(cancelAction, resourceArn, new CancelUpdateStackCommand({ StackName }));
        // The response is empty. The next read tells which update was cancelled.
        return { kind: 'found', phase: 'CANCELLING', deploymentStatus: 'UPDATE_IN_PROGRESS', attributes: {} };
      }),
  };
}

/**
 * The deployment that the status of a stack belongs to: the id of an operation, or, if the service returns none, the start
 * time. Undefined if it cannot be known whether it is the pinned one.
 */
function idOf(stack: Stack, pinned: string | undefined): string | undefined {
  const { StackStatus: status, LastOperations } = stack;
  const phase = phaseOf(STATUSES, status);
  // The deletion of the stack is the end of the pinned deployment as well.
  if (pinned !== undefined && (phase === 'DELETING' || phase === 'DELETION_OVER')) return pinned;
  const newest = LastOperations?.find(({ OperationType: type }) => !NO_DEPLOYMENTS.has(type))?.OperationId || undefined;
  const operationId = newest && truncate(newest, MAX_NAME_LENGTH);
  const startTime = startTimeOf(stack);
  if (pinned === undefined) return operationId ?? startTime;
  if (!TIME.test(pinned)) return operationId;
  // It is not documented whether a rollback changes the time, so another time may be that of another update or not.
  return startTime !== pinned && status?.startsWith(ROLLBACK) ? undefined : startTime;
}

function startTimeOf({ LastUpdatedTime, CreationTime }: Stack): string | undefined {
  return (LastUpdatedTime ?? CreationTime)?.toISOString();
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

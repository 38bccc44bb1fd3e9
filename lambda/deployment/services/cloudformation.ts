import {
  CancelUpdateStackCommand,
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { type CancellationSettings, type Deployment, UNKNOWN_STATUS } from '../../../lib/contract/cancellation';
import { STACK_UPDATE } from '../../../lib/deployments/cloudformation/kinds';
import { displayNameOf } from '../../../lib/deployments/kinds';
import { type CallError, type Driver, type Found, isOver, type Phase, type ReadResult } from '../engine/driver';
import type { AwsContext } from './aws-context';
import { createClient, type Request, type ServiceClient } from './client';
import { toFound } from './deployment-record';
import { type ErrorTypes, InvalidResponseError } from './errors';
import { mayBeBehind } from './lists';
import { fleetLister } from './polled-driver';
import type { Service } from './service';
import { type EventPages, lastStatusOf, newestEvent, TIME } from './stack-events';
import { stackFleetPages } from './stack-fleet-pages';
import { beginningOf, idOf, isDeletion, ROLLBACK, STATUSES, startTimeOf } from './stack-operations';
import {
  adviceFor,
  allowedRequest,
  creationPhase,
  hasOptionalRequests,
  type OptionalRequest,
  requestToken,
  resourcesToSkip,
} from './stack-requests';
import { phaseOf } from './statuses';

/** The phases of what an option allows to cancel. */
const PHASES: Readonly<Record<OptionalRequest, Phase>> = {
  delete: 'IN_PROGRESS',
  'continue-rollback': 'ROLLBACK_FAILED',
};

const UNAVAILABLE_HINT =
  'an endpoint, if there is one, has to be of CloudFormation, and no stack is allowed to cancel its own update or that of a stack in which it is nested';

/** The stack is no longer as it was read, so that a request could reach another operation. Nothing was requested. */
class StackChangedError extends Error {
  override readonly name = 'StackChangedError';
}

const ERRORS: ErrorTypes = {
  StackChangedError: 'conflict',
  // CloudFormation has accepted the same request before: the next read tells.
  TokenAlreadyExistsException: 'conflict',
};

export const service: Service = {
  connect(settings, aws) {
    const client = createClient(CloudFormationClient, settings, aws, ERRORS);
    return {
      driverFor: (deployment) => cloudFormationDriver(deployment, settings, aws, client),
      listerFor: (fleet, ownStackId) => ({
        unavailableHint: UNAVAILABLE_HINT,
        ...fleetLister(fleet, stackFleetPages(fleet, aws, ownStackId), ERRORS, client),
      }),
    };
  },
};

function cloudFormationDriver(
  deployment: Deployment,
  settings: CancellationSettings,
  aws: AwsContext,
  { call }: ServiceClient,
): Driver {
  const { options } = deployment;
  const { stackName: StackName = '' } = deployment.identifiers;
  const { cancelAction, continueAction, deleteAction, readAction, eventsAction } = STACK_UPDATE;
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

  /** @param pinned the pinned deployment, if the stack is known to be in it */
  function foundStack(stack: Stack, id: string | undefined, pinned?: string): Found {
    const { StackId: arn, StackName: name, StackStatus: status, StackStatusReason: statusMessage } = stack;
    const attributes = { arn, name, createdAt: stack.CreationTime };
    const startedAt = startTimeOf(stack);
    const allowed = allowedRequest(stack, pinned, options);
    const phase = allowed.request && PHASES[allowed.request];
    const record = { id, status, phase, startedAt, resourceId: arn, statusMessage, attributes };
    const found = toFound(record, STATUSES, settings);
    if (isOver(found.phase)) return { ...found, advice: adviceFor(status, StackName, allowed) };
    const obstacle = obstacleOf(stack, found) ?? allowed.obstacle;
    return obstacle === undefined ? found : { ...found, phase: 'NOT_CANCELLABLE', obstacle };
  }

  function obstacleOf({ StackName: name, ParentId, RootId }: Stack, { phase }: Found): string | undefined {
    // The permissions are on the stack of that name.
    if (name !== StackName) return `${StackName} is an alias: specify the name of the stack, ${name}`;
    if (ParentId === undefined || phase !== 'IN_PROGRESS') return undefined;
    return `the update of a nested stack can be cancelled only with that of ${RootId}`;
  }

  const eventsOf = (request: Request, stackId: string | undefined): EventPages => {
    return (NextToken) =>
      request(
        eventsAction,
        resourceArn,
        new DescribeStackEventsCommand({ StackName: stackId ?? StackName, NextToken }),
      );
  };

  /** Found from the events: nothing else is known of it. */
  function pinnedFound(id: string, status: string | undefined, resourceId?: string): Found {
    return { ...toFound({ id, status, resourceId }, STATUSES, settings), advice: adviceFor(status, StackName) };
  }

  /** The phase of the pinned creation, if the deletion of its stack cancels it; undefined if it does not. */
  async function phaseOfDeletedCreation(
    request: Request,
    { StackId, StackStatus: status }: Stack,
    pinned: string,
    creation: string | undefined,
  ): Promise<Phase | undefined> {
    if (options?.deleteOnCreate !== true || StackId === undefined) return undefined;
    const newest = await newestEvent(eventsOf(request, StackId));
    return creationPhase(status, creation, newest, requestToken('delete', StackId, pinned));
  }

  /** A creation that has just ended may be one whose stack is being deleted, which the reads do not show yet. */
  async function settled(request: Request, found: Found, { StackId, StackStatus: status }: Stack): Promise<Found> {
    const isCreation = options?.deleteOnCreate === true && /^(CREATE|ROLLBACK)_/.test(status ?? '');
    if (!isCreation || !isOver(found.phase) || StackId === undefined) return found;
    const newest = await newestEvent(eventsOf(request, StackId));
    const isSettled =
      newest !== undefined && newest.ResourceStatus === status && !mayBeBehind(newest.Timestamp, aws.now());
    return isSettled ? found : { ...found, phase: 'ENDING' };
  }

  /**
   * Sends the request that an option allows for the pinned deployment, after another read. Returns the status of the stack;
   * undefined if there is an update to cancel.
   */
  async function sendOptional(
    request: Request,
    pinned: string | undefined,
    stackId: string | undefined,
  ): Promise<string | undefined> {
    const stack = await readStack(request, stackId);
    const { StackId, StackStatus: status } = stack;
    const isPinned = pinned !== undefined && StackId !== undefined && StackId === stackId;
    if (!isPinned || idOf(stack, pinned) !== pinned) throw new StackChangedError('the stack is in another operation');
    if (status === 'UPDATE_IN_PROGRESS') return undefined;
    const { request: allowed } = allowedRequest(stack, pinned, options);
    // Each of two reads may be behind, so they have to agree.
    const last = allowed && (await lastStatusOf(pinned, eventsOf(request, StackId)));
    if (allowed === undefined || last !== status) throw new StackChangedError(`the stack may no longer be ${status}`);
    const input = { StackName: StackId, ClientRequestToken: requestToken(allowed, StackId, pinned) };
    if (allowed === 'delete') await request(deleteAction, resourceArn, new DeleteStackCommand(input));
    else {
      const command = new ContinueUpdateRollbackCommand({ ...input, ResourcesToSkip: resourcesToSkip(options) });
      await request(continueAction, resourceArn, command);
    }
    return status;
  }

  /** Reads the pinned deployment from the events, where the status of the stack is not known to be its own. */
  async function describePinned(request: Request, stack: Stack, pinned: string): Promise<Found> {
    const id = idOf(stack, pinned);
    const status = await lastStatusOf(pinned, eventsOf(request, stack.StackId));
    const phase = phaseOf(STATUSES, status);
    const ofPinned = () => pinnedFound(pinned, status, stack.StackId);
    // The time of another deployment, or that of its rollback: both tell whether it is an older one.
    const ofOther = (otherId: string | undefined) => {
      return { ...foundStack(stack, otherId), startedAt: beginningOf(stack)?.getTime() };
    };
    if (isDeletion(stack)) {
      const cancelled = await phaseOfDeletedCreation(request, stack, pinned, status);
      if (cancelled === 'UNKNOWN') return foundStack(stack, undefined);
      if (cancelled) return { ...foundStack(stack, pinned), phase: cancelled };
      return isOver(phase) ? ofPinned() : foundStack(stack, pinned);
    }
    if (status === undefined) return ofOther(id);
    // No other update begins after a failed rollback, so the rollback was continued, and the events are behind.
    if (status === 'UPDATE_ROLLBACK_FAILED' && stack.StackStatus !== status) return foundStack(stack, undefined);
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
        const found = foundStack(stack, idOf(stack, pinned), pinned);
        return pinned === undefined ? found : settled(request, found, stack);
      }).then(orNotFound('DELETE_COMPLETE')),
    describeById: (id, stackId) =>
      call(async (request): Promise<ReadResult> => {
        const status = await lastStatusOf(id, eventsOf(request, stackId));
        if (status === undefined) return { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS };
        return pinnedFound(id, status);
      }).then(orNotFound(UNKNOWN_STATUS)),
    cancel: (pinned, stackId) =>
      call(async (request): Promise<Found> => {
        const sent = hasOptionalRequests(options) ? await sendOptional(request, pinned, stackId) : undefined;
        if (sent === undefined) {
          await request(cancelAction, resourceArn, new CancelUpdateStackCommand({ StackName: stackId ?? StackName }));
        }
        // The response is empty. The next read tells which operation was cancelled.
        const deploymentStatus = sent ?? 'UPDATE_IN_PROGRESS';
        return { kind: 'found', phase: 'CANCELLING', deploymentStatus, attributes: {} };
      }).then(orConflict),
  };
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

import {
  CloudFormationClient,
  DescribeStackSetOperationCommand,
  ListStackSetOperationsCommand,
  type StackSetOperation,
  type StackSetOperationStatus,
  type StackSetOperationSummary,
  StopStackSetOperationCommand,
} from '@aws-sdk/client-cloudformation';
import { STACK_SET_OPERATION } from '../../../lib/deployments/cloudformation/kinds';
import type { DeploymentRecord } from './deployment-record';
import { InvalidResponseError } from './errors';
import { PAGE_SIZE } from './lists';
import { polledService } from './polled-driver';
import { isInFlight, phaseOf, type Statuses } from './statuses';

export const STATUSES: Statuses<StackSetOperationStatus> = {
  QUEUED: 'IN_PROGRESS',
  RUNNING: 'IN_PROGRESS',
  STOPPING: 'CANCELLING',
  STOPPED: 'CANCELLED',
  SUCCEEDED: 'COMPLETED',
  FAILED: 'FAILED',
};

const DRIFT_DETECTION = {
  phase: 'NOT_CANCELLABLE',
  obstacle: 'the operation detects drift, and is no deployment',
} as const;

interface OperationRecord extends DeploymentRecord {
  readonly isDriftDetection?: boolean;
}

export const service = polledService<OperationRecord>({
  Client: CloudFormationClient,
  name: 'aws cloudformation',
  statuses: STATUSES,
  errors: { StackSetNotFoundException: 'not-found', OperationNotFoundException: 'not-found' },
  operations({ identifiers }, aws) {
    const { stackSetName: StackSetName, operationId } = identifiers;
    const { cancelAction, readAction, listAction, resource } = STACK_SET_OPERATION;
    const arn = aws.arn('cloudformation', resource(identifiers));

    function record(operation: StackSetOperationSummary | StackSetOperation): OperationRecord {
      const { OperationId: id, Status: status, CreationTimestamp: startedAt, StatusReason: statusMessage } = operation;
      const isDriftDetection = operation.Action === 'DETECT_DRIFT';
      return {
        id,
        status,
        startedAt,
        statusMessage,
        isDriftDetection,
        isQueued: status === 'QUEUED',
        attributes: { name: StackSetName },
        ...(isDriftDetection && isInFlight(phaseOf(STATUSES, status)) && DRIFT_DETECTION),
      };
    }

    return {
      specifiedId: operationId,
      async list(request, NextToken) {
        const command = new ListStackSetOperationsCommand({ StackSetName, MaxResults: PAGE_SIZE, NextToken });
        const { Summaries, NextToken: nextToken } = await request(listAction, arn, command);
        return { items: Summaries?.map(record), nextToken };
      },
      isCandidate: ({ isDriftDetection }) => !isDriftDetection,
      async get(request, OperationId) {
        const command = new DescribeStackSetOperationCommand({ StackSetName, OperationId });
        const { StackSetOperation: found = {} } = await request(readAction, arn, command);
        if (found.StackSetId !== undefined && !found.StackSetId.startsWith(`${StackSetName}:`)) {
          throw new InvalidResponseError('the response is about another stack set');
        }
        return record(found);
      },
      async stop(request, OperationId) {
        await request(cancelAction, arn, new StopStackSetOperationCommand({ StackSetName, OperationId }));
        // The response is empty. This is the status that is documented for an accepted stop.
        return record({ OperationId, Status: 'STOPPING' });
      },
    };
  },
});

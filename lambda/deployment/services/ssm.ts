import {
  type AutomationExecution,
  type AutomationExecutionMetadata,
  type AutomationExecutionStatus,
  DescribeAutomationExecutionsCommand,
  GetAutomationExecutionCommand,
  SSMClient,
  StopAutomationExecutionCommand,
} from '@aws-sdk/client-ssm';
import {
  automationExecutionPath,
  SSM_LIST_ACTION,
  SSM_READ_ACTION,
  SSM_STOP_ACTION,
} from '../../../lib/deployments/ssm/kinds';
import type { DeploymentRecord } from './deployment-record';
import { InvalidResponseError } from './errors';
import { polledService } from './polled-driver';
import type { Statuses } from './statuses';

export const STATUSES: Statuses<AutomationExecutionStatus> = {
  Pending: 'IN_PROGRESS',
  InProgress: 'IN_PROGRESS',
  Waiting: 'IN_PROGRESS',
  PendingApproval: 'IN_PROGRESS',
  Approved: 'IN_PROGRESS',
  Scheduled: 'IN_PROGRESS',
  RunbookInProgress: 'IN_PROGRESS',
  PendingChangeCalendarOverride: 'IN_PROGRESS',
  ChangeCalendarOverrideApproved: 'IN_PROGRESS',
  Cancelling: 'CANCELLING',
  Cancelled: 'CANCELLED',
  Success: 'COMPLETED',
  CompletedWithSuccess: 'COMPLETED',
  Failed: 'FAILED',
  TimedOut: 'FAILED',
  Rejected: 'FAILED',
  ChangeCalendarOverrideRejected: 'FAILED',
  CompletedWithFailure: 'FAILED',
  Exited: 'FAILED',
};

/** The largest page of this list. */
const PAGE_SIZE = 50;

interface ExecutionRecord extends DeploymentRecord {
  /** Whether it is an execution of the document that another execution has not started. */
  readonly isCandidate?: boolean;
}

export const service = polledService<ExecutionRecord>({
  Client: SSMClient,
  name: 'aws systems manager',
  statuses: STATUSES,
  errors: { AutomationExecutionNotFoundException: 'not-found' },
  operations({ identifiers }, aws) {
    const { executionId, documentName } = identifiers;
    const arnOf = (id?: string) => aws.arn('ssm', automationExecutionPath(id));

    function record(found: AutomationExecutionMetadata | AutomationExecution): ExecutionRecord {
      const { AutomationExecutionId: id, DocumentName: name = documentName, FailureMessage: statusMessage } = found;
      const { AutomationExecutionStatus: status, ExecutionStartTime: startedAt } = found;
      return { id, status, startedAt, statusMessage, attributes: { arn: arnOf(id), name } };
    }

    return {
      specifiedId: executionId,
      async list(request, NextToken) {
        const Filters = [{ Key: 'DocumentNamePrefix' as const, Values: documentName ? [documentName] : [] }];
        const command = new DescribeAutomationExecutionsCommand({ Filters, MaxResults: PAGE_SIZE, NextToken });
        const response = await request(SSM_LIST_ACTION, '*', command);
        const items = response.AutomationExecutionMetadataList?.map((found) => ({
          ...record(found),
          isCandidate: (found.DocumentName ?? documentName) === documentName && !found.ParentAutomationExecutionId,
        }));
        return { items, nextToken: response.NextToken };
      },
      isCandidate: (execution) => execution.isCandidate === true,
      async get(request, id) {
        const command = new GetAutomationExecutionCommand({ AutomationExecutionId: id });
        const { AutomationExecution: found = {} } = await request(SSM_READ_ACTION, arnOf(id), command);
        if (documentName !== undefined && found.DocumentName !== documentName) {
          throw new InvalidResponseError('the response is about another document');
        }
        return record(found);
      },
      async stop(request, id) {
        const command = new StopAutomationExecutionCommand({ AutomationExecutionId: id, Type: 'Cancel' });
        await request(SSM_STOP_ACTION, arnOf(id), command);
        // The response is empty. This is the status that is documented for an accepted stop.
        return record({ AutomationExecutionId: id, AutomationExecutionStatus: 'Cancelling' });
      },
    };
  },
});

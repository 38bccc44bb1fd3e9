import { AutomationExecutionStatus } from '@aws-sdk/client-ssm';
import { jsonProtocol } from '../../../../emulator/core/protocols';
import { STATUSES, service } from '../../../../lambda/deployment/services/ssm';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { testDriver } from './driver-tests';

const X = '01234567-89ab-cdef-0123-00000000000a';
const Y = '01234567-89ab-cdef-0123-00000000000b';
const arnOf = (id: string) => `arn:aws-cn:ssm:cn-north-1:111122223333:automation-execution/${id}`;
const BY_NAME: Deployment = { kind: 'ssm-automation-execution', identifiers: { documentName: 'Deploy' } };
const ONE: Deployment = { kind: 'ssm-automation-execution', identifiers: { executionId: X } };
const STARTED = 1_790_000_000.5;

interface Changes {
  readonly id?: string;
  readonly status?: string;
  readonly message?: string;
}

const execution = ({ id, status, message }: Changes, more: object = {}) => ({
  AutomationExecutionId: id,
  AutomationExecutionStatus: status,
  FailureMessage: message,
  DocumentName: 'Deploy',
  ExecutionStartTime: STARTED,
  Parameters: { password: ['hunter3'] },
  ...more,
});

const { fake, driver } = testDriver({
  name: 'ssm',
  protocol: jsonProtocol('AmazonSSM', '1.1'),
  service,
  deployment: BY_NAME,
  table: STATUSES,
  statuses: AutomationExecutionStatus,
  phases: {
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
  },
  found: {
    kind: 'found',
    phase: 'IN_PROGRESS',
    deploymentStatus: 'InProgress',
    deploymentId: X,
    attributes: { arn: arnOf(X), name: 'Deploy' },
  },
  otherId: Y,
  stopping: 'Cancelling',
  find: {
    operation: 'DescribeAutomationExecutions',
    arn: '*',
    input: { Filters: [{ Key: 'DocumentNamePrefix', Values: ['Deploy'] }], MaxResults: 50 },
    startedAt: STARTED * 1000,
    response: (changes) => ({ AutomationExecutionMetadataList: [execution(changes)] }),
  },
  get: {
    operation: 'GetAutomationExecution',
    arn: arnOf(X),
    input: { AutomationExecutionId: X },
    startedAt: STARTED * 1000,
    response: (changes) => ({ AutomationExecution: execution(changes) }),
  },
  stop: {
    operation: 'StopAutomationExecution',
    arn: arnOf(X),
    input: { AutomationExecutionId: X, Type: 'Cancel' },
    hasEmptyResponse: true,
    response: () => ({}),
  },
  errors: { InvalidAutomationStatusUpdateException: 'rejected' },
  notFound: 'AutomationExecutionNotFoundException',
  partialResponse: { AutomationExecutionMetadataList: [{}] },
});

test('an execution of another document, or one that another execution has started, is not the one in flight', async () => {
  const running = (id: string, more: object) => execution({ id, status: 'InProgress' }, more);
  const others = [
    running(Y, { DocumentName: 'DeployAll' }),
    running(Y, { ParentAutomationExecutionId: X, ExecutionStartTime: STARTED + 5 }),
  ];
  fake.respond = () => ({ AutomationExecutionMetadataList: [...others, running(X, {})] });
  expect(await driver().describe(undefined)).toMatchObject({ deploymentId: X });
  fake.respond = () => ({ AutomationExecutionMetadataList: others });
  expect(await driver().describe(undefined)).toEqual({ kind: 'never-deployed' });
});

test('the newest execution in flight is found in any order of the list', async () => {
  const at = (id: string, status: string, seconds: number) =>
    execution({ id, status }, { ExecutionStartTime: STARTED + seconds });
  fake.respond = () => ({ AutomationExecutionMetadataList: [at(X, 'InProgress', 0), at(Y, 'Waiting', 9)] });
  expect(await driver().describe(undefined)).toMatchObject({ deploymentId: Y });
  fake.respond = () => ({ AutomationExecutionMetadataList: [at(X, 'InProgress', 0), at(Y, 'Success', 9)] });
  expect(await driver().describe(undefined)).toMatchObject({ deploymentId: X });
});

test('a specified execution is read by its id, whatever its document is', async () => {
  fake.respond = () => ({ AutomationExecution: execution({ id: X, status: 'Waiting' }, { DocumentName: 'Other' }) });
  expect(await driver({ deployment: ONE }).describe(undefined)).toMatchObject({ deploymentId: X, isSpecified: true });
  expect(await driver().describe(X)).toMatchObject({ errorType: 'unreachable' });
});

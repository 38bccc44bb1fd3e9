import { StackSetOperationStatus } from '@aws-sdk/client-cloudformation';
import { queryProtocol } from '../../../../emulator/core/protocols';
import { STATUSES, service } from '../../../../lambda/deployment/services/stack-sets';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { testDriver } from './driver-tests';

const STACK_SET = 'arn:aws-cn:cloudformation:cn-north-1:111122223333:stackset/baseline:*';
const X = '01234567-89ab-cdef-0123-00000000000a';
const Y = '01234567-89ab-cdef-0123-00000000000b';
const BY_NAME: Deployment = {
  kind: 'cloudformation-stack-set-operation',
  identifiers: { stackSetName: 'baseline' },
};
const ONE: Deployment = { ...BY_NAME, identifiers: { stackSetName: 'baseline', operationId: X } };
const STARTED = '2027-01-01T10:00:00.000Z';

interface Changes {
  readonly id?: string;
  readonly status?: string;
  readonly message?: string;
}

const operation = ({ id, status, message }: Changes, more: object = {}) => ({
  OperationId: id,
  Status: status,
  StatusReason: message,
  Action: 'UPDATE',
  CreationTimestamp: STARTED,
  ...more,
});

const { fake, driver } = testDriver({
  name: 'cloudformation',
  protocol: queryProtocol('2010-05-15'),
  service,
  deployment: BY_NAME,
  table: STATUSES,
  statuses: StackSetOperationStatus,
  phases: {
    QUEUED: 'IN_PROGRESS',
    RUNNING: 'IN_PROGRESS',
    STOPPING: 'CANCELLING',
    STOPPED: 'CANCELLED',
    SUCCEEDED: 'COMPLETED',
    FAILED: 'FAILED',
  },
  found: {
    kind: 'found',
    phase: 'IN_PROGRESS',
    deploymentStatus: 'RUNNING',
    deploymentId: X,
    attributes: { name: 'baseline' },
  },
  otherId: Y,
  stopping: 'STOPPING',
  find: {
    operation: 'ListStackSetOperations',
    arn: STACK_SET,
    input: { StackSetName: 'baseline', MaxResults: '100' },
    startedAt: Date.parse(STARTED),
    response: (changes) => ({ Summaries: [operation(changes)] }),
  },
  get: {
    operation: 'DescribeStackSetOperation',
    arn: STACK_SET,
    input: { StackSetName: 'baseline', OperationId: X },
    startedAt: Date.parse(STARTED),
    response: (changes) => ({ StackSetOperation: operation(changes, { StackSetId: 'baseline:1' }) }),
  },
  stop: {
    operation: 'StopStackSetOperation',
    arn: STACK_SET,
    input: { StackSetName: 'baseline', OperationId: X },
    hasEmptyResponse: true,
    response: () => ({}),
  },
  errors: { InvalidOperationException: 'rejected' },
  notFound: 'StackSetNotFoundException',
  partialResponse: { Summaries: [{}] },
});

test('an operation that is gone is not found', async () => {
  fake.fault = () => ({ kind: 'error', type: 'OperationNotFoundException', statusCode: 404 });
  expect(await driver().describe(X)).toMatchObject({ kind: 'not-found' });
});

test('of operations in a queue, the oldest in flight is the one to stop', async () => {
  const at = (id: string, status: string, second: number) =>
    operation({ id, status }, { CreationTimestamp: `2027-01-01T10:00:0${second}Z` });
  fake.respond = () => ({ Summaries: [at(Y, 'QUEUED', 9), at(X, 'RUNNING', 5), at('old', 'SUCCEEDED', 1)] });
  expect(await driver().describe(undefined)).toMatchObject({ deploymentId: X });
  fake.respond = () => ({ Summaries: [at(Y, 'RUNNING', 9), at(X, 'RUNNING', 5)] });
  expect(await driver().describe(undefined)).toMatchObject({ deploymentId: Y });
});

test('a detection of drift is ignored, and never stopped', async () => {
  const drift = operation({ id: Y, status: 'RUNNING' }, { Action: 'DETECT_DRIFT' });
  fake.respond = () => ({ Summaries: [drift] });
  expect(await driver().describe(undefined)).toEqual({ kind: 'never-deployed' });
  fake.respond = () => ({ StackSetOperation: { ...drift, OperationId: X } });
  expect(await driver({ deployment: ONE }).describe(undefined)).toMatchObject({
    phase: 'NOT_CANCELLABLE',
    obstacle: 'the operation detects drift, and is no deployment',
    isSpecified: true,
  });
});

test('a response about another stack set is invalid', async () => {
  fake.respond = () => ({ StackSetOperation: operation({ id: X, status: 'RUNNING' }, { StackSetId: 'other:1' }) });
  expect(await driver().describe(X)).toMatchObject({ errorType: 'unreachable' });
});

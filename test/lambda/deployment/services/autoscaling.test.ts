import { InstanceRefreshStatus } from '@aws-sdk/client-auto-scaling';
import { queryProtocol } from '../../../../emulator/core/protocols';
import { STATUSES, service } from '../../../../lambda/deployment/services/autoscaling';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { testDriver } from './driver-tests';

const GROUP = 'arn:aws-cn:autoscaling:cn-north-1:111122223333:autoScalingGroup:*:autoScalingGroupName/web';
const X = '08b91cf7-8fa6-48af-b6a6-d227f40f1b9b';
const Y = '08b91cf7-8fa6-48af-b6a6-d227f40f1b9c';
const BY_NAME: Deployment = {
  kind: 'autoscaling-instance-refresh',
  identifiers: { autoScalingGroupName: 'web' },
  options: { rollback: true },
};
const STOPPING: Deployment = { ...BY_NAME, options: { rollback: false } };
const STARTED = '2027-01-01T10:00:00.000Z';

const refresh = (InstanceRefreshId: string | undefined, Status: string | undefined, more: object = {}) => ({
  InstanceRefreshId,
  AutoScalingGroupName: 'web',
  Status,
  StartTime: STARTED,
  DesiredConfiguration: { LaunchTemplate: { LaunchTemplateName: 'hunter2' } },
  ...more,
});

const read = {
  operation: 'DescribeInstanceRefreshes',
  arn: '*',
  startedAt: Date.parse(STARTED),
  response: ({ id, status, message }: { id?: string; status?: string; message?: string }) => ({
    InstanceRefreshes: [refresh(id, status, { StatusReason: message })],
  }),
};

const { fake, driver, invoke, calls } = testDriver({
  name: 'autoscaling',
  endpointVariable: 'AUTO_SCALING',
  protocol: queryProtocol('2011-01-01'),
  service,
  deployment: BY_NAME,
  table: STATUSES,
  statuses: InstanceRefreshStatus,
  phases: {
    Pending: 'IN_PROGRESS',
    InProgress: 'IN_PROGRESS',
    Baking: 'IN_PROGRESS',
    Cancelling: 'CANCELLING',
    RollbackInProgress: 'CANCELLING',
    Cancelled: 'CANCELLED',
    RollbackSuccessful: 'CANCELLED',
    Successful: 'COMPLETED',
    Failed: 'FAILED',
    RollbackFailed: 'FAILED',
  },
  found: {
    kind: 'found',
    phase: 'IN_PROGRESS',
    deploymentStatus: 'InProgress',
    deploymentId: X,
    attributes: { name: 'web' },
  },
  otherId: Y,
  stopping: 'RollbackInProgress',
  find: { ...read, input: { AutoScalingGroupName: 'web', MaxRecords: '100' } },
  get: { ...read, input: { AutoScalingGroupName: 'web', InstanceRefreshIds: [X] } },
  stop: {
    operation: 'RollbackInstanceRefresh',
    arn: GROUP,
    input: { AutoScalingGroupName: 'web' },
    response: ({ id }) => ({ InstanceRefreshId: id }),
  },
  errors: {
    ActiveInstanceRefreshNotFound: 'conflict',
    IrreversibleInstanceRefresh: 'rejected',
    LimitExceeded: 'rejected',
  },
  notFound: 'ValidationError',
  partialResponse: { InstanceRefreshes: [{}] },
});

test('without a rollback, the refresh is only cancelled', async () => {
  fake.respond = () => ({ InstanceRefreshId: X });
  const cancel = { ...calls.stop, deployment: STOPPING, operation: 'CancelInstanceRefresh' };
  expect(await invoke(cancel)).toMatchObject({ deploymentStatus: 'Cancelling', phase: 'CANCELLING' });
});

test.each([BY_NAME, STOPPING])(
  'a rollback that is under way is awaited: rollback $options.rollback',
  async (deployment) => {
    fake.respond = () => ({ InstanceRefreshes: [refresh(X, 'RollbackInProgress')] });
    expect(await driver({ deployment }).describe(undefined)).toMatchObject({ phase: 'CANCELLING' });
  },
);

test('the deployment in flight is the one that is, in the documented order of the list', async () => {
  const pending = refresh(Y, 'Pending', { StartTime: undefined });
  fake.respond = () => ({ InstanceRefreshes: [pending, refresh(X, 'Cancelled')] });
  expect(await driver().describe(undefined)).toMatchObject({ deploymentId: Y, deploymentStatus: 'Pending' });
  fake.respond = () => ({ InstanceRefreshes: [refresh(Y, 'Failed'), refresh(X, 'Successful')] });
  expect(await driver().describe(undefined)).toMatchObject({ deploymentId: Y, phase: 'FAILED' });
  fake.respond = () => ({ InstanceRefreshes: [] });
  expect(await driver().describe(undefined)).toEqual({ kind: 'never-deployed' });
});

test('a refresh that is gone is not found', async () => {
  fake.respond = () => ({ InstanceRefreshes: [] });
  expect(await driver().describe(X)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
});

test('a response about another group is invalid', async () => {
  fake.respond = () => ({ InstanceRefreshes: [refresh(X, 'InProgress', { AutoScalingGroupName: 'other' })] });
  expect(await driver().describe(undefined)).toMatchObject({ errorType: 'unreachable' });
});

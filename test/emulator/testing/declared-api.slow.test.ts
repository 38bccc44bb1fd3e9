import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { simulate } from '../../../emulator/testing/index';
import { AwsApiDeployment, CancelOnRollback, DeploymentCancellation } from '../../../lib/index';

/** The newest deployment of an environment of AppConfig, whose ID is a parameter of the stack. */
function newest(environmentId: string, cancelAction = 'appconfig:StopDeployment') {
  const parent = { ApplicationId: 'abc1234', EnvironmentId: environmentId };
  return AwsApiDeployment.fromDeclaration({
    label: 'configuration',
    service: 'appconfig',
    cancel: {
      action: cancelAction,
      // The three types of resources that the action needs.
      resources: ['', '/environment/*', '/environment/*/deployment/*'].map(
        (path) => `arn:aws:appconfig:*:*:application/abc1234${path}`,
      ),
      parameters: { ...parent, DeploymentNumber: AwsApiDeployment.DEPLOYMENT_ID },
    },
    read: {
      action: 'appconfig:ListDeployments',
      resources: [
        'arn:aws:appconfig:*:*:application/abc1234',
        'arn:aws:appconfig:*:*:application/abc1234/environment/*',
      ],
      parameters: { ...parent, MaxResults: 1 },
      idPath: 'Items[0].DeploymentNumber',
      statusPath: 'Items[0].State',
      startTimePath: 'Items[0].StartedAt',
    },
    statuses: {
      inProgress: ['DEPLOYING'],
      cancelling: ['ROLLING_BACK'],
      cancelled: ['ROLLED_BACK'],
      failed: [],
      succeeded: ['COMPLETE'],
    },
  });
}

const deployments = [
  { kind: 'appconfig-deployment', identifiers: { applicationId: 'abc1234', environmentId: 'prod123' } },
] as const;

const stackWithParameter = (name: string) => {
  const stack = new Stack(new App(), name);
  return { stack, environmentId: new CfnParameter(stack, 'EnvironmentId', { default: 'prod123' }).valueAsString };
};

test('a stack cancels a deployment through a declared API, with the SDK of the project', async () => {
  const { stack, environmentId } = stackWithParameter('Stop');
  new DeploymentCancellation(stack, 'Cancel', { deployment: newest(environmentId) });
  const { stackStatus, statusReason, cancellations, statuses } = await simulate(stack, { deployments });
  expect({ stackStatus, statusReason }).toEqual({ stackStatus: 'CREATE_COMPLETE' });
  expect(cancellations).toMatchObject([
    { kind: 'aws-api-deployment', outcome: 'CANCELLED', deploymentId: '1', deploymentStatus: 'ROLLED_BACK' },
  ]);
  expect(statuses.map(({ status }) => status)).toEqual(['ROLLING_BACK', 'ROLLED_BACK']);
});

test('a guard stores a declared API with its state, and cancels when its stack rolls back', async () => {
  const { stack, environmentId } = stackWithParameter('Release');
  new CancelOnRollback(stack, 'Guard', {
    deployment: newest(environmentId),
    trigger: '1',
    timeout: Duration.minutes(5),
  });
  const { stackStatus, cancellations } = await simulate(stack, {
    deployments,
    scenario: { startsAtSeconds: 10 },
    operations: [{ operation: 'create', fails: true }],
  });
  expect(stackStatus).toBe('ROLLBACK_COMPLETE');
  expect(cancellations.map(({ outcome }) => outcome)).toEqual(['ARMED', 'CANCELLED']);
});

test('an operation that the SDK of the runtime does not have is an error with its name, and nothing is called', async () => {
  const { stack, environmentId } = stackWithParameter('Stop');
  new DeploymentCancellation(stack, 'Cancel', { deployment: newest(environmentId, 'appconfig:AbortDeployment') });
  const { stackStatus, statusReason, calls } = await simulate(stack, { deployments });
  expect(stackStatus).toBe('ROLLBACK_COMPLETE');
  expect(statusReason).toContain('@aws-sdk/client-appconfig of the runtime has no AbortDeploymentCommand');
  expect(calls.filter(({ service }) => service === 'appconfig')).toEqual([]);
});

import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { CfnEnvironment, Environment } from 'aws-cdk-lib/aws-appconfig';
import { AppConfigDeployment, DeploymentCancellation } from '../../../lib';
import { permissionsOf, synthesize } from '../../helpers/template';

const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';
const APPLICATION = 'arn:aws:appconfig:us-east-1:111122223333:application/abc1234';
const ENVIRONMENT = `${APPLICATION}/environment/prod123`;
const IDS = { applicationId: 'abc1234', environmentId: 'prod123' };

const permissions = (deployment: AppConfigDeployment) => {
  const template = synthesize((stack) => {
    new DeploymentCancellation(stack, 'Cancellation', { deployment });
  });
  return permissionsOf(template, DEPLOYMENT_ROLE).filter((one) => one.startsWith('appconfig:'));
};

test('the deployments of this environment may be read and stopped', () => {
  expect(permissions(AppConfigDeployment.fromEnvironmentId(IDS))).toEqual([
    `appconfig:GetDeployment on ${APPLICATION}`,
    `appconfig:GetDeployment on ${ENVIRONMENT}`,
    `appconfig:GetDeployment on ${ENVIRONMENT}/deployment/*`,
    `appconfig:ListDeployments on ${APPLICATION}`,
    `appconfig:ListDeployments on ${ENVIRONMENT}`,
    `appconfig:StopDeployment on ${APPLICATION}`,
    `appconfig:StopDeployment on ${ENVIRONMENT}`,
    `appconfig:StopDeployment on ${ENVIRONMENT}/deployment/*`,
  ]);
  expect(permissions(AppConfigDeployment.fromEnvironmentId(IDS, { deploymentNumber: 7 }))).toEqual([
    `appconfig:GetDeployment on ${APPLICATION}`,
    `appconfig:GetDeployment on ${ENVIRONMENT}`,
    `appconfig:GetDeployment on ${ENVIRONMENT}/deployment/7`,
    `appconfig:StopDeployment on ${APPLICATION}`,
    `appconfig:StopDeployment on ${ENVIRONMENT}`,
    `appconfig:StopDeployment on ${ENVIRONMENT}/deployment/7`,
  ]);
});

test('an environment of the CDK is addressed by its IDs', () => {
  const stack = new Stack(new App(), 'Stack');
  const imported = Environment.fromEnvironmentArn(stack, 'Imported', ENVIRONMENT);
  const named = AppConfigDeployment.fromEnvironment(imported, { deploymentNumber: 7, allowRevert: true });
  expect(named._toContract()).toEqual({
    kind: 'appconfig-deployment',
    identifiers: { ...IDS, deploymentNumber: '7' },
    options: { allowRevert: true },
  });
  expect(named.displayName).toBe('deployment 7 of appconfig environment abc1234/prod123');
  const created = new CfnEnvironment(stack, 'Created', { applicationId: 'abc1234', name: 'prod' });
  const { identifiers } = AppConfigDeployment.fromEnvironment(created)._toContract();
  expect(stack.resolve(identifiers)).toEqual({
    applicationId: 'abc1234',
    environmentId: { Ref: 'Created' },
  });
});

test('a number may be a token', () => {
  const stack = new Stack(new App(), 'Stack');
  const { valueAsNumber } = new CfnParameter(stack, 'Number', { type: 'Number' });
  const deployment = AppConfigDeployment.fromEnvironmentId(IDS, { deploymentNumber: valueAsNumber });
  expect(stack.resolve(deployment._toContract().identifiers)).toMatchObject({ deploymentNumber: { Ref: 'Number' } });
});

test('what is no environment is rejected, as from JavaScript', () => {
  expect(() => AppConfigDeployment.fromEnvironment(JSON.parse('"prod"'))).toThrow(
    "environment must be an Environment of aws-appconfig, not 'prod': use fromEnvironmentId for IDs",
  );
});

test.each<[object, string]>([
  [{ applicationId: 'Shop' }, 'applicationId'],
  [{ environmentId: '*' }, 'environmentId'],
  [{ environmentId: 'production' }, 'environmentId'],
])('an invalid ID is rejected: %j', (wrong, name) => {
  const message = new RegExp(`^${name} must be an ID of 4 to 7 lowercase letters and digits, not '`);
  expect(() => AppConfigDeployment.fromEnvironmentId({ ...IDS, ...wrong })).toThrow(message);
});

test.each([0, -1, 1.5])('the number %d is rejected', (deploymentNumber) => {
  expect(() => AppConfigDeployment.fromEnvironmentId(IDS, { deploymentNumber })).toThrow(
    /^deploymentNumber must be the number of a deployment, not '/,
  );
});

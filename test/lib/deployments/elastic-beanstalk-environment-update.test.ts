import { App, Stack } from 'aws-cdk-lib';
import { CfnEnvironment } from 'aws-cdk-lib/aws-elasticbeanstalk';
import { DeploymentCancellation, ElasticBeanstalkEnvironmentUpdate } from '../../../lib';
import { permissionsOf, synthesize } from '../../helpers/template';

const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';

test('the update of this environment may be aborted and read, and nothing else', () => {
  const template = synthesize((stack) => {
    const deployment = ElasticBeanstalkEnvironmentUpdate.fromEnvironmentName('web-prod');
    new DeploymentCancellation(stack, 'Cancellation', { deployment });
  });
  const environment = 'arn:aws:elasticbeanstalk:us-east-1:111122223333:environment/*/web-prod';
  const permissions = permissionsOf(template, DEPLOYMENT_ROLE).filter((one) => one.startsWith('elasticbeanstalk:'));
  expect(permissions).toEqual([
    `elasticbeanstalk:AbortEnvironmentUpdate on ${environment}`,
    `elasticbeanstalk:DescribeEnvironments on ${environment}`,
    `elasticbeanstalk:DescribeEvents on ${environment}`,
  ]);
});

test('an environment of the CDK is addressed by its name', () => {
  const stack = new Stack(new App(), 'Stack');
  const created = new CfnEnvironment(stack, 'Created', { applicationName: 'shop' });
  const deployment = ElasticBeanstalkEnvironmentUpdate.fromEnvironment(created)._toContract();
  expect(stack.resolve(deployment)).toEqual({
    kind: 'elasticbeanstalk-environment-update',
    identifiers: { environmentName: { Ref: 'Created' } },
  });
});

test('an environment of another account is rejected', () => {
  const app = new App();
  const other = new Stack(app, 'Other', { env: { account: '999988887777', region: 'us-east-1' } });
  const environment = new CfnEnvironment(other, 'Environment', {
    applicationName: 'shop',
    environmentName: 'web-prod',
  });
  const deployment = ElasticBeanstalkEnvironmentUpdate.fromEnvironment(environment);
  const stack = new Stack(app, 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
  expect(() => new DeploymentCancellation(stack, 'Cancellation', { deployment })).toThrow(/999988887777/);
});

test('what is no environment is rejected, as from JavaScript', () => {
  expect(() => ElasticBeanstalkEnvironmentUpdate.fromEnvironment(JSON.parse('"web-prod"'))).toThrow(
    "environment must be a CfnEnvironment of aws-elasticbeanstalk, not 'web-prod': use fromEnvironmentName for a name",
  );
});

test.each(['web1', 'Web-Prod-2', '1234', 'x'.repeat(40)])('an environment may have the name %s', (name) => {
  expect(() => ElasticBeanstalkEnvironmentUpdate.fromEnvironmentName(name)).not.toThrow();
});

test.each(['', 'web', 'x'.repeat(41), '-web', 'web-', 'web_prod', 'web*', 'web?', 'shop/web', 'web prod', 'wébprod'])(
  'an environment with the name %j is rejected',
  (name) => {
    expect(() => ElasticBeanstalkEnvironmentUpdate.fromEnvironmentName(name)).toThrow(/^environmentName must /);
  },
);

import { App, Stack } from 'aws-cdk-lib';
import { AutoScalingGroup, CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { AutoScalingInstanceRefresh, DeploymentCancellation } from '../../../lib';
import { permissionsOf, synthesize } from '../../helpers/template';

const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';
const GROUP = 'arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:*:autoScalingGroupName/web';

const permissions = (deployment: AutoScalingInstanceRefresh) => {
  const template = synthesize((stack) => {
    new DeploymentCancellation(stack, 'Cancellation', { deployment });
  });
  return permissionsOf(template, DEPLOYMENT_ROLE).filter((one) => one.startsWith('autoscaling:'));
};

test('only the action that is used is allowed, on this group', () => {
  const read = 'autoscaling:DescribeInstanceRefreshes on *';
  expect(permissions(AutoScalingInstanceRefresh.fromAutoScalingGroupName('web'))).toEqual([
    read,
    `autoscaling:RollbackInstanceRefresh on ${GROUP}`,
  ]);
  expect(permissions(AutoScalingInstanceRefresh.fromAutoScalingGroupName('web', { rollback: false }))).toEqual([
    `autoscaling:CancelInstanceRefresh on ${GROUP}`,
    read,
  ]);
});

test('a group of the CDK is addressed by its name', () => {
  const stack = new Stack(new App(), 'Stack');
  const imported = AutoScalingGroup.fromAutoScalingGroupName(stack, 'Imported', 'web');
  const named = AutoScalingInstanceRefresh.fromAutoScalingGroup(imported, { rollback: false });
  expect(named._toContract()).toEqual({
    kind: 'autoscaling-instance-refresh',
    identifiers: { autoScalingGroupName: 'web' },
    options: { rollback: false },
  });
  const created = new CfnAutoScalingGroup(stack, 'Created', { maxSize: '1', minSize: '1' });
  const { identifiers } = AutoScalingInstanceRefresh.fromAutoScalingGroup(created)._toContract();
  expect(stack.resolve(identifiers)).toEqual({ autoScalingGroupName: { Ref: 'Created' } });
});

test('what is no group is rejected, as from JavaScript', () => {
  expect(() => AutoScalingInstanceRefresh.fromAutoScalingGroup(JSON.parse('"web"'))).toThrow(
    "group must be an AutoScalingGroup of aws-autoscaling, not 'web': use fromAutoScalingGroupName for a name",
  );
});

test.each(['w', 'Web+prod (blue)/1'.replaceAll(' ', '_'), 'x'.repeat(255)])('a group may have the name %s', (name) => {
  expect(() => AutoScalingInstanceRefresh.fromAutoScalingGroupName(name)).not.toThrow();
});

test.each(['', 'x'.repeat(256), 'a*', 'a?', 'a b', 'a:b', 'ä'])('a group with the name %j is rejected', (name) => {
  expect(() => AutoScalingInstanceRefresh.fromAutoScalingGroupName(name)).toThrow(/^autoScalingGroupName must /);
});

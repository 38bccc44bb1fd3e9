import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role } from 'aws-cdk-lib/aws-iam';
import { JsonPath } from 'aws-cdk-lib/aws-stepfunctions';
import {
  CancelDeploymentTask,
  CancellationWorkflow,
  CancelOnRollback,
  DeploymentCancellation,
  DeploymentFleet,
  EcsServiceDeployment,
  FleetCancellation,
  StackUpdate,
} from '../../../lib';
import { RESOURCE_TYPE } from '../../../lib/contract/cancellation';

const ARN = 'arn:aws:iam::210987654321:role/canceller';
const OWN = { account: '111122223333', region: 'eu-west-1' };
const deployment = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' });

const stackIn = (env?: { account: string; region: string }) => new Stack(new App(), 'Stack', { env });
const roleOf = (stack: Stack, arn = ARN) => Role.fromRoleArn(stack, 'Role', arn);

/** A service deployment in this account and region. */
function deploymentIn(account: string, region: string): EcsServiceDeployment {
  const id = '9876543210abcdefghijk';
  return EcsServiceDeployment.fromServiceDeploymentArn(
    `arn:aws:ecs:${region}:${account}:service-deployment/prod/web/${id}`,
  );
}

/** The statements that allow the deployment function to assume a role. */
const assumeStatementsOf = (stack: Stack): readonly object[] =>
  Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => Action === 'sts:AssumeRole');
const withExternalId = (externalId: string) => ({
  Action: 'sts:AssumeRole',
  Effect: 'Allow',
  Resource: ARN,
  Condition: { StringEquals: { 'sts:ExternalId': externalId } },
});

test('the input and the permission name the role and its external id', () => {
  const stack = stackIn();
  new DeploymentCancellation(stack, 'Cancel', { deployment, role: roleOf(stack), externalId: 'cancel-1234' });
  const [resource] = Object.values(Template.fromStack(stack).findResources(RESOURCE_TYPE));
  expect(resource?.Properties.settings).toMatchObject({ roleArn: ARN, externalId: 'cancel-1234' });
  expect(assumeStatementsOf(stack)).toEqual([withExternalId('cancel-1234')]);
});

test('the permission of a guard changes its logical id with the external id: the old one lasts until the cleanup', () => {
  const permissionOf = (externalId?: string) => {
    const stack = stackIn();
    new CancelOnRollback(stack, 'Guard', { deployment, role: roleOf(stack), externalId, trigger: '1' });
    expect(assumeStatementsOf(stack)).toHaveLength(1);
    const ids = Object.keys(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    return ids.filter((id) => id.startsWith('GuardPermission'));
  };
  const ids = [permissionOf(), permissionOf('cancel-1234'), permissionOf('cancel-5678')].flat();
  expect(new Set(ids).size).toBe(3);
});

test('the function may assume the role, and gets no permission of the service', () => {
  const stack = stackIn();
  new DeploymentCancellation(stack, 'Cancel', { deployment, role: roleOf(stack) });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Resource: ARN }] },
  });
  expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).not.toContain('ecs:');
});

test('a stack without a role may assume none', () => {
  const stack = stackIn();
  new DeploymentCancellation(stack, 'Cancel', { deployment });
  expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).not.toContain('sts:');
});

test('several cancellations may use a role, each with its external id', () => {
  const stack = stackIn();
  const role = roleOf(stack);
  const cancel = (id: string, externalId?: string) => {
    const fleet = DeploymentFleet.fromDeployments([deployment]);
    return new FleetCancellation(stack, id, { fleet, role, externalId });
  };
  cancel('One', 'cancel-1234');
  cancel('Two', 'cancel-1234');
  cancel('Three', 'another');
  expect(assumeStatementsOf(stack)).toEqual([withExternalId('cancel-1234'), withExternalId('another')]);
});

test('the deployment may be in the account of the role, and must be in the region of the stack', () => {
  const cancel = (found: EcsServiceDeployment) => {
    const stack = stackIn(OWN);
    return new DeploymentCancellation(stack, 'Cancel', { deployment: found, role: roleOf(stack) });
  };
  expect(() => cancel(deploymentIn('210987654321', 'eu-west-1'))).not.toThrow();
  expect(() => cancel(deploymentIn('210987654321', 'us-east-1'))).toThrow(
    'the region of ecs service deployment prod/web/9876543210abcdefghijk is us-east-1, and that of the stack is eu-west-1',
  );
  expect(() => cancel(deploymentIn('111122223333', 'eu-west-1'))).toThrow(
    'the account of ecs service deployment prod/web/9876543210abcdefghijk is 111122223333, and that of the role is 210987654321: use a role of 111122223333',
  );
});

test('a role of its own account does not let a stack cancel its own update', () => {
  const cancelOwn = (arn: string) => {
    const stack = stackIn(OWN);
    const own = StackUpdate.fromStackName('Stack');
    return new DeploymentCancellation(stack, 'Cancel', { deployment: own, role: roleOf(stack, arn) });
  };
  expect(() => cancelOwn('arn:aws:iam::111122223333:role/canceller')).toThrow('a stack cannot cancel its own update');
  // A stack of the same name in another account is another stack.
  expect(() => cancelOwn(ARN)).not.toThrow();
});

test.each<[string, (stack: Stack) => unknown, string]>([
  ['an external id without a role', (stack) => ({ stack, externalId: 'abc' }), 'externalId requires role'],
  [
    'an external id of one letter',
    (stack) => ({ role: roleOf(stack), externalId: 'a' }),
    'externalId must be 2 to 1224',
  ],
  [
    'a path as external id',
    (stack) => ({ role: roleOf(stack), externalId: JsonPath.stringAt('$.id') }),
    'externalId contains a path',
  ],
])('%s is refused', (_what, optionsIn, problem) => {
  const stack = stackIn();
  expect(
    () => new CancelDeploymentTask(stack, 'Cancel', { deployment, ...(optionsIn(stack) as { externalId: string }) }),
  ).toThrow(problem);
});

test('an imported workflow takes no role, because its own stack declares the roles', () => {
  const stack = stackIn();
  const workflow = CancellationWorkflow.fromStateMachineName(stack, 'Workflow', 'cancel');
  expect(() => workflow.inputFor(deployment, { role: roleOf(stack) })).toThrow(
    'role cannot be used with an imported workflow, which assumes the roles of its own stack only',
  );
});

test('the role may be a token', () => {
  const stack = stackIn();
  const roleArn = new CfnParameter(stack, 'RoleArn').valueAsString;
  new DeploymentCancellation(stack, 'Cancel', { deployment, role: roleOf(stack, roleArn) });
  expect(assumeStatementsOf(stack)).toEqual([
    { Action: 'sts:AssumeRole', Effect: 'Allow', Resource: { Ref: 'RoleArn' } },
  ]);
});

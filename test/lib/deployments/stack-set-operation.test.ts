import { App, CfnStackSet, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, StackSetOperation } from '../../../lib';
import { permissionsOf, synthesize } from '../../helpers/template';

const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';
const STACK_SET = 'arn:aws:cloudformation:us-east-1:111122223333:stackset/baseline:*';

const permissions = (deployment: StackSetOperation) => {
  const template = synthesize((stack) => {
    new DeploymentCancellation(stack, 'Cancellation', { deployment });
  });
  return permissionsOf(template, DEPLOYMENT_ROLE).filter((one) => one.startsWith('cloudformation:'));
};

test('the operations of this stack set may be read and stopped', () => {
  const own = ['DescribeStackSetOperation', 'ListStackSetOperations', 'StopStackSetOperation'];
  const statements = own.map((action) => `cloudformation:${action} on ${STACK_SET}`);
  expect(permissions(StackSetOperation.fromStackSetName('baseline'))).toEqual(statements);
  expect(permissions(StackSetOperation.fromStackSetName('baseline', { operationId: 'op-1' }))).toEqual([
    statements[0],
    statements[2],
  ]);
});

test('a stack set of the CDK is addressed by its name', () => {
  const stack = new Stack(new App(), 'Stack');
  const stackSet = new CfnStackSet(stack, 'Set', { permissionModel: 'SELF_MANAGED', stackSetName: 'baseline' });
  const { identifiers } = StackSetOperation.fromStackSet(stackSet)._toContract();
  expect(stack.resolve(identifiers)).toEqual({
    stackSetName: { 'Fn::Select': [0, { 'Fn::Split': [':', { Ref: 'Set' }] }] },
  });
});

test('an operation has a contract with its ID', () => {
  const deployment = StackSetOperation.fromStackSetName('baseline', { operationId: 'op-1' });
  expect(deployment._toContract()).toEqual({
    kind: 'cloudformation-stack-set-operation',
    identifiers: { stackSetName: 'baseline', operationId: 'op-1' },
  });
  expect(deployment.displayName).toBe('operation op-1 of stack set baseline');
});

test('what is no stack set, name or ID is rejected', () => {
  expect(() => StackSetOperation.fromStackSet(JSON.parse('"baseline"'))).toThrow(
    "stackSet must be a CfnStackSet, not 'baseline': use fromStackSetName for a name",
  );
  for (const name of ['', '1set', 'set*', 'set:id', 'x'.repeat(129)]) {
    expect(() => StackSetOperation.fromStackSetName(name)).toThrow(/^stackSetName must /);
  }
  for (const operationId of ['', '-op', 'op_1', 'x'.repeat(101)]) {
    expect(() => StackSetOperation.fromStackSetName('baseline', { operationId })).toThrow(/^operationId must /);
  }
});

import { App, Duration, Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { CancellationWorkflow, type ICancellationWorkflow } from '../../../lib';
import { DEPLOYMENT_ROLE, deployment, INPUT, MAY_CANCEL, WORKFLOW, withArns } from '../../helpers/pipeline-fixtures';
import { idsOf, permissionsOf } from '../../helpers/template';

const ARN = 'arn:aws:states:us-east-1:111122223333:stateMachine:cancel';

const WORKFLOWS: [string, (stack: Stack) => ICancellationWorkflow, string][] = [
  ['the workflow of the stack', (stack) => CancellationWorkflow.of(stack), WORKFLOW],
  [
    'one that is imported by its name',
    (stack) => CancellationWorkflow.fromStateMachineName(stack, 'Imported', 'cancel'),
    ARN,
  ],
  ['one that is imported by its ARN', (stack) => CancellationWorkflow.fromStateMachineArn(stack, 'Imported', ARN), ARN],
];

describe.each(WORKFLOWS)('%s', (_which, workflowOf, arn) => {
  test('grants a role the permission to start it, and no other', () => {
    const stack = new Stack(new App(), 'Stack');
    const role = new Role(stack, 'Starter', { assumedBy: new AccountRootPrincipal() });
    workflowOf(stack).stateMachine.grantStartExecution(role);
    const template = withArns(Template.fromStack(stack));
    const [id] = idsOf(template, 'AWS::IAM::Role').filter((one) => one.startsWith('Starter'));
    expect(permissionsOf(template, id ?? '')).toEqual([`states:StartExecution on ${arn}`]);
  });

  test('returns the input that cancels a deployment', () => {
    const workflow = workflowOf(new Stack(new App(), 'Stack'));
    expect(workflow.inputFor(deployment)).toEqual({ ...INPUT, settings: { ...INPUT.settings, endpoint: undefined } });
    expect(workflow.inputFor(deployment, { timeout: Duration.minutes(1) })).toMatchObject({
      settings: { timeoutSeconds: 60 },
    });
  });

  test('rejects an invalid option, with its path', () => {
    const workflow = workflowOf(new Stack(new App(), 'Stack'));
    expect(() => workflow.inputFor(deployment, { endpoint: 'proton' })).toThrow(`(at ${workflow.node.path})`);
  });
});

test('the workflow of the stack gets permissions, and an imported one adds nothing to the stack', () => {
  const app = new App();
  const [own, other] = [new Stack(app, 'Own'), new Stack(app, 'Other')];
  CancellationWorkflow.of(own).inputFor(deployment);
  CancellationWorkflow.fromStateMachineArn(other, 'Imported', ARN).inputFor(deployment);
  expect(permissionsOf(Template.fromStack(own), DEPLOYMENT_ROLE)).toContain(MAY_CANCEL);
  expect(Template.fromStack(other).toJSON().Resources).toBeUndefined();
});

test('an ARN is no name of a state machine, and a name no ARN', () => {
  const stack = new Stack(new App(), 'Stack');
  expect(() => CancellationWorkflow.fromStateMachineName(stack, 'Imported', ARN)).toThrow(
    `stateMachineName must be the name of a state machine, not '${ARN}' (at Stack/Imported)`,
  );
  expect(() => CancellationWorkflow.fromStateMachineArn(stack, 'Imported', 'cancel')).toThrow(
    "stateMachineArn must be arn:PARTITION:states:REGION:ACCOUNT:stateMachine:NAME, not 'cancel' (at Stack/Imported)",
  );
  expect(() => CancellationWorkflow.fromStateMachineArn(stack, 'Token', Fn.importValue('arn'))).not.toThrow();
});

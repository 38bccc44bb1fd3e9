import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CancellationWorkflow, FleetWorkflow } from '../../../lib';

const stack = new Stack(new App(), 'Stack');
const fleet = FleetWorkflow.of(stack);
const workflow = CancellationWorkflow.of(stack);

const ROLES: Readonly<Record<string, IRole>> = {
  StateMachine: workflow.stateMachineRole,
  Deployment: workflow.deploymentRole,
  CloudFormation: workflow.cloudFormationRole,
  Fleet: fleet.stateMachineRole,
};
for (const [name, role] of Object.entries(ROLES)) {
  role.addToPrincipalPolicy(new PolicyStatement({ actions: [`s3:Get${name}`], resources: ['*'] }));
}
const template = Template.fromStack(stack);

/** The properties of the only resource of a type for which `matches` holds. */
function only(type: string, matches: (id: string, properties: Record<string, unknown>) => boolean) {
  const found = Object.entries(template.findResources(type)).filter(([id, { Properties }]) => matches(id, Properties));
  expect(found).toHaveLength(1);
  return found[0]?.[1].Properties;
}

const machineOf = (id: RegExp) => only('AWS::StepFunctions::StateMachine', (machine) => id.test(machine));
const functionOf = (handler: string) => only('AWS::Lambda::Function', (_id, { Handler }) => Handler === handler);

test.each([
  ['of the state machine', 'StateMachine', () => machineOf(/^Deployment/).RoleArn],
  ['of the deployment function', 'Deployment', () => functionOf('deployment.handler').Role],
  ['of the cloudformation function', 'CloudFormation', () => functionOf('cloudformation.handler').Role],
  ['of the state machine for fleets', 'Fleet', () => machineOf(/^Fleet/).RoleArn],
])('the role %s can be given a permission', (_what, name, roleArn) => {
  const { Roles } = only('AWS::IAM::Policy', (_id, properties) =>
    JSON.stringify(properties).includes(`s3:Get${name}"`),
  );
  expect(stack.resolve(ROLES[name]?.roleArn)).toEqual(roleArn());
  expect(roleArn()).toEqual({ 'Fn::GetAtt': [Roles[0].Ref, 'Arn'] });
});

test.each([[/^Deployment/], [/^Fleet/]])('the state machine %s logs to the log group of the workflow', (id) => {
  const [{ CloudWatchLogsLogGroup }] = machineOf(id).LoggingConfiguration.Destinations;
  expect(CloudWatchLogsLogGroup.LogGroupArn).toEqual(stack.resolve(workflow.logGroup.logGroupArn));
});

import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { deploymentOf } from '../../../bin/context';
import type { PolicyStatement } from '../../../emulator/aws/iam';
import {
  CancelDeploymentAction,
  CancelDeploymentTask,
  type CancellableDeployment,
  CancelOnRollback,
  CancelOnStageFailure,
  CodeDeployDeployment,
  CodePipelineFleet,
  DeploymentCancellation,
  EcsFleet,
  EcsServiceDeployment,
  FleetCancellation,
  OnRollbackFailed,
  ProtonFleet,
  StackFleet,
  StackRollbackRule,
  StackUpdate,
} from '../../../lib';
import { DEPLOYMENT_KINDS, sampleIdentifiers } from '../../../lib/deployments/kinds';
import { overlaps } from '../../helpers/arn-patterns';
import { problemsOf } from '../../helpers/iam-reference';
import { pipelineWith, withArns } from '../../helpers/pipeline-fixtures';
import { idsOf, policiesOf } from '../../helpers/template';

/** The differences from the reference that are intended, with their reasons. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'cloudformation:DescribeStacks is allowed on *': 'The stacks of a fleet are listed without naming one.',
  'states:DescribeExecution needs a express': 'The state machines are of type STANDARD.',
  'states:ListExecutions needs a maprun': 'The executions of a state machine are listed, not those of a Map Run.',
};

const DEPLOYMENTS: readonly CancellableDeployment[] = [
  ...DEPLOYMENT_KINDS.map((kind) => deploymentOf({ kind, identifiers: sampleIdentifiers(kind) })),
  StackUpdate.fromStackName('api', { onRollbackFailed: OnRollbackFailed.CONTINUE, deleteOnCreate: true }),
  CodeDeployDeployment.fromDeploymentId('d-A1B2C3D4E'),
  EcsServiceDeployment.fromServiceDeploymentArn(
    'arn:aws:ecs:us-east-1:111122223333:service-deployment/prod/web/r9i43YFjvgF_xlg7m2eJ1r',
  ),
];

/** The templates of a stack with everything that the library creates, and of a nested stack in it. */
function templates(): Template[] {
  const stack = new Stack(new App(), 'Stack');
  const options = { encryptionKey: new Key(stack, 'Key'), vpc: new Vpc(stack, 'Vpc'), tracing: true };
  for (const [index, deployment] of DEPLOYMENTS.entries()) {
    new DeploymentCancellation(stack, `Cancel${index}`, { deployment, ...options });
  }
  const [deployment] = DEPLOYMENTS as [CancellableDeployment];
  new CancelOnRollback(stack, 'Guard', { deployment, ...options });
  const fleets = [
    ProtonFleet.fromServiceName('web'),
    ProtonFleet.fromEnvironmentName('prod'),
    EcsFleet.fromClusterName('prod'),
    CodePipelineFleet.fromPipelineName('release'),
    StackFleet.fromTag('team', 'web'),
  ];
  for (const [index, fleet] of fleets.entries()) {
    new FleetCancellation(stack, `Fleet${index}`, { fleet, ...options });
  }
  new StackRollbackRule(stack, 'Rule', { deployment, stackNames: ['other'] });
  const cancel = new CancelDeploymentAction({ actionName: 'Cancel', deployment });
  const pipeline = pipelineWith(stack, [{ stageName: 'Release', actions: [cancel] }]);
  new CancelOnStageFailure(stack, 'OnFailure', { pipeline, stageName: 'Release', deployment });
  const task = new CancelDeploymentTask(stack, 'Task', { deployment });
  new StateMachine(stack, 'Theirs', { definitionBody: DefinitionBody.fromChainable(task) });
  const nested = new NestedStack(new NestedStack(stack, 'Outer'), 'Inner');
  new CancelOnRollback(nested, 'Guard', { deployment });
  return [stack, nested].map((one) => withArns(Template.fromStack(one)));
}

/** The ARNs of resources whose attributes are in policies. */
const ARNS: Readonly<Record<string, (id: string) => string>> = {
  'AWS::Lambda::Function': (id) => `arn:aws:lambda:us-east-1:111122223333:function:${id}`,
  'AWS::Logs::LogGroup': (id) => `arn:aws:logs:us-east-1:111122223333:log-group:${id}:*`,
  'AWS::KMS::Key': (id) => `arn:aws:kms:us-east-1:111122223333:key/${id}`,
};

/** The statements of all roles, without those that the CDK adds for the pipeline itself. */
function statementsIn(template: Template): PolicyStatement[] {
  const arns = Object.entries(ARNS).flatMap(([type, arnOf]) =>
    idsOf(template, type).map((id) => [`"${id}.Arn"`, `"${arnOf(id)}"`] as const),
  );
  const roles = idsOf(template, 'AWS::IAM::Role').filter((id) => !/^Pipeline(Role|Source)/.test(id));
  const text = JSON.stringify(
    roles.flatMap((role) => policiesOf(template, role)).flatMap(({ Statement }) => Statement),
  );
  return JSON.parse(arns.reduce((json, [from, to]) => json.replaceAll(from, to), text));
}

const statements = templates().flatMap(statementsIn);

test('the actions, resources and conditions of all permissions are in the Service Authorization Reference', async () => {
  const problems = (await Promise.all(statements.map(problemsOf))).flat();
  expect([...new Set(problems)].sort()).toEqual(Object.keys(EXCEPTIONS).sort());
});

test.each([
  ['log-group:web:*', 'log-group:<LogGroupName>:log-stream:<LogStreamName>', true],
  ['log-group:web', 'log-group:<LogGroupName>:log-stream:<LogStreamName>', false],
  ['deploymentgroup:*', 'deploymentgroup:<ApplicationName>/<DeploymentGroupName>', true],
  ['deploymentgroup:web', 'deploymentgroup:<ApplicationName>/<DeploymentGroupName>', false],
  ['execution:web*', 'execution:<StateMachineName>:<ExecutionId>', true],
  ['execution:web:*', 'mapRun:<StateMachineName>:<MapRunId>', false],
  ['*/*', 'network-interface/<NetworkInterfaceId>', true],
  ['service/prod/*', 'service/<ServiceName>', true],
  ['service/prod/web', 'service/<ClusterName>/<ServiceName>', true],
  ['service/', 'service/<ServiceName>', false],
])('whether %s overlaps with %s is %s', (resource, arn, expected) => {
  const typeArn = `arn:<Partition>:x:<Region>:<Account>:${arn}`.replaceAll('<', '${').replaceAll('>', '}');
  expect(overlaps(`arn:aws:x:us-east-1:1:${resource}`, typeArn)).toBe(expected);
});

test.each([
  [{ Action: 'ecs:StopServiceDeployment', Resource: '*' }, ['ecs:StopServiceDeployment is allowed on *']],
  [
    { Action: 'ecs:ListServiceDeployments', Resource: 'arn:aws:ecs:us-east-1:111122223333:cluster/prod' },
    [
      'ecs:ListServiceDeployments has no resource type of arn:aws:ecs:us-east-1:111122223333:cluster/prod',
      'ecs:ListServiceDeployments needs a service',
    ],
  ],
  [
    { Action: 'codedeploy:StopDeployment', Resource: 'arn:aws:codedeploy:us-east-1:111122223333:deploymentgroup:a/b' },
    [
      'codedeploy:StopDeployment has no resource type, not arn:aws:codedeploy:us-east-1:111122223333:deploymentgroup:a/b',
    ],
  ],
  [{ Action: 'ecs:StopEverything', Resource: '*' }, ['ecs:StopEverything does not exist']],
])('the check finds the problems of %j', async (statement, expected) => {
  expect(await problemsOf({ Effect: 'Allow', ...statement })).toEqual(expected);
});

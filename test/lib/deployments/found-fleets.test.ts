import { App, CfnParameter, Duration, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnPipeline } from 'aws-cdk-lib/aws-codepipeline';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { CfnCluster, Cluster } from 'aws-cdk-lib/aws-ecs';
import {
  type CancellableFleet,
  CodePipelineFleet,
  EcsFleet,
  FleetCancellation,
  ProtonFleet,
  StackFleet,
} from '../../../lib';

const ENV = { account: '111122223333', region: 'us-east-1' };
const arn = (service: string, path: string) => `arn:PARTITION:${service}:us-east-1:111122223333:${path}`;

function statementsOf(fleet: CancellableFleet) {
  const stack = new Stack(new App(), 'Stack', { env: ENV });
  const text = JSON.stringify(fleet.policyStatements(stack).map((statement) => statement.toStatementJson()));
  return JSON.parse(text.replaceAll(/\$\{Token\[AWS\.(\w+)\.\d+\]\}/g, (_, name: string) => name.toUpperCase()));
}

test('the deployments of a cluster need permissions on its services only', () => {
  const service = arn('ecs', 'service/prod/*');
  expect(statementsOf(EcsFleet.fromClusterName('prod'))).toEqual([
    {
      Effect: 'Allow',
      Action: ['ecs:StopServiceDeployment', 'ecs:ContinueServiceDeployment', 'ecs:DescribeServiceDeployments'],
      Resource: [service, arn('ecs', 'service-deployment/prod/*/*')],
    },
    { Effect: 'Allow', Action: 'ecs:ListServiceDeployments', Resource: service },
    {
      Effect: 'Allow',
      Action: 'ecs:ListServices',
      Resource: '*',
      Condition: { ArnEquals: { 'ecs:cluster': arn('ecs', 'cluster/prod') } },
    },
  ]);
});

test('the executions of a pipeline need permissions on the pipeline', () => {
  expect(statementsOf(CodePipelineFleet.fromPipelineName('release'))).toEqual([
    {
      Effect: 'Allow',
      Action: [
        'codepipeline:StopPipelineExecution',
        'codepipeline:GetPipelineExecution',
        'codepipeline:ListPipelineExecutions',
      ],
      Resource: arn('codepipeline', 'release'),
    },
  ]);
});

test.each([
  ['a service', ProtonFleet.fromServiceName('web'), 'service/web/service-instance/*'],
  // The ARN of a service instance does not contain its environment.
  ['an environment', ProtonFleet.fromEnvironmentName('prod'), 'service/*/service-instance/*'],
])('the service instances of %s need permissions on service instances', (_, fleet, path) => {
  expect(statementsOf(fleet)).toEqual([
    { Effect: 'Allow', Action: 'proton:ListServiceInstances', Resource: '*' },
    {
      Effect: 'Allow',
      Action: ['proton:CancelServiceInstanceDeployment', 'proton:GetServiceInstance'],
      Resource: arn('proton', path),
    },
    { Effect: 'Allow', Action: 'proton:GetDeployment', Resource: arn('proton', 'deployment/*') },
  ]);
});

test('the updates of stacks need permissions on stacks with the tag, and on all stacks to find them', () => {
  expect(statementsOf(StackFleet.fromTag('team', 'web'))).toEqual([
    {
      Effect: 'Allow',
      Action: 'cloudformation:CancelUpdateStack',
      Resource: arn('cloudformation', 'stack/*/*'),
      Condition: { StringEquals: { 'aws:ResourceTag/team': 'web' } },
    },
    {
      Effect: 'Allow',
      Action: 'cloudformation:DescribeStackEvents',
      Resource: arn('cloudformation', 'stack/*/*'),
    },
    {
      Effect: 'Allow',
      Action: ['cloudformation:ListStacks', 'cloudformation:DescribeStacks'],
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': 'REGION' } },
    },
    {
      Effect: 'Deny',
      Action: 'cloudformation:CancelUpdateStack',
      Resource: arn('cloudformation', 'stack/Stack/*'),
    },
  ]);
});

test('cancelling the root stack that contains the cancellation is denied as well', () => {
  const root = new Stack(new App(), 'Root', { env: ENV });
  const nested = new NestedStack(new NestedStack(root, 'Outer'), 'Inner');
  const [, , , denied] = StackFleet.fromTag('team', 'web').policyStatements(nested);
  expect(root.resolve(denied?.toStatementJson())).toMatchObject({ Effect: 'Deny' });
  expect(denied?.resources).toHaveLength(2);
  expect(denied?.resources[1]).toContain(':stack/Root/*');
});

test('a fleet of stacks names its tag, whose value may be a token', () => {
  const stack = new Stack(new App(), 'Stack', { env: ENV });
  const { valueAsString } = new CfnParameter(stack, 'Team');
  const fleet = StackFleet.fromTag('team', valueAsString);
  new FleetCancellation(stack, 'Fleet', { fleet, output: false });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('Custom::FleetCancellation', {
    fleet: { kind: 'cloudformation-tagged-stacks', identifiers: { tagKey: 'team', tagValue: { Ref: 'Team' } } },
  });
  expect(JSON.stringify(template)).toContain('"aws:ResourceTag/team":{"Ref":"Team"}');
});

test.each<[string, (stack: Stack) => CancellableFleet, object]>([
  [
    'a cluster',
    (stack) => EcsFleet.fromCluster(new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') })),
    { kind: 'ecs-cluster-services', identifiers: { clusterName: { Ref: 'ClusterEB0386A7' } } },
  ],
  [
    'a cluster of CloudFormation',
    (stack) => EcsFleet.fromCluster(new CfnCluster(stack, 'Cluster')),
    { kind: 'ecs-cluster-services', identifiers: { clusterName: { Ref: 'Cluster' } } },
  ],
  [
    'a pipeline',
    (stack) =>
      CodePipelineFleet.fromPipeline(new CfnPipeline(stack, 'Release', { roleArn: 'r', stages: [] }), {
        abandon: true,
      }),
    {
      kind: 'codepipeline-executions',
      identifiers: { pipelineName: { Ref: 'Release' } },
      options: { abandon: true },
    },
  ],
])('a fleet of %s names it', (_, create, contract) => {
  const stack = new Stack(new App(), 'Stack', { env: ENV });
  const fleet = create(stack);
  expect(stack.resolve(fleet._toContract())).toEqual(contract);
  expect(() => fleet.policyStatements(stack)).not.toThrow();
  const other = new Stack(new App(), 'Other', { env: { ...ENV, region: 'eu-west-1' } });
  expect(() => fleet.policyStatements(other)).toThrow('declare its cancellation in a stack of us-east-1');
});

test.each([
  [() => EcsFleet.fromClusterName(''), 'clusterName must have 1 to 255 characters, not 0'],
  [() => EcsFleet.fromClusterName('arn:aws:ecs:us-east-1:111122223333:cluster/prod'), 'clusterName must be'],
  [() => EcsFleet.fromCluster('prod' as never), "cluster must be an Amazon ECS cluster of the CDK, not 'prod'"],
  [() => CodePipelineFleet.fromPipelineName('a/b'), 'pipelineName must be'],
  [() => StackFleet.fromTag('', 'web'), 'tagKey must have 1 to 128 characters, not 0'],
  [() => StackFleet.fromTag('team', ''), 'tagValue must have 1 to 256 characters, not 0'],
  [
    () => StackFleet.fromTag('te*m', 'web'),
    "tagKey must hold only letters, digits, spaces and _ . : / = + @ -, not 'te*m'",
  ],
  [() => StackFleet.fromTag('team', '$' + '{aws:username}'), 'tagValue must hold only letters'],
  [
    () => StackFleet.fromTag(new CfnParameter(new Stack(), 'Key').valueAsString, 'web'),
    'tagKey must be known at synthesis, not a token: it is a part of a condition key of the policy',
  ],
  [
    () => CodePipelineFleet.fromPipeline('release' as never),
    "pipeline must be a Pipeline of aws-codepipeline, not 'release'",
  ],
  [
    () => CodePipelineFleet.fromPipelineName('a', { abandon: 'yes' as never }),
    'abandon must be true or false, not "yes"',
  ],
  [
    () => CodePipelineFleet.fromPipelineName('a', { abandon: true, abandonAfter: Duration.minutes(1) }),
    'abandonAfter takes effect only without abandon',
  ],
])('a fleet rejects what it cannot cancel: %s', (create, message) => {
  expect(create).toThrow(message);
});

import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  CancelDeploymentAction,
  type CancellationWorkflowOptions,
  CancelOnRollback,
  CancelOnStageFailure,
  DeploymentCancellation,
  FleetCancellation,
  ProtonFleet,
  StackRollbackRule,
} from '../../../lib';
import {
  DELIVERS_LOGS,
  deployment,
  pipelineWith,
  WORKFLOW,
  WORKFLOW_ID,
  withArns,
} from '../../helpers/pipeline-fixtures';
import { idsOf, permissionsOf, resolved } from '../../helpers/template';

/** A stack with every construct. */
function everything(optionsIn: (stack: Stack) => CancellationWorkflowOptions): Template {
  const stack = new Stack(new App(), 'Stack');
  const options = optionsIn(stack);
  new DeploymentCancellation(stack, 'Cancel', { deployment, ...options });
  new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName('web'), ...options });
  new CancelOnRollback(stack, 'Guard', { deployment, ...options });
  new StackRollbackRule(stack, 'Rule', { deployment, stackNames: ['other'] });
  const cancel = new CancelDeploymentAction({ actionName: 'Cancel', deployment });
  const pipeline = pipelineWith(stack, [{ stageName: 'Release', actions: [cancel] }]);
  new CancelOnStageFailure(stack, 'OnFailure', { pipeline, stageName: 'Release', deployment });
  return withArns(Template.fromStack(stack));
}

const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:111122223333:${resource}`;
const machine = (id: string) => arn('states', `stateMachine:${id}`);
const FLEET_ID = 'FleetCancellationWorkflowStateMachineF2636318';
const ON_FAILURE_ID = 'OnFailureStateMachine13BBAAF0';
const DEPLOYMENT = 'DeploymentCancellationWorkflowDeployment';
const CLOUDFORMATION = 'DeploymentCancellationWorkflowCloudFormation';
const KEY = 'Key961B73FD.Arn';

const each = (resource: string, ...actions: string[]) => actions.map((action) => `${action} on ${resource}`);
const logs = (id: string) => each(`${id}.Arn`, 'logs:CreateLogStream', 'logs:PutLogEvents');
const invoke = ['DeploymentFunction0E230A73', 'CloudFormationFunction45ED7DED'].flatMap((id) =>
  each(`DeploymentCancellationWorkflow${id}.Arn`, 'lambda:InvokeFunction'),
);
const drive = (id: string) => [
  ...each(machine(id), 'states:StartExecution', 'states:ListExecutions'),
  ...each(arn('states', `execution:${id}.Name:*`), 'states:DescribeExecution', 'states:StopExecution'),
];
const cancel = (name: string) =>
  each(
    arn('proton', `service/web/service-instance/${name}`),
    'proton:CancelServiceInstanceDeployment',
    'proton:GetServiceInstance',
  );
const parameters = arn('ssm', 'parameter/deployment-cancellation/Stack/*');

/** The permissions of each role with all options, by its logical ID, without the roles of the pipeline. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  [`${DEPLOYMENT}Role75619BCC`]: [
    ...logs(`${DEPLOYMENT}Logs18397D29`),
    ...cancel('web-prod'),
    ...cancel('*'),
    ...each(arn('proton', 'deployment/*'), 'proton:GetDeployment'),
    ...each('*', 'proton:ListServiceInstances'),
  ],
  [`${CLOUDFORMATION}Role48D2F433`]: [
    ...logs(`${CLOUDFORMATION}LogsD123F13C`),
    ...drive(WORKFLOW_ID),
    ...drive(FLEET_ID),
    ...each(parameters, 'ssm:PutParameter', 'ssm:GetParameter', 'ssm:DeleteParameter'),
    ...each(arn('cloudformation', 'stack/Stack/0aa1'), 'cloudformation:DescribeStacks'),
  ],
  DeploymentCancellationWorkflowStateMachineRole36D9B769: [...invoke, ...DELIVERS_LOGS],
  FleetCancellationWorkflowStateMachineRoleF9FD8126: [...invoke, ...DELIVERS_LOGS],
  DeploymentCancellationWorkflowStateMachineEventsRoleE92ECF52: each(WORKFLOW, 'states:StartExecution'),
  OnFailureStateMachineRole43233FD2: [
    ...DELIVERS_LOGS,
    ...each('*', 'codepipeline:putJobFailureResult', 'codepipeline:putJobSuccessResult'),
    ...each(
      arn('events', 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule'),
      ...['events:DescribeRule', 'events:PutRule', 'events:PutTargets'],
    ),
    ...each(WORKFLOW, 'states:StartExecution'),
    ...each(arn('states', `execution:${WORKFLOW_ID}*`), 'states:DescribeExecution', 'states:StopExecution'),
  ],
  OnFailureCodePipelineRole3A204E29: [
    ...logs('OnFailureCodePipelineLogs90E3CB9D'),
    ...each(machine(ON_FAILURE_ID), 'states:StartExecution'),
  ],
  PipelineReleaseCancelCodePipelineActionRole22133972: [
    ...each(WORKFLOW, 'states:StartExecution', 'states:DescribeStateMachine'),
    ...each(arn('states', `execution:${WORKFLOW_ID}:*`), 'states:DescribeExecution'),
  ],
};

/** The roles without those that the CDK creates for the pipeline. */
const rolesIn = (template: Template) =>
  idsOf(template, 'AWS::IAM::Role').filter((id) => !/^Pipeline(Role|Source)/.test(id));

/** The permissions of each role, without duplicates. */
function permissionsIn(template: Template): Record<string, string[]> {
  return Object.fromEntries(rolesIn(template).map((id) => [id, [...new Set(permissionsOf(template, id))]]));
}

/** The permissions of each role with all options, and further ones for some roles. */
function withMore(more: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(ROLES).map(([id, lines]) => [id, [...new Set([...lines, ...(more[id] ?? [])])].sort()]),
  );
}

const FUNCTION_ROLES = Object.keys(ROLES).filter((id) => /(Deployment|CloudFormation|CodePipeline)Role/.test(id));
const MACHINE_ROLES = Object.keys(ROLES).filter((id) => /StateMachineRole/.test(id));

test('every role has exactly the permissions that it needs', () => {
  expect(permissionsIn(everything(() => ({})))).toEqual(withMore({}));
});

test('with tracing, the roles of functions and state machines may also send traces', () => {
  const put = each('*', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments');
  const sample = each('*', 'xray:GetSamplingRules', 'xray:GetSamplingTargets');
  expect(permissionsIn(everything(() => ({ tracing: true })))).toEqual(
    withMore(
      Object.fromEntries([
        ...FUNCTION_ROLES.map((id) => [id, put]),
        ...MACHINE_ROLES.map((id) => [id, [...put, ...sample]]),
      ]),
    ),
  );
});

describe('with a key', () => {
  const template = everything((stack) => ({ encryptionKey: new Key(stack, 'Key') }));
  const onKey = (condition: object, ...actions: string[]) =>
    each(KEY, ...actions).map((line) => `${line} if ${JSON.stringify(condition)}`);
  const ofMachine = (id: string, ...actions: string[]) =>
    onKey({ StringEquals: { 'kms:EncryptionContext:aws:states:stateMachineArn': machine(id) } }, ...actions);
  const runs = (id: string) => [
    ...ofMachine(id, 'kms:Decrypt', 'kms:GenerateDataKey'),
    ...onKey({ StringEquals: { 'kms:EncryptionContext:SourceArn': arn('logs', '*') } }, 'kms:GenerateDataKey'),
  ];

  test('every role may use it for exactly the data that it writes, reads or stops', () => {
    expect(permissionsIn(template)).toEqual(
      withMore({
        [`${CLOUDFORMATION}Role48D2F433`]: [
          ...[WORKFLOW_ID, FLEET_ID].flatMap((id) => ofMachine(id, 'kms:Decrypt', 'kms:GenerateDataKey')),
          ...onKey(
            {
              StringEquals: { 'kms:ViaService': 'ssm.us-east-1.amazonaws.com' },
              StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': parameters },
            },
            ...['kms:Encrypt', 'kms:Decrypt'],
          ),
        ],
        DeploymentCancellationWorkflowStateMachineRole36D9B769: runs(WORKFLOW_ID),
        FleetCancellationWorkflowStateMachineRoleF9FD8126: runs(FLEET_ID),
        OnFailureStateMachineRole43233FD2: [...runs(ON_FAILURE_ID), ...ofMachine(WORKFLOW_ID, 'kms:Decrypt')],
        PipelineReleaseCancelCodePipelineActionRole22133972: ofMachine(WORKFLOW_ID, 'kms:Decrypt'),
      }),
    );
  });

  test('the policy of the key allows CloudWatch Logs to use it for log groups, log delivery to decrypt, and nothing else', () => {
    const { KeyPolicy } = template.findResources('AWS::KMS::Key').Key961B73FD?.Properties ?? {};
    expect((resolved(KeyPolicy) as { Statement: unknown }).Statement).toEqual([
      { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'kms:*', Resource: '*' },
      {
        Effect: 'Allow',
        Principal: { Service: 'logs.us-east-1.amazonaws.com' },
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        Resource: '*',
        Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': arn('logs', 'log-group:*') } },
      },
      {
        Effect: 'Allow',
        Principal: { Service: 'delivery.logs.amazonaws.com' },
        Action: 'kms:Decrypt',
        Resource: '*',
      },
    ]);
  });

  test('all logs, state machines and functions are encrypted with it, and the cloudformation function has its ARN', () => {
    const Arn = { 'Fn::GetAtt': ['Key961B73FD', 'Arn'] };
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: Arn });
    template.allResourcesProperties('AWS::Lambda::Function', { KmsKeyArn: Arn });
    template.allResourcesProperties('AWS::StepFunctions::StateMachine', {
      EncryptionConfiguration: { Type: 'CUSTOMER_MANAGED_KMS_KEY', KmsKeyId: Arn },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { PARAMETER_PATH: '/deployment-cancellation/Stack', PARAMETER_KEY: Arn } },
    });
  });

  test('an imported key is used too, and its policy is not changed', () => {
    const imported = 'arn:aws:kms:us-east-1:111122223333:key/1';
    const other = everything((stack) => ({ encryptionKey: Key.fromKeyArn(stack, 'Key', imported) }));
    other.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: imported });
    expect(idsOf(other, 'AWS::KMS::Key')).toEqual(['PipelineArtifactsBucketEncryptionKey01D58D69']);
  });
});

test('without a key, the workflow uses none', () => {
  const stack = new Stack(new App(), 'Stack');
  new DeploymentCancellation(stack, 'Cancel', { deployment });
  expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(/kms|PARAMETER_KEY/i);
});

describe('in a VPC', () => {
  const MANAGE = [
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ];
  const DESCRIBE = ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'];
  const never = each('*', ...MANAGE, ...DESCRIBE).map(
    (line) => `never ${line} if {"Null":{"lambda:SourceFunctionArn":"false"}}`,
  );

  test('Lambda may manage network interfaces for each function, and the code of the function may not', () => {
    const lines = [...each('arn:aws:ec2:us-east-1:*:*/*', ...MANAGE), ...each('*', ...DESCRIBE), ...never];
    expect(permissionsIn(everything((stack) => ({ vpc: new Vpc(stack, 'Vpc') })))).toEqual(
      withMore(Object.fromEntries(FUNCTION_ROLES.map((id) => [id, lines]))),
    );
  });

  test('the functions are in its private subnets, each with a security group without inbound rules', () => {
    const template = everything((stack) => ({ vpc: new Vpc(stack, 'Vpc') }));
    const SubnetIds = [{ Ref: 'VpcPrivateSubnet1Subnet536B997A' }, { Ref: 'VpcPrivateSubnet2Subnet3788AAA1' }];
    template.allResourcesProperties('AWS::Lambda::Function', { VpcConfig: { SubnetIds } });
    const groups = Object.values(template.findResources('AWS::EC2::SecurityGroup'));
    expect(groups).toHaveLength(3);
    for (const { Properties } of groups) expect(Properties).not.toHaveProperty('SecurityGroupIngress');
    expect(idsOf(template, 'AWS::EC2::SecurityGroupIngress')).toEqual([]);
  });

  test('the functions are in the subnets and security groups that are set', () => {
    const template = everything((stack) => {
      const vpc = new Vpc(stack, 'Vpc', {
        subnetConfiguration: [{ name: 'Own', subnetType: SubnetType.PRIVATE_ISOLATED }],
      });
      const securityGroups = [new SecurityGroup(stack, 'Group', { vpc })];
      return { vpc, vpcSubnets: { subnetGroupName: 'Own' }, securityGroups };
    });
    template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
    template.allResourcesProperties('AWS::Lambda::Function', {
      VpcConfig: {
        SecurityGroupIds: idsOf(template, 'AWS::EC2::SecurityGroup').map((id) => ({ 'Fn::GetAtt': [id, 'GroupId'] })),
        SubnetIds: idsOf(template, 'AWS::EC2::Subnet').map((id) => ({ Ref: id })),
      },
    });
  });
});

test('without a VPC, no role has permissions of EC2', () => {
  expect(JSON.stringify(everything(() => ({})).toJSON())).not.toMatch(/ec2:|VpcConfig/);
});

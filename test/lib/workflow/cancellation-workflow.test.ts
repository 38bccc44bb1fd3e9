import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { determineLatestNodeRuntime } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { evaluate } from '../../../emulator/aws/iam';
import {
  CancellationWorkflow,
  type CancellationWorkflowOptions,
  DeploymentCancellation,
  ProtonDeployment,
} from '../../../lib';
import { ENVIRONMENT, RESPONSE_MARGIN_SECONDS, TIMEOUT_SECONDS } from '../../../lib/contract/cancellation';
import { DELIVERS_LOGS } from '../../helpers/pipeline-fixtures';
import {
  idsOf,
  PSEUDO_PARAMETERS,
  permissionsOf,
  policiesOf,
  recommendedFlags,
  type SynthesisProps,
  synthesize,
} from '../../helpers/template';

/** A public contract: the `ServiceToken` of a custom resource cannot be changed, and users refer to the others. */
const IDS = {
  stateMachine: 'DeploymentCancellationWorkflowStateMachineCCA2B105',
  stateMachineLogs: 'DeploymentCancellationWorkflowStateMachineLogsBB943190',
  stateMachineRole: 'DeploymentCancellationWorkflowStateMachineRole36D9B769',
  deploymentFunction: 'DeploymentCancellationWorkflowDeploymentFunction0E230A73',
  deploymentLogs: 'DeploymentCancellationWorkflowDeploymentLogs18397D29',
  deploymentRole: 'DeploymentCancellationWorkflowDeploymentRole75619BCC',
  deploymentPolicy: 'DeploymentCancellationWorkflowDeploymentRoleDefaultPolicy12696369',
  cloudFormationFunction: 'DeploymentCancellationWorkflowCloudFormationFunction45ED7DED',
  cloudFormationEvents: 'DeploymentCancellationWorkflowCloudFormationFunctionEventInvokeConfig3F41A9BD',
  cloudFormationLogs: 'DeploymentCancellationWorkflowCloudFormationLogsD123F13C',
  cloudFormationRole: 'DeploymentCancellationWorkflowCloudFormationRole48D2F433',
  cloudFormationPolicy: 'DeploymentCancellationWorkflowCloudFormationPolicy95126509',
  lostExecutions: 'DeploymentCancellationWorkflowLostExecutions42E92086',
  lostExecutionsPermission:
    'DeploymentCancellationWorkflowLostExecutionsAllowEventRuleStackDeploymentCancellationWorkflowCloudFormationFunction91199BEE09DC0E25',
};

const instance = (serviceInstanceName: string) =>
  ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName });

function workflowFor(names: string[] = [], options?: CancellationWorkflowOptions, props?: SynthesisProps): Template {
  return synthesize((stack) => {
    const workflow = CancellationWorkflow.of(stack, options);
    for (const name of names) workflow.inputFor(instance(name));
  }, props);
}

/** Apps with the oldest and the newest feature flags. */
const APPS: [string, SynthesisProps][] = [
  ['an app without feature flags', {}],
  ['an app with all recommended feature flags', { context: recommendedFlags() }],
];

describe('the logical IDs', () => {
  test.each(APPS)('never change, in %s', (_app, props) => {
    const { Resources } = workflowFor(['web-prod'], {}, props).toJSON();
    expect(Object.keys(Resources).sort()).toEqual(Object.values(IDS).sort());
  });

  test('do not depend on the first construct or its place in the stack', () => {
    const template = synthesize((stack) => {
      const deep = new DeploymentCancellation(stack, 'Deep', { deployment: instance('a') });
      new DeploymentCancellation(deep, 'Deeper', { deployment: instance('b') });
      CancellationWorkflow.of(deep);
    });
    expect(idsOf(template, 'AWS::StepFunctions::StateMachine')).toEqual([IDS.stateMachine]);
    expect(idsOf(template, 'AWS::Lambda::Function').sort()).toEqual(
      [IDS.cloudFormationFunction, IDS.deploymentFunction].sort(),
    );
  });

  test('do not depend on the options', () => {
    const { Resources } = workflowFor(['web-prod'], { logRetention: RetentionDays.ONE_DAY, tracing: true }).toJSON();
    expect(Object.keys(Resources)).toEqual(expect.arrayContaining(Object.values(IDS)));
  });
});

describe('the two functions', () => {
  test.each([
    [IDS.deploymentFunction, IDS.deploymentLogs, 300, 'deployment.handler'],
    [IDS.cloudFormationFunction, IDS.cloudFormationLogs, 300, 'cloudformation.handler'],
  ])('%s has 128 MB, runs on arm64, and logs JSON to its own log group', (id, logs, timeout, handler) => {
    const { Properties } = workflowFor().findResources('AWS::Lambda::Function')[id] ?? {};
    expect(Properties).toMatchObject({
      Architectures: ['arm64'],
      Handler: handler,
      MemorySize: 128,
      Timeout: timeout,
      LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: logs } },
    });
    expect(Properties).not.toHaveProperty('TracingConfig');
    expect(Properties.Description).toMatch(/^[A-Z].*[a-z]$/);
  });

  test.each([
    ['in most regions', undefined, determineLatestNodeRuntime(new Stack()).name],
    ['in a region without the newest', { region: 'us-isob-east-1' }, expect.stringMatching(/^nodejs(20|22|24)\.x$/)],
  ])('run on the newest Node.js of Lambda, %s', (_where, env, runtime) => {
    const functions = Object.values(workflowFor([], {}, { env }).findResources('AWS::Lambda::Function'));
    expect(functions.map(({ Properties }) => Properties.Runtime)).toEqual([runtime, runtime]);
  });

  test('share one code asset', () => {
    const functions = Object.values(workflowFor().findResources('AWS::Lambda::Function'));
    expect(functions).toHaveLength(2);
    expect(new Set(functions.map(({ Properties }) => Properties.Code.S3Key)).size).toBe(1);
  });

  test('have environments without a secret', () => {
    const template = workflowFor();
    const environments = [IDS.deploymentFunction, IDS.cloudFormationFunction].map(
      (id) => template.findResources('AWS::Lambda::Function')[id]?.Properties.Environment,
    );
    expect(environments).toEqual([
      { Variables: { [ENVIRONMENT.cancellations]: '0' } },
      { Variables: { [ENVIRONMENT.parameterPath]: '/deployment-cancellation/Stack' } },
    ]);
  });
});

test('the cloudformation function drops events that are older than the longest wait for a response', () => {
  const template = workflowFor();
  template.resourceCountIs('AWS::Lambda::EventInvokeConfig', 1);
  template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    FunctionName: { Ref: IDS.cloudFormationFunction },
    Qualifier: '$LATEST',
    MaximumEventAgeInSeconds: TIMEOUT_SECONDS.max + RESPONSE_MARGIN_SECONDS,
    MaximumRetryAttempts: 2,
  });
});

describe('the logs', () => {
  test.each([
    ['a month by default', {}, 30],
    ['as long as set', { logRetention: RetentionDays.ONE_WEEK }, 7],
    ['for ever if set', { logRetention: RetentionDays.INFINITE }, undefined],
  ])('are kept %s, and deleted with the stack', (_what, options, days) => {
    const groups = workflowFor([], options).findResources('AWS::Logs::LogGroup');
    expect(Object.keys(groups).sort()).toEqual([IDS.cloudFormationLogs, IDS.deploymentLogs, IDS.stateMachineLogs]);
    for (const { Properties, DeletionPolicy, UpdateReplacePolicy } of Object.values(groups)) {
      expect(Properties?.RetentionInDays).toBe(days);
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Delete', 'Delete']);
    }
  });
});

test('the state machine logs every event, without input and output', () => {
  const template = workflowFor();
  template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
    LoggingConfiguration: {
      Level: 'ALL',
      IncludeExecutionData: false,
      Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: { 'Fn::GetAtt': [IDS.stateMachineLogs, 'Arn'] } } }],
    },
  });
  template.hasResourceProperties('AWS::Logs::LogGroup', {
    LogGroupName: '/aws/vendedlogs/states/deployment-cancellation/Stack',
  });
});

describe('tracing', () => {
  test('is off by default', () => {
    const template = workflowFor();
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', { TracingConfiguration: { Enabled: false } });
    expect(JSON.stringify(template.toJSON())).not.toContain('xray');
  });

  test('is on for the functions and the state machine if set', () => {
    const template = workflowFor([], { tracing: true });
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', { TracingConfiguration: { Enabled: true } });
    template.allResourcesProperties('AWS::Lambda::Function', { TracingConfig: { Mode: 'Active' } });
  });
});

describe('the permissions', () => {
  const logs = (id: string) => [`logs:CreateLogStream on ${id}.Arn`, `logs:PutLogEvents on ${id}.Arn`];
  const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:111122223333:${resource}`;
  const executions = arn('states', `execution:${IDS.stateMachine}.Name:*`);
  const parameters = arn('ssm', 'parameter/deployment-cancellation/Stack/*');
  const cancel = (name: string) => [
    `proton:CancelServiceInstanceDeployment on ${arn('proton', `service/web/service-instance/${name}`)}`,
    `proton:GetServiceInstance on ${arn('proton', `service/web/service-instance/${name}`)}`,
  ];
  const readDeployments = `proton:GetDeployment on ${arn('proton', 'deployment/*')}`;

  const stateMachine = [
    `lambda:InvokeFunction on ${IDS.cloudFormationFunction}.Arn`,
    `lambda:InvokeFunction on ${IDS.deploymentFunction}.Arn`,
    ...DELIVERS_LOGS,
  ];
  const cloudFormation = [
    ...logs(IDS.cloudFormationLogs),
    `states:StartExecution on ${IDS.stateMachine}`,
    `states:ListExecutions on ${IDS.stateMachine}`,
    `states:DescribeExecution on ${executions}`,
    `states:StopExecution on ${executions}`,
    `ssm:PutParameter on ${parameters}`,
    `ssm:GetParameter on ${parameters}`,
    `ssm:DeleteParameter on ${parameters}`,
    `cloudformation:DescribeStacks on ${PSEUDO_PARAMETERS['AWS::StackId']}`,
  ];

  describe.each(APPS)('in %s', (_app, props) => {
    test('of the deployment function are its logs and those of the declared deployments', () => {
      expect(permissionsOf(workflowFor([], {}, props), IDS.deploymentRole)).toEqual(logs(IDS.deploymentLogs));
      expect(permissionsOf(workflowFor(['web-prod'], {}, props), IDS.deploymentRole)).toEqual(
        [...logs(IDS.deploymentLogs), ...cancel('web-prod'), readDeployments].sort(),
      );
    });

    test('of the deployment function are those of three deployments, without duplicates', () => {
      const template = workflowFor(['web-a', 'web-b', 'web-c', 'web-b'], {}, props);
      expect(permissionsOf(template, IDS.deploymentRole)).toEqual(
        [...logs(IDS.deploymentLogs), ...['web-a', 'web-b', 'web-c'].flatMap(cancel), readDeployments].sort(),
      );
    });

    test('of the cloudformation function are its logs, this state machine, its parameters, and the status of its own stack', () => {
      const template = workflowFor(['web-prod'], {}, props);
      expect(permissionsOf(template, IDS.cloudFormationRole)).toEqual([...cloudFormation].sort());
    });

    test('of the state machine are the two functions and log delivery', () => {
      expect(permissionsOf(workflowFor(['web-prod'], {}, props), IDS.stateMachineRole)).toEqual(stateMachine);
    });

    test('with tracing are those of X-Ray more', () => {
      const template = workflowFor([], { tracing: true }, props);
      const put = ['xray:PutTelemetryRecords on *', 'xray:PutTraceSegments on *'];
      const sample = ['xray:GetSamplingRules on *', 'xray:GetSamplingTargets on *'];
      expect(permissionsOf(template, IDS.deploymentRole)).toEqual([...logs(IDS.deploymentLogs), ...put]);
      expect(permissionsOf(template, IDS.cloudFormationRole)).toEqual([...cloudFormation, ...put].sort());
      expect(permissionsOf(template, IDS.stateMachineRole)).toEqual([...stateMachine, ...sample, ...put]);
    });
  });

  test.each([
    ['deploymentRole', 'states:StartExecution', IDS.stateMachine],
    ['deploymentRole', 'states:SendTaskSuccess', '*'],
    ['deploymentRole', 'ssm:GetParameter', arn('ssm', 'parameter/deployment-cancellation/Stack/Cancel-1')],
    ['deploymentRole', 'cloudformation:DescribeStacks', PSEUDO_PARAMETERS['AWS::StackId'] as string],
    ['deploymentRole', 'logs:PutLogEvents', `${IDS.cloudFormationLogs}.Arn`],
    [
      'deploymentRole',
      'proton:CancelServiceInstanceDeployment',
      arn('proton', 'service/web/service-instance/web-staging'),
    ],
    ['deploymentRole', 'proton:GetServiceInstance', arn('proton', 'service/api/service-instance/web-prod')],
    ['deploymentRole', 'proton:CancelServicePipelineDeployment', arn('proton', 'service/web/pipeline/web-prod')],
    ['deploymentRole', 'proton:DeleteService', arn('proton', 'service/web')],
    [
      'cloudFormationRole',
      'proton:CancelServiceInstanceDeployment',
      arn('proton', 'service/web/service-instance/web-prod'),
    ],
    ['cloudFormationRole', 'proton:GetServiceInstance', arn('proton', 'service/web/service-instance/web-prod')],
    ['cloudFormationRole', 'lambda:InvokeFunction', `${IDS.deploymentFunction}.Arn`],
    ['cloudFormationRole', 'states:StartExecution', arn('states', 'stateMachine:another')],
    ['cloudFormationRole', 'states:StopExecution', arn('states', 'execution:another:Cancel-1')],
    ['cloudFormationRole', 'states:GetExecutionHistory', arn('states', `execution:${IDS.stateMachine}.Name:Cancel-1`)],
    ['cloudFormationRole', 'ssm:GetParameter', arn('ssm', 'parameter/deployment-cancellation/Stack2/Cancel-1')],
    ['cloudFormationRole', 'ssm:GetParameter', arn('ssm', 'parameter/database-password')],
    ['cloudFormationRole', 'ssm:GetParametersByPath', arn('ssm', 'parameter/deployment-cancellation/Stack/Cancel-1')],
    ['cloudFormationRole', 'cloudformation:DeleteStack', PSEUDO_PARAMETERS['AWS::StackId'] as string],
    ['cloudFormationRole', 'kms:Decrypt', arn('kms', 'key/1')],
    ['stateMachineRole', 'lambda:InvokeFunction', arn('lambda', 'function:another')],
    ['stateMachineRole', 'lambda:InvokeFunction', `${IDS.deploymentFunction}.Arn:1`],
    ['stateMachineRole', 'proton:CancelServiceInstanceDeployment', '*'],
  ] as const)('of %s do not allow %s on %s', (role, action, resource) => {
    const policies = policiesOf(workflowFor(['web-prod']), IDS[role]);
    expect(evaluate(policies, { action, resource })).toBe('denied');
  });

  test.each([
    ['deploymentRole', 'lambda.amazonaws.com'],
    ['cloudFormationRole', 'lambda.amazonaws.com'],
    ['stateMachineRole', 'states.amazonaws.com'],
  ] as const)('of %s can be assumed by one service only', (role, service) => {
    const { Properties } = workflowFor().findResources('AWS::IAM::Role')[IDS[role]] ?? {};
    expect(Properties.AssumeRolePolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } },
    ]);
  });
});

describe('the options', () => {
  const use = (stack: Stack, id: string, options: CancellationWorkflowOptions) =>
    new DeploymentCancellation(stack, id, { deployment: instance('web-prod'), ...options });

  test.each([
    [{ logRetention: RetentionDays.ONE_WEEK }, { logRetention: RetentionDays.TWO_WEEKS }, 'logRetention', '7', '14'],
    [{ tracing: true }, { tracing: false }, 'tracing', 'true', 'false'],
  ])('%j and %j of two cancellations are rejected, with both values', (first, second, name, one, other) => {
    const stack = new Stack(new App(), 'Stack');
    use(stack, 'First', first);
    expect(() => use(stack, 'Second', second)).toThrow(
      expect.objectContaining({
        name: 'InvalidConfigurationError',
        message: `${name} of the cancellation workflow of stack Stack is ${one} because of Stack/First, not ${other}: all cancellations of a stack share one workflow, so set ${name} once, with CancellationWorkflow.of(stack, { ${name} }) (at Stack/Second)`,
      }),
    );
  });

  test.each([
    ['that are equal', { logRetention: RetentionDays.ONE_WEEK, tracing: true }, { logRetention: 7, tracing: true }],
    ['of which the second has none', { tracing: true }, {}],
    ['of which the second has undefined ones', { tracing: true }, { tracing: undefined, logRetention: undefined }],
    ['of which the second has the defaults', {}, { logRetention: RetentionDays.ONE_MONTH, tracing: false }],
  ])('of two cancellations %s are accepted', (_what, first, second) => {
    const stack = new Stack(new App(), 'Stack');
    expect(use(stack, 'Second', second as CancellationWorkflowOptions)).toBeDefined();
    const other = new Stack(new App(), 'Stack');
    const one = use(other, 'First', first);
    expect(use(other, 'Second', second as CancellationWorkflowOptions).workflow).toBe(one.workflow);
  });

  test('of two stacks may differ', () => {
    const app = new App();
    use(new Stack(app, 'A'), 'Cancel', { tracing: true });
    expect(() => use(new Stack(app, 'B'), 'Cancel', { tracing: false })).not.toThrow();
  });
});

test('others can be allowed to start the state machine', () => {
  const stack = new Stack(new App(), 'Stack');
  const workflow = CancellationWorkflow.of(stack);
  expect(stack.resolve(workflow.stateMachine.stateMachineArn)).toEqual({ Ref: IDS.stateMachine });
  expect(stack.resolve(workflow.serviceToken)).toEqual({ 'Fn::GetAtt': [IDS.cloudFormationFunction, 'Arn'] });
});

test('constructs that depend on the workflow are created after its permissions', () => {
  const stack = new Stack(new App(), 'Stack');
  const workflow = CancellationWorkflow.of(stack);
  const { workflow: shared, node } = new DeploymentCancellation(stack, 'Cancel', { deployment: instance('web-prod') });
  expect(shared).toBe(workflow);
  expect(node.path).toBe('Stack/Cancel');
  const template = Template.fromStack(stack);
  template.hasResource('Custom::DeploymentCancellation', { DependsOn: [IDS.cloudFormationPolicy] });
  // Many resources depend on this policy, and only this policy depends on the rest of the workflow.
  template.hasResource('AWS::IAM::Policy', {
    Properties: { Roles: [{ Ref: IDS.cloudFormationRole }] },
    DependsOn: Match.arrayWith([IDS.cloudFormationEvents, IDS.lostExecutionsPermission, IDS.lostExecutions]),
  });
});

test('the cloudformation function gets the events of executions of this state machine that have ended', () => {
  const template = workflowFor();
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: [{ Ref: IDS.stateMachine }], status: ['ABORTED', 'FAILED', 'SUCCEEDED', 'TIMED_OUT'] },
    },
    State: 'ENABLED',
    Targets: [{ Arn: { 'Fn::GetAtt': [IDS.cloudFormationFunction, 'Arn'] } }],
  });
  template.hasResourceProperties('AWS::Lambda::Permission', {
    Action: 'lambda:InvokeFunction',
    FunctionName: { 'Fn::GetAtt': [IDS.cloudFormationFunction, 'Arn'] },
    Principal: 'events.amazonaws.com',
    SourceArn: { 'Fn::GetAtt': [IDS.lostExecutions, 'Arn'] },
  });
});

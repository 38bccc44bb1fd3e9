import { App, CfnParameter, type IPropertyInjector, PropertyInjectors, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  CancelDeploymentAction,
  CancelDeploymentTask,
  CancellationWorkflow,
  type CancellationWorkflowOptions,
  CancelOnRollback,
  CancelOnStageFailure,
  DeploymentCancellation,
  FleetCancellation,
  FleetWorkflow,
  ProtonFleet,
} from '../../../lib';
import { deployment, pipelineWith } from '../../helpers/pipeline-fixtures';

const fleet = ProtonFleet.fromServiceName('web');

/** Creates two cancellations with different options in one stack. */
function agree(
  first: (stack: Stack) => CancellationWorkflowOptions,
  second: (stack: Stack, first: CancellationWorkflowOptions) => CancellationWorkflowOptions,
): void {
  const stack = new Stack(new App(), 'Stack');
  const options = first(stack);
  new DeploymentCancellation(stack, 'First', { deployment, ...options });
  new DeploymentCancellation(stack, 'Second', { deployment, ...second(stack, options) });
}

const key = (stack: Stack) => ({ encryptionKey: new Key(stack, 'Key') });
const vpc = (stack: Stack) => ({ vpc: new Vpc(stack, 'Vpc') });
const isolated = { vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED, availabilityZones: ['a'] } };
const subnetConfiguration = [{ name: 'Own', subnetType: SubnetType.PRIVATE_ISOLATED }];
const isolatedVpc = (stack: Stack) => ({ vpc: new Vpc(stack, 'Vpc', { subnetConfiguration }) });

test.each<[string, Parameters<typeof agree>[0], Parameters<typeof agree>[1], string]>([
  [
    'a key and another',
    key,
    (stack) => ({ encryptionKey: new Key(stack, 'Other') }),
    'encryptionKey of the cancellation workflow of stack Stack is Stack/Key because of Stack/First, not Stack/Other: all cancellations of a stack share one workflow, so set encryptionKey once, with CancellationWorkflow.of(stack, { encryptionKey }) (at Stack/Second)',
  ],
  [
    'a network and another',
    vpc,
    (stack) => ({ vpc: new Vpc(stack, 'Other') }),
    'vpc of the cancellation workflow of stack Stack is Stack/Vpc because of Stack/First, not Stack/Other: all cancellations of a stack share one workflow, so set vpc once, with CancellationWorkflow.of(stack, { vpc }) (at Stack/Second)',
  ],
  [
    'the default subnets and others',
    vpc,
    (_stack, first) => ({ ...first, ...isolated }),
    'vpcSubnets of the cancellation workflow of stack Stack is none because of Stack/First, not {subnetType: Isolated, availabilityZones: [a]}: all cancellations of a stack share one workflow, so set vpcSubnets once, with CancellationWorkflow.of(stack, { vpcSubnets }) (at Stack/Second)',
  ],
  [
    'a security group and two of them',
    (stack) => {
      const { vpc: network } = vpc(stack);
      return { vpc: network, securityGroups: [new SecurityGroup(stack, 'A', { vpc: network })] };
    },
    (stack, first) => {
      const { securityGroups = [], vpc: network } = first;
      if (!network) throw new Error('there is no network');
      return { securityGroups: [...securityGroups, new SecurityGroup(stack, 'B', { vpc: network })] };
    },
    'securityGroups of the cancellation workflow of stack Stack is [Stack/A] because of Stack/First, not [Stack/A, Stack/B]: all cancellations of a stack share one workflow, so set securityGroups once, with CancellationWorkflow.of(stack, { securityGroups }) (at Stack/Second)',
  ],
])('%s are rejected, with both values', (_what, first, second, message) => {
  expect(() => agree(first, second)).toThrow(message);
});

test.each<[string, unknown, string]>([
  ['memorySize', 127, 'a whole number from 128 to 10240, not 127'],
  ['memorySize', 10_241, 'a whole number from 128 to 10240, not 10241'],
  ['memorySize', 256.5, 'a whole number from 128 to 10240, not 256.5'],
  ['reservedConcurrentExecutions', 0, 'a whole number from 1, not 0'],
  ['reservedConcurrentExecutions', '5', "a whole number from 1, not '5'"],
  ['logRetention', 2, 'a member of RetentionDays, not 2'],
  ['logRemovalPolicy', 'keep', "a member of RemovalPolicy, not 'keep'"],
  ['logGroup', '/my/logs', "a log group of the CDK, such as LogGroup.fromLogGroupName(…), not '/my/logs'"],
  ['deploymentRole', 'mine', "a role of the CDK, such as Role.fromRoleArn(…), not 'mine'"],
  ['cloudFormationRole', {}, 'a role of the CDK, such as Role.fromRoleArn(…), not {}'],
  ['stateMachineRole', 1, 'a role of the CDK, such as Role.fromRoleArn(…), not 1'],
  ['tracing', 'yes', "true or false, not 'yes'"],
  ['encryptionKey', 'alias/mine', "a key of the CDK, such as Key.fromKeyArn(…), not 'alias/mine'"],
  ['vpc', 'vpc-1', "a VPC of the CDK, such as Vpc.fromLookup(…), not 'vpc-1'"],
  ['vpcSubnets', 'subnet-1', "a subnet selection, not 'subnet-1'"],
  ['securityGroups', 'sg-1', "a list of security groups, not 'sg-1'"],
])('%s cannot be %p', (name, value, rule) => {
  const stack = new Stack(new App(), 'Stack');
  const options: CancellationWorkflowOptions = { [name]: value };
  expect(() => new DeploymentCancellation(stack, 'Cancel', { deployment, ...options })).toThrow(
    `${name} must be ${rule} (at Stack/Cancel)`,
  );
});

test('numbers may be tokens', () => {
  const stack = new Stack(new App(), 'Stack');
  const memory = new CfnParameter(stack, 'Memory', { type: 'Number' });
  CancellationWorkflow.of(stack, { memorySize: memory.valueAsNumber });
  Template.fromStack(stack).allResourcesProperties('AWS::Lambda::Function', { MemorySize: { Ref: 'Memory' } });
});

describe('an option that is decided when the workflow is created', () => {
  const logGroup = (stack: Stack) => LogGroup.fromLogGroupName(stack, 'Logs', '/my/logs');

  test.each<[string, (stack: Stack) => CancellationWorkflowOptions]>([
    ['logGroup', (stack) => ({ logGroup: logGroup(stack) })],
    ['deploymentRole', (stack) => ({ deploymentRole: Role.fromRoleName(stack, 'Logs', 'mine') })],
    ['cloudFormationRole', (stack) => ({ cloudFormationRole: Role.fromRoleName(stack, 'Logs', 'mine') })],
    ['stateMachineRole', (stack) => ({ stateMachineRole: Role.fromRoleName(stack, 'Logs', 'mine') })],
  ])('%s: a later one is rejected, with the construct that came first', (name, optionsIn) => {
    expect(() => agree(() => ({}), optionsIn)).toThrow(
      `${name} of the cancellation workflow of stack Stack is none because of Stack/First, not Stack/Logs: all cancellations of a stack share one workflow, so set ${name} once, with CancellationWorkflow.of(stack, { ${name} }) before the first of them (at Stack/Second)`,
    );
    expect(() => agree(optionsIn, (_stack, first) => first)).not.toThrow();
    expect(() => agree(optionsIn, () => ({}))).not.toThrow();
  });

  test.each([
    ['logRetention', { logRetention: RetentionDays.ONE_DAY }],
    ['logRemovalPolicy', { logRemovalPolicy: RemovalPolicy.RETAIN }],
  ] as const)('%s cannot be used with logGroup', (name, options) => {
    const problem = `${name} cannot be used with logGroup, which Stack/First sets: set it on the log group itself`;
    const given = (stack: Stack) => ({ logGroup: logGroup(stack) });
    expect(() => agree(given, () => options)).toThrow(`${problem} (at Stack/Second)`);
    expect(() => agree((stack) => ({ ...given(stack), ...options }), given)).toThrow(`${problem} (at Stack/First)`);
  });
});

test('equal keys, networks, subnets and security groups are accepted, also in different objects', () => {
  expect(() =>
    agree(
      (stack) => {
        const network = isolatedVpc(stack);
        const group = new SecurityGroup(stack, 'Group', { vpc: network.vpc });
        return { ...key(stack), ...network, vpcSubnets: { subnetGroupName: 'Own' }, securityGroups: [group] };
      },
      (_stack, first) => ({
        ...first,
        vpcSubnets: { ...first.vpcSubnets },
        securityGroups: [...(first.securityGroups ?? [])],
      }),
    ),
  ).not.toThrow();
});

test.each(['vpcSubnets', 'securityGroups'] as const)('%s without a vpc are rejected', (name) => {
  const options = { vpcSubnets: {}, securityGroups: [] };
  const stack = new Stack(new App(), 'Stack');
  expect(() => new DeploymentCancellation(stack, 'Cancel', { deployment, [name]: options[name] })).toThrow(
    `${name} requires vpc, which is not set (at Stack/Cancel)`,
  );
});

test.each<[string, (stack: Stack, options: CancellationWorkflowOptions) => unknown]>([
  ['a cancellation', (stack, options) => new DeploymentCancellation(stack, 'It', { deployment, ...options })],
  ['a fleet', (stack, options) => new FleetCancellation(stack, 'It', { fleet, ...options })],
  ['a guard', (stack, options) => new CancelOnRollback(stack, 'It', { deployment, ...options })],
])('%s passes every option to the workflow', (_what, use) => {
  const stack = new Stack(new App(), 'Stack');
  const { vpc: network } = isolatedVpc(stack);
  use(stack, {
    ...key(stack),
    vpc: network,
    vpcSubnets: { subnetGroupName: 'Own' },
    securityGroups: [new SecurityGroup(stack, 'Group', { vpc: network })],
    logRetention: RetentionDays.ONE_DAY,
    tracing: true,
  });
  const template = Template.fromStack(stack);
  template.allResourcesProperties('AWS::Logs::LogGroup', {
    RetentionInDays: 1,
    KmsKeyId: { 'Fn::GetAtt': ['Key961B73FD', 'Arn'] },
  });
  template.allResourcesProperties('AWS::Lambda::Function', { TracingConfig: { Mode: 'Active' } });
  template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
});

test.each([
  ['DeploymentCancellation', DeploymentCancellation],
  ['FleetCancellation', FleetCancellation],
  ['CancelOnRollback', CancelOnRollback],
] as const)('property injection can set defaults for every %s', (name, type) => {
  expect(type.PROPERTY_INJECTION_ID).toBe(`cdk-deployment-cancellation.${name}`);
  const app = new App();
  const injector: IPropertyInjector = {
    constructUniqueId: type.PROPERTY_INJECTION_ID,
    inject: (props) => ({ logRetention: RetentionDays.ONE_YEAR, ...props }),
  };
  PropertyInjectors.of(app).add(injector);
  const stack = new Stack(app, 'Stack');
  new type(stack, 'It', { deployment, fleet });
  Template.fromStack(stack).allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 365 });
});

describe('an option that is set after the workflow was created', () => {
  /** Creates everything that depends on the options of a workflow, with options before or after it. */
  function everything(optionsIn: (stack: Stack) => CancellationWorkflowOptions, when: 'before' | 'after'): object {
    const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
    const options = optionsIn(stack);
    if (when === 'before') CancellationWorkflow.of(stack, options);
    new DeploymentCancellation(stack, 'Cancel', { deployment });
    new FleetCancellation(stack, 'Fleet', { fleet });
    new CancelOnRollback(stack, 'Guard', { deployment, trigger: '1' });
    const action = new CancelDeploymentAction({ actionName: 'Cancel', deployment });
    const pipeline = pipelineWith(stack, [{ stageName: 'Release', actions: [action] }]);
    if (when === 'after') CancellationWorkflow.of(stack, options);
    new CancelOnStageFailure(stack, 'OnFailure', { pipeline, stageName: 'Release', deployment });
    return Template.fromStack(stack).toJSON();
  }

  test.each<[string, (stack: Stack) => CancellationWorkflowOptions]>([
    ['logRetention', () => ({ logRetention: RetentionDays.ONE_DAY })],
    ['infinite logRetention', () => ({ logRetention: RetentionDays.INFINITE })],
    ['logRemovalPolicy', () => ({ logRemovalPolicy: RemovalPolicy.RETAIN })],
    ['tracing', () => ({ tracing: true })],
    ['memorySize', () => ({ memorySize: 512 })],
    ['reservedConcurrentExecutions', () => ({ reservedConcurrentExecutions: 5 })],
    ['encryptionKey', key],
    ['vpc', vpc],
    ['vpcSubnets', (stack) => ({ ...isolatedVpc(stack), vpcSubnets: { subnetGroupName: 'Own' } })],
    [
      'securityGroups',
      (stack) => {
        const { vpc: network } = vpc(stack);
        return { vpc: network, securityGroups: [new SecurityGroup(stack, 'Group', { vpc: network })] };
      },
    ],
  ])('%s: has the same template as if it was set first', (_name, optionsIn) => {
    const none = everything(() => ({}), 'before');
    const [before, after] = [everything(optionsIn, 'before'), everything(optionsIn, 'after')];
    expect(before).not.toEqual(none);
    expect(sortedStatements(after)).toEqual(sortedStatements(before));
  });

  test('the key is decided by a task, whose permissions are then complete', () => {
    const stack = new Stack(new App(), 'Stack');
    new CancelDeploymentTask(stack, 'Task', { deployment });
    expect(() => new DeploymentCancellation(stack, 'Cancel', { deployment, ...key(stack) })).toThrow(
      'encryptionKey of the cancellation workflow of stack Stack is none because of Stack/Task, not Stack/Key: all cancellations of a stack share one workflow, so set encryptionKey once, with CancellationWorkflow.of(stack, { encryptionKey }) (at Stack/Cancel)',
    );
  });
});

/** Statements, list items and dependencies in an order of their own: their order in a template has no meaning. */
function sortedStatements(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedStatements).sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, name === 'Fn::Join' ? member : sortedStatements(member)]),
  );
}

const textOf = (value: unknown) => JSON.stringify(value);

test('the functions have no memory but 128 MiB, and no concurrency, by default', () => {
  const stack = new Stack(new App(), 'Stack');
  new DeploymentCancellation(stack, 'Cancel', { deployment });
  Template.fromStack(stack).allResourcesProperties('AWS::Lambda::Function', {
    MemorySize: 128,
    ReservedConcurrentExecutions: Match.absent(),
  });
});

test('a public subnet is rejected', () => {
  const stack = new Stack(new App(), 'Stack');
  const options = { ...vpc(stack), vpcSubnets: { subnetType: SubnetType.PUBLIC } };
  expect(() => new DeploymentCancellation(stack, 'Cancel', { deployment, ...options })).toThrow(
    'vpcSubnets must not contain a public subnet, such as Stack/Vpc/PublicSubnet1: functions have no access to the internet in it',
  );
});

test.each([
  ['CancellationWorkflow', CancellationWorkflow],
  ['FleetWorkflow', FleetWorkflow],
])('property injection can set defaults for every %s', (name, type) => {
  expect(type.PROPERTY_INJECTION_ID).toBe(`cdk-deployment-cancellation.${name}`);
  const app = new App();
  PropertyInjectors.of(app).add({
    constructUniqueId: type.PROPERTY_INJECTION_ID,
    inject: (props) => ({ logRetention: RetentionDays.ONE_YEAR, tracing: true, ...props }),
  });
  const stack = new Stack(app, 'Stack');
  new FleetCancellation(stack, 'Fleet', { fleet, logRetention: RetentionDays.ONE_DAY });
  new FleetCancellation(stack, 'Other', { fleet });
  const template = Template.fromStack(stack);
  template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 1 });
  template.allResourcesProperties('AWS::Lambda::Function', { TracingConfig: { Mode: 'Active' } });
});

import { App, type IPropertyInjector, PropertyInjectors, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  type CancellationWorkflowOptions,
  CancelOnRollback,
  DeploymentCancellation,
  FleetCancellation,
  ProtonFleet,
} from '../../../lib';
import { deployment } from '../../helpers/pipeline-fixtures';

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
    'encryptionKey of the cancellation workflow is Stack/Key in stack Stack, not Stack/Other:',
  ],
  [
    'no key and one',
    () => ({}),
    key,
    'encryptionKey of the cancellation workflow is none in stack Stack, not Stack/Key:',
  ],
  [
    'a network and another',
    vpc,
    (stack) => ({ vpc: new Vpc(stack, 'Other') }),
    'vpc of the cancellation workflow is Stack/Vpc in stack Stack, not Stack/Other:',
  ],
  [
    'the default subnets and others',
    vpc,
    (_stack, first) => ({ ...first, ...isolated }),
    'vpcSubnets of the cancellation workflow is none in stack Stack, not {subnetType: Isolated, availabilityZones: [a]}:',
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
    'securityGroups of the cancellation workflow is [Stack/A] in stack Stack, not [Stack/A, Stack/B]:',
  ],
])('%s are rejected, with both values', (_what, first, second, message) => {
  expect(() => agree(first, second)).toThrow(message);
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

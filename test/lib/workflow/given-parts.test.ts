import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { type IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { simulate } from '../../../emulator/testing/index';
import {
  CancellationDashboard,
  CancellationOutcome,
  CancellationWorkflow,
  type CancellationWorkflowOptions,
  CancelOnRollback,
  CancelOnStageFailure,
  DeploymentCancellation,
  EcsServiceDeployment,
  FleetCancellation,
  FleetWorkflow,
  ProtonFleet,
} from '../../../lib';
import { approval, pipelineWith } from '../../helpers/pipeline-fixtures';
import { idsOf, permissionsOf } from '../../helpers/template';

const deployment = EcsServiceDeployment.fromServiceName({ clusterName: 'shop', serviceName: 'checkout' });
const fleet = ProtonFleet.fromServiceName('web');
const env = { account: '111122223333', region: 'us-east-1' };

type Roles = Required<Pick<CancellationWorkflowOptions, 'deploymentRole' | 'cloudFormationRole' | 'stateMachineRole'>>;

/** A role for each option, with the service that assumes it. */
function rolesWith(create: (name: string, service: string) => IRole): Roles {
  return {
    deploymentRole: create('Deployment', 'lambda.amazonaws.com'),
    cloudFormationRole: create('CloudFormation', 'lambda.amazonaws.com'),
    stateMachineRole: create('StateMachine', 'states.amazonaws.com'),
  };
}

/** Roles that the stack creates. */
const ownRoles = (stack: Stack) =>
  rolesWith((name, service) => new Role(stack, `${name}Role`, { assumedBy: new ServicePrincipal(service) }));

/** Roles that exist already. */
const importedRoles = (stack: Stack, mutable: boolean) =>
  rolesWith((name) => Role.fromRoleName(stack, `${name}Role`, `our-${name}`, { mutable }));

/** A stack with everything that adds permissions to the roles of its workflow. */
function stackWith(optionsIn: (stack: Stack) => CancellationWorkflowOptions): Template {
  const stack = new Stack(new App(), 'Stack', { env });
  const everything = { encryptionKey: new Key(stack, 'Key'), vpc: new Vpc(stack, 'Vpc'), tracing: true };
  CancellationWorkflow.of(stack, { ...everything, ...optionsIn(stack) });
  new DeploymentCancellation(stack, 'Cancel', { deployment });
  new FleetCancellation(stack, 'Fleet', { fleet });
  new CancelOnRollback(stack, 'Guard', { deployment, trigger: '1' });
  return Template.fromStack(stack);
}

/** The only role whose ID begins so. */
function roleId(template: Template, prefix: string): string {
  const [id = '', ...others] = idsOf(template, 'AWS::IAM::Role').filter((found) => found.startsWith(prefix));
  expect(others).toEqual([]);
  return id;
}

describe('a given role', () => {
  const byDefault = stackWith(() => ({}));
  const given = stackWith(ownRoles);

  test.each([
    ['deployment', 'DeploymentRole', ['DeploymentCancellationWorkflowDeploymentRole']],
    ['CloudFormation', 'CloudFormationRole', ['DeploymentCancellationWorkflowCloudFormationRole']],
    [
      'state machine',
      'StateMachineRole',
      ['DeploymentCancellationWorkflowStateMachineRole', 'FleetCancellationWorkflowStateMachineRole'],
    ],
  ])('gets the permissions of the %s role that is otherwise created', (_what, own, created) => {
    const expected = created.flatMap((prefix) => permissionsOf(byDefault, roleId(byDefault, prefix)));
    expect(expected.length).toBeGreaterThan(0);
    expect(new Set(permissionsOf(given, roleId(given, own)))).toEqual(new Set(expected));
  });

  test('replaces the role that is otherwise created', () => {
    const created = idsOf(given, 'AWS::IAM::Role').filter((id) => id.includes('CancellationWorkflow'));
    expect(created).toEqual([]);
  });

  test('is the attribute of the workflow', () => {
    const stack = new Stack(new App(), 'Stack');
    const roles = importedRoles(stack, true);
    const workflow = CancellationWorkflow.of(stack, roles);
    const { deploymentRole, cloudFormationRole, stateMachineRole } = workflow;
    expect({ deploymentRole, cloudFormationRole, stateMachineRole }).toEqual(roles);
    expect(FleetWorkflow.of(stack).stateMachineRole).toBe(roles.stateMachineRole);
  });

  test.each([
    ['that exists already gets the permissions in policies of the stack', true],
    ['that is immutable is assumed to have the permissions', false],
  ])('%s, and a cancellation succeeds in a simulation', async (_what, mutable) => {
    const stack = new Stack(new App(), 'Stack', { env });
    new DeploymentCancellation(stack, 'Cancel', { deployment, ...importedRoles(stack, mutable) });
    expect(idsOf(Template.fromStack(stack), 'AWS::IAM::Role')).toEqual([]);
    const { stackStatus, cancellations } = await simulate(stack);
    expect({ stackStatus, outcomes: cancellations.map(({ outcome }) => outcome) }).toEqual({
      stackStatus: 'CREATE_COMPLETE',
      outcomes: ['CANCELLED'],
    });
  });

  test('that is immutable gets no permission, and the cancellation still waits for all of the workflow', () => {
    const template = stackWith((stack) => importedRoles(stack, false));
    expect(idsOf(template, 'AWS::IAM::Policy')).toEqual([]);
    expect(idsOf(template, 'AWS::IAM::ManagedPolicy')).toEqual([]);
    const [cancellation] = Object.values(template.findResources('Custom::DeploymentCancellation'));
    expect(cancellation?.DependsOn).toEqual(
      expect.arrayContaining([
        expect.stringContaining('CloudFormationFunctionEventInvokeConfig'),
        expect.stringMatching(/^DeploymentCancellationWorkflowLostExecutions[0-9A-F]{8}$/),
      ]),
    );
  });

  test('that is immutable has no limit of permissions', () => {
    const stack = new Stack(new App(), 'Stack');
    CancellationWorkflow.of(stack, importedRoles(stack, false));
    for (let index = 0; index < 200; index++) {
      const one = EcsServiceDeployment.fromServiceName({ clusterName: `cluster-${index}`, serviceName: 'web' });
      new DeploymentCancellation(stack, `Cancel${index}`, { deployment: one, output: false });
    }
    expect(idsOf(Template.fromStack(stack), 'AWS::IAM::ManagedPolicy')).toEqual([]);
  });
});

describe('a given log group', () => {
  function stackWithLogGroup() {
    const stack = new Stack(new App(), 'Stack', { env });
    const logGroup = new LogGroup(stack, 'Logs', { retention: RetentionDays.TEN_YEARS });
    const workflow = CancellationWorkflow.of(stack, { logGroup });
    return { stack, logGroup, workflow };
  }

  test('replaces all log groups, and is not changed', () => {
    const { stack, logGroup, workflow } = stackWithLogGroup();
    new FleetCancellation(stack, 'Fleet', { fleet, encryptionKey: new Key(stack, 'Key') });
    const pipeline = pipelineWith(stack, [{ stageName: 'Release', actions: [approval()] }]);
    new CancelOnStageFailure(stack, 'OnFailure', { pipeline, stageName: 'Release', deployment });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Logs::LogGroup', 1);
    template.hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 3653 },
      DeletionPolicy: 'Retain',
    });
    const logs = stack.resolve(logGroup.logGroupName);
    template.resourceCountIs('AWS::Lambda::Function', 3);
    template.allResourcesProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: logs } });
    template.resourceCountIs('AWS::StepFunctions::StateMachine', 3);
    template.allResourcesProperties('AWS::StepFunctions::StateMachine', {
      LoggingConfiguration: {
        Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: stack.resolve(logGroup.logGroupArn) } }],
      },
    });
    expect(workflow.logGroup).toBe(logGroup);
  });

  test('is the one of the metrics, and once in the queries of the dashboard', () => {
    const { stack, logGroup, workflow } = stackWithLogGroup();
    workflow.metricOutcome(CancellationOutcome.CANCELLED);
    new CancelOnRollback(stack, 'Guard', { deployment, trigger: '1' }).metricFailed();
    new CancellationDashboard(stack, 'Dashboard');
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Logs::MetricFilter', 2);
    template.allResourcesProperties('AWS::Logs::MetricFilter', { LogGroupName: stack.resolve(logGroup.logGroupName) });
    const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
    const body = JSON.stringify(dashboard?.Properties.DashboardBody);
    expect(body.match(/SOURCE/g)).toHaveLength(2);
  });

  test('receives the logs, with which a cancellation succeeds', async () => {
    const { stack } = stackWithLogGroup();
    new DeploymentCancellation(stack, 'Cancel', { deployment });
    expect((await simulate(stack)).stackStatus).toBe('CREATE_COMPLETE');
  });
});

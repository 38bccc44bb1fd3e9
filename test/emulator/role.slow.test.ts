import { Stack } from 'aws-cdk-lib';
import { ArnPrincipal, PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { parseContext } from '../../bin/context';
import { actionOf } from '../../emulator/core/http-server';
import { MINUTES, SECONDS, type SeededDeployment } from '../../emulator/core/plan';
import type { Assembly } from '../../emulator/simulation/assembly';
import { scenarioOf } from '../../emulator/simulation/find-scenario';
import { DEPLOYMENT_KINDS, kindDefinition } from '../../lib/deployments/kinds';
import {
  type CancellableDeployment,
  CancellationWorkflow,
  CancelOnRollback,
  DeploymentCancellation,
  EcsFleet,
  EcsServiceDeployment,
  FleetCancellation,
} from '../../lib/index';
import { assemble, check, EmulatorFixture, failureOf, stackOf } from './emulator-fixture';
import { expectNoSecrets } from './recorder';
import { serviceWith } from './services/service-with';

jest.setTimeout(120_000);

const EXTERNAL_ID = 'cancel-1234';
const ECS = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' });

interface RoleOptions {
  /** The external ID that the role requires. */
  readonly requires?: string;
  readonly statements: PolicyStatement[];
}

/** A role that trusts the deployment function of the stack. */
function roleIn(stack: Stack, { requires, statements }: RoleOptions): Role {
  const { deploymentRole } = CancellationWorkflow.of(stack);
  return new Role(stack, 'Canceller', {
    roleName: 'canceller',
    assumedBy: new ArnPrincipal(deploymentRole.roleArn),
    externalIds: requires === undefined ? undefined : [requires],
    inlinePolicies: { Cancel: new PolicyDocument({ statements }) },
  });
}

/** A stack that cancels a deployment as a role with the permissions that this takes. */
function cancelledAs(
  deployment: CancellableDeployment,
  externalId: string | undefined,
  requires = externalId,
): Assembly {
  return assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const role = roleIn(stack, { requires, statements: deployment.policyStatements(stack) });
    new DeploymentCancellation(stack, 'Cancellation', { deployment, role, externalId });
  });
}

const startedAt = (at: number): SeededDeployment<'ROLLBACK_SUCCESSFUL'> => ({
  at,
  onCancel: { steps: [{ after: 40 * SECONDS, status: 'ROLLBACK_SUCCESSFUL' }] },
});

const startWith = (assembly: Assembly, consistency: 'eventual' | 'strong' = 'strong') =>
  EmulatorFixture.start({
    assembly,
    seed: {},
    services: [serviceWith('ecs-service-deployment', startedAt(-2 * MINUTES))],
    consistency,
  });

const callersOf = ({ recorder }: EmulatorFixture, service: string) =>
  new Set(recorder.calls.flatMap(({ call }) => (call.service === service ? [call.accessKeyId] : [])));

test.each(DEPLOYMENT_KINDS)('%s: every call of its service is made as the role, and no other', async (kind) => {
  const { deployment } = parseContext((name) => (name === 'kind' ? kind : undefined));
  const assembly = cancelledAs(deployment, EXTERNAL_ID);
  const { seed, services } = scenarioOf(kind, 'cancelled');
  const fixture = await EmulatorFixture.start({ assembly, seed, services, consistency: 'strong' });
  expect(await fixture.create(stackOf(assembly))).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(fixture.recorder.results.map(({ outcome }) => outcome)).toEqual(['CANCELLED']);
  const { calls } = fixture.recorder;
  const [assumed] = calls.filter(({ call }) => call.service === 'sts');
  expect(assumed).toMatchObject({
    call: { input: { RoleSessionName: 'deployment-cancellation', ExternalId: EXTERNAL_ID } },
    answer: 'ok',
  });
  const { cancelAction, readAction } = kindDefinition(kind);
  for (const action of [cancelAction, readAction]) {
    const callers = new Set(calls.filter(({ call }) => actionOf(call) === action).map(({ call }) => call.accessKeyId));
    // CloudFormation is also called by its own function, which reads the stack that sent the request.
    if (action !== 'cloudformation:DescribeStacks') expect(callers.size).toBe(1);
    expect(callers).not.toContain(assumed?.call.accessKeyId);
  }
  expectNoSecrets(fixture.recorder);
});

test('the deployment function may do nothing but assume the role', () => {
  const { template } = stackOf(cancelledAs(ECS, EXTERNAL_ID));
  const policies = JSON.stringify(
    Object.entries((template as { Resources: Record<string, { Type: string }> }).Resources).filter(
      ([id, { Type }]) => Type.startsWith('AWS::IAM::') && !id.startsWith('Canceller'),
    ),
  );
  expect(policies).toContain('sts:AssumeRole');
  expect(policies).not.toContain('ecs:');
});

test('a role that is not assumed at once is tried again: new policies take time', async () => {
  const assembly = cancelledAs(ECS, EXTERNAL_ID);
  const fixture = await startWith(assembly, 'eventual');
  expect(await fixture.create(stackOf(assembly))).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(fixture.recorder.results).toMatchObject([{ outcome: 'CANCELLED' }]);
});

test.each<[string, string | undefined]>([
  ['no external id', undefined],
  ['another external id', 'another'],
])(
  'a role that requires an external id is not assumed with %s, and the reason says what to do',
  async (_what, given) => {
    const assembly = cancelledAs(ECS, given, EXTERNAL_ID);
    const fixture = await startWith(assembly);
    expect(await fixture.create(stackOf(assembly))).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(fixture.recorder.results).toMatchObject([{ outcome: 'ACCESS_DENIED' }]);
    expect(failureOf(fixture)).toContain(
      'not allowed to call sts:AssumeRole on arn:aws:iam::123456789012:role/canceller; allow it to the role of the deployment function, in its policies and in the trust policy of arn:aws:iam::123456789012:role/canceller, with the external id if it requires one',
    );
    expect(callersOf(fixture, 'ecs').size).toBe(0);
  },
);

test('a role without a permission is named as the one that needs it', async () => {
  const assembly = assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const statements = [new PolicyStatement({ actions: ['ecs:ListServices'], resources: ['*'] })];
    const role = roleIn(stack, { statements });
    new DeploymentCancellation(stack, 'Cancellation', { deployment: ECS, role });
  });
  const fixture = await startWith(assembly);
  await fixture.create(stackOf(assembly));
  expect(failureOf(fixture)).toContain(
    'allow it to role arn:aws:iam::123456789012:role/canceller, in every policy that applies',
  );
});

test('whoever starts the state machine cannot choose a role or an external id', async () => {
  const assembly = cancelledAs(ECS, EXTERNAL_ID);
  const fixture = await startWith(assembly);
  await fixture.create(stackOf(assembly));
  const [first] = fixture.emulator.stepFunctions.executions;
  if (!first) throw new Error('nothing was started');
  const { cloudFormation, ...input } = JSON.parse(first.input) as Record<string, unknown> & { settings: object };
  const assumed = () => fixture.recorder.callsOf('sts').length;
  const before = assumed();
  const start = async (settings: object) => {
    const execution = fixture.emulator.stepFunctions.startExecution({
      stateMachineArn: first.stateMachineArn,
      input: JSON.stringify({ ...input, settings: { ...input.settings, ...settings } }),
    });
    await fixture.pass(300);
    return execution;
  };
  const other = await start({ roleArn: 'arn:aws:iam::210987654321:role/admin' });
  expect(other).toMatchObject({ status: 'FAILED', error: 'ACCESS_DENIED' });
  expect(await start({ externalId: 'mine' })).toMatchObject({ status: 'FAILED', error: 'ACCESS_DENIED' });
  const after = fixture.recorder.callsOf('sts').slice(before);
  expect(after.length).toBeGreaterThan(1);
  expect(new Set(after)).toEqual(new Set(['AssumeRole: AccessDenied']));
});

test('a guard is armed and cancels as the role', async () => {
  const assembly = assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const role = roleIn(stack, { statements: ECS.policyStatements(stack) });
    const guard = new CancelOnRollback(stack, 'Guard', { deployment: ECS, role, trigger: '1' });
    guard.node.addDependency(role);
    guard.protect(check(stack, { afterSeconds: 90, fails: true }));
  });
  const fixture = await EmulatorFixture.start({
    assembly,
    seed: {},
    services: [serviceWith('ecs-service-deployment', startedAt(30 * SECONDS))],
  });
  expect(await fixture.create(stackOf(assembly))).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
  expect(fixture.recorder.results.map(({ outcome }) => outcome)).toEqual(['ARMED', 'CANCELLED']);
  expect(callersOf(fixture, 'ecs').size).toBe(1);
});

test('a fleet is found and cancelled as the role', async () => {
  const fleet = EcsFleet.fromClusterName('prod');
  const assembly = assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const role = roleIn(stack, { requires: EXTERNAL_ID, statements: fleet.policyStatements(stack) });
    new FleetCancellation(stack, 'Fleet', { fleet, role, externalId: EXTERNAL_ID });
  });
  const fixture = await startWith(assembly);
  expect(await fixture.create(stackOf(assembly))).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(fixture.recorder.callsOf('ecs')).toContain('StopServiceDeployment: ok');
  expect(callersOf(fixture, 'ecs').size).toBe(1);
  expect(fixture.recorder.callsOf('sts').every((call) => call === 'AssumeRole: ok')).toBe(true);
});

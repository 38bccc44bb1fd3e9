import type { Execution } from '../../emulator/aws/step-functions/execution';
import { MINUTES } from '../../emulator/services/proton/plan';
import { scenario } from '../../emulator/services/proton/scenarios';
import { DeploymentCancellation, ProtonDeployment } from '../../lib/index';
import {
  cancellationStack,
  check,
  checkedStack,
  deployedAt,
  EmulatorFixture,
  stackOf,
  withoutPermission,
} from './emulator-fixture';
import { expectNoSecrets, isMark } from './recorder';

const assembly = cancellationStack({ trigger: 'one' });
const stack = stackOf(assembly);

/** The status of a stack, and the values of its outputs. */
function ending({ status, outputs }: { status: string; outputs: readonly { value: string }[] }): string[] {
  return [status, ...outputs.map(({ value }) => value)];
}

test('a stack cancels when it is created and when its trigger changes, and not otherwise', async () => {
  const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2, 10, 20, 30, 40) });
  const { recorder } = fixture;
  expect(ending(await fixture.create(stack))).toEqual(['CREATE_COMPLETE', 'CANCELLED']);
  expect(fixture.deployments).toEqual(['CANCELLED']);

  await fixture.pass(10 * 60);
  const retriggered = stackOf(cancellationStack({ trigger: 'two' }));
  expect(ending(await fixture.update(retriggered))).toEqual(['UPDATE_COMPLETE', 'CANCELLED']);
  expect(fixture.deployments).toEqual(['CANCELLED', 'CANCELLED']);
  expect(fixture.requests).toEqual(['Create Cancellation', 'Update Cancellation']);

  // An update without changes to the cancellation sends no request.
  await fixture.pass(10 * 60);
  expect(ending(await fixture.update(checkedStack({ trigger: 'two' }, {})))).toEqual(['UPDATE_COMPLETE', 'CANCELLED']);
  expect(fixture.requests).toHaveLength(2);
  expect(fixture.deployments.at(-1)).toBe('IN_PROGRESS');

  // The rollback of an update that cancels does not cancel deployments that started since.
  await fixture.pass(10 * 60);
  const failing = checkedStack({ trigger: 'three' }, { afterSeconds: 15 * 60, fails: true });
  expect(ending(await fixture.update(failing))).toEqual(['UPDATE_ROLLBACK_COMPLETE', 'CANCELLED']);
  expect(fixture.requests.slice(2)).toEqual(['Update Cancellation', 'Update Cancellation']);
  const left = ['CANCELLED', 'CANCELLED', 'SUCCEEDED', 'CANCELLED', 'IN_PROGRESS'];
  expect(fixture.deployments).toEqual(left);

  // After the rollback, the attributes say that nothing was attempted.
  expect(ending(await fixture.update(checkedStack({ trigger: 'two' }, { afterSeconds: 1 })))).toEqual([
    'UPDATE_COMPLETE',
    'UNKNOWN',
  ]);
  expect(fixture.requests).toHaveLength(4);

  expect(await fixture.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
  expect(fixture.requests.slice(4)).toEqual(['Delete Cancellation']);
  expect(fixture.deployments).toEqual(left);
  expect(recorder.emulator.stepFunctions.executions).toHaveLength(3);
  expectNoSecrets(recorder);
});

test.each([
  ['succeeds', () => undefined],
  ['is aborted', (execution: Execution | undefined) => execution?.stop('Person', 'enough of this')],
])('nothing is left of a response when its execution %s', async (_how, end) => {
  const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
  const { stepFunctions, ssm } = fixture.emulator;
  fixture.clock.schedule(20_000, () => end(stepFunctions.executions[0]));
  await fixture.create({ ...stack, disableRollback: true });
  await fixture.pass(1);
  expect(ssm.parameters.filter((parameter) => !isMark(parameter))).toEqual([]);
  await fixture.pass(2 * 60);
  expect(ssm.parameters).toEqual([]);
});

describe('deletion succeeds and cancels nothing', () => {
  const inFlight = deployedAt(-2, 10);

  test.each([
    ['while a deployment is in flight', stack, undefined],
    ['when Proton does not respond', stack, { kind: 'reset' } as const],
    ['when running executions may not be listed', withoutPermission(stack, 'states:ListExecutions'), undefined],
    ['when executions may not be stopped', withoutPermission(stack, 'states:StopExecution'), undefined],
  ])('%s', async (_when, deployed, protonFault) => {
    const fixture = await EmulatorFixture.start({ assembly, seed: inFlight });
    expect(await fixture.create(deployed)).toMatchObject({ status: 'CREATE_COMPLETE' });
    await fixture.pass(10 * 60);
    const calls = fixture.recorder.callsOf('proton').length;
    fixture.faults = ({ service }) => (service === 'proton' ? protonFault : undefined);

    expect(await fixture.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(fixture.recorder.callsOf('proton')).toHaveLength(calls);
    expect(fixture.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    expectNoSecrets(fixture.recorder);
  });

  test('after a create that failed, whose rollback deletes the cancellation', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: scenario('not-found').seed, consistency: 'strong' });
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(fixture.requests).toEqual(['Create Cancellation', 'Delete Cancellation']);
    expect(await fixture.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
    // A second read decides that it is not there.
    const notFound = 'GetServiceInstance: ResourceNotFoundException';
    expect(fixture.recorder.callsOf('proton')).toEqual([notFound, notFound]);
    expectNoSecrets(fixture.recorder);
  });

  test.each([
    ['ssm:PutParameter', /: the workflow that cancels could not be started: ssm:PutParameter on arn:\S+ failed with/],
    [
      'states:StartExecution',
      /: the workflow that cancels could not be started: states:StartExecution on arn:\S+ failed with/,
    ],
    ['cloudformation:DescribeStacks', /: nothing was cancelled: the stack is in a status that could not be read/],
  ])('after a create without the permission %s', async (action, reason) => {
    const fixture = await EmulatorFixture.start({ assembly, seed: inFlight });
    const { status } = await fixture.create(withoutPermission(stack, action));
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(fixture.requests).toEqual(['Create Cancellation', 'Delete Cancellation']);
    expect(fixture.recorder.events.find((event) => event.status === 'CREATE_FAILED')?.statusReason).toMatch(reason);
    expect(fixture.recorder.callsOf('proton')).toEqual([]);
    expectNoSecrets(fixture.recorder);
  });
});

test('an update cancels nothing if the status of the stack cannot be read', async () => {
  const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2, 10) });
  await fixture.create(stack);
  await fixture.pass(10 * 60);
  const retriggered = stackOf(cancellationStack({ trigger: 'two' }));
  expect(await fixture.update(withoutPermission(retriggered, 'cloudformation:DescribeStacks'))).toMatchObject({
    status: 'UPDATE_ROLLBACK_COMPLETE',
  });
  expect(fixture.recorder.events.find((event) => event.status === 'UPDATE_FAILED')?.statusReason).toContain(
    'nothing was cancelled: the stack is in a status that could not be read',
  );
  expect(fixture.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
  expectNoSecrets(fixture.recorder);
});

test('a create that is cancelled while it waits stops its execution, with an ID that CloudFormation generated', async () => {
  const fixture = await EmulatorFixture.start({ assembly, seed: scenario('slow').seed, consistency: 'strong' });
  const failing = cancellationStack({}, (_cancellation, scope) => check(scope, { afterSeconds: 60, fails: true }));
  expect(await fixture.create(stackOf(failing))).toMatchObject({ status: 'ROLLBACK_COMPLETE' });

  const deletion = fixture.recorder.requests.find(({ RequestType }) => RequestType === 'Delete');
  expect(deletion?.PhysicalResourceId).toMatch(/^Stack-Cancellation\w+-[0-9A-Z]{12}$/);
  expect(fixture.emulator.stepFunctions.executions).toMatchObject([
    { status: 'ABORTED', error: 'NoLongerRequested', startDate: fixture.clock.now() - 60_000 },
  ]);
  expect(fixture.deployments).toEqual(['CANCELLING']);
  expectNoSecrets(fixture.recorder);
});

test('an update that is cancelled stops the executions of its own requests only', async () => {
  const slow = (name: string) => ({
    name,
    environmentName: 'prod',
    deployments: [{ at: 5 * MINUTES, onCancel: { steps: [{ after: 20 * MINUTES, status: 'CANCELLED' as const }] } }],
  });
  const fixture = await EmulatorFixture.start({
    assembly,
    seed: { services: [{ name: 'web', instances: [slow('web-prod'), slow('web-stage')] }] },
  });
  const { stepFunctions } = fixture.emulator;
  await fixture.create(stack);
  await fixture.pass(5 * 60);

  // An execution that was started manually.
  const [created] = stepFunctions.executions;
  const { cloudFormation, requestedAt, ...input } = JSON.parse(created?.input ?? '') as {
    cloudFormation: object;
    requestedAt: string;
  };
  expect([typeof cloudFormation, typeof requestedAt]).toEqual(['object', 'string']);
  const stateMachineArn = created?.stateMachineArn ?? '';
  const byHand = stepFunctions.startExecution({ stateMachineArn, name: 'by-hand', input: JSON.stringify(input) });

  const failing = cancellationStack({ trigger: 'two' }, (cancellation, scope) => {
    new DeploymentCancellation(scope, 'Another', {
      deployment: ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-stage' }),
    });
    check(scope, { afterSeconds: 60, fails: true }).node.addDependency(cancellation.workflow);
  });
  expect(await fixture.update(stackOf(failing))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
  expect(fixture.requests.slice(1).sort()).toEqual([
    'Create Another',
    'Delete Another',
    'Update Cancellation',
    'Update Cancellation',
  ]);
  expect(stepFunctions.executions.map(({ status, error }) => [status, error])).toEqual([
    ['SUCCEEDED', undefined],
    ['RUNNING', undefined],
    ['ABORTED', 'NoLongerRequested'],
    ['ABORTED', 'NoLongerRequested'],
  ]);

  await fixture.pass(20 * 60);
  expect(JSON.parse(byHand.output ?? '')).toMatchObject({ outcome: 'CANCELLED' });
  expectNoSecrets(fixture.recorder);
});

import { MINUTES } from '../../emulator/services/proton/plan';
import { scenario } from '../../emulator/services/proton/scenarios';
import { DeploymentCancellation, ProtonDeployment } from '../../lib/index';
import { Bench, cancellationStack, check, checkedStack, deployedAt, stackOf, withoutPermission } from './cloud-fixture';
import { expectDiscretion } from './recorder';

const assembly = cancellationStack({ trigger: 'one' });
const stack = stackOf(assembly);

/** What a stack came to, and the values of its outputs. */
function ending({ status, outputs }: { status: string; outputs: readonly { value: string }[] }): string[] {
  return [status, ...outputs.map(({ value }) => value)];
}

test('a stack cancels when it is created and when its trigger changes, and at no other time', async () => {
  const bench = await Bench.start({ assembly, seed: deployedAt(-2, 10, 20, 30, 40) });
  const { witness } = bench;
  expect(ending(await bench.create(stack))).toEqual(['CREATE_COMPLETE', 'CANCELLED']);
  expect(bench.deployments).toEqual(['CANCELLED']);

  await bench.pass(10 * 60);
  const retriggered = stackOf(cancellationStack({ trigger: 'two' }));
  expect(ending(await bench.update(retriggered))).toEqual(['UPDATE_COMPLETE', 'CANCELLED']);
  expect(bench.deployments).toEqual(['CANCELLED', 'CANCELLED']);
  expect(bench.requests).toEqual(['Create Cancellation', 'Update Cancellation']);

  // An update that changes nothing about the cancellation makes no event.
  await bench.pass(10 * 60);
  expect(ending(await bench.update(checkedStack({ trigger: 'two' }, {})))).toEqual(['UPDATE_COMPLETE', 'CANCELLED']);
  expect(bench.requests).toHaveLength(2);
  expect(bench.deployments.at(-1)).toBe('IN_PROGRESS');

  // One that cancels, and is taken back when something else fails, leaves alone what was started in the meantime.
  await bench.pass(10 * 60);
  const failing = checkedStack({ trigger: 'three' }, { afterSeconds: 15 * 60, fails: true });
  expect(ending(await bench.update(failing))).toEqual(['UPDATE_ROLLBACK_COMPLETE', 'CANCELLED']);
  expect(bench.requests.slice(2)).toEqual(['Update Cancellation', 'Update Cancellation']);
  const left = ['CANCELLED', 'CANCELLED', 'SUCCEEDED', 'CANCELLED', 'IN_PROGRESS'];
  expect(bench.deployments).toEqual(left);

  // After that, the cancellation is what it was, and its attributes say that nothing was done.
  expect(ending(await bench.update(checkedStack({ trigger: 'two' }, { afterSeconds: 1 })))).toEqual([
    'UPDATE_COMPLETE',
    'UNKNOWN',
  ]);
  expect(bench.requests).toHaveLength(4);

  expect(await bench.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
  expect(bench.requests.slice(4)).toEqual(['Delete Cancellation']);
  expect(bench.deployments).toEqual(left);
  expect(witness.cloud.stepFunctions.executions).toHaveLength(3);
  expectDiscretion(witness);
});

describe('deletion succeeds and cancels nothing', () => {
  const inFlight = deployedAt(-2, 10);

  test.each([
    ['while a deployment is in flight', stack, undefined],
    ['when Proton is gone', stack, { kind: 'reset' } as const],
    ['when running executions may not be listed', withoutPermission(stack, 'states:ListExecutions'), undefined],
    ['when executions may not be stopped', withoutPermission(stack, 'states:StopExecution'), undefined],
  ])('%s', async (_when, deployed, protonFault) => {
    const bench = await Bench.start({ assembly, seed: inFlight });
    expect(await bench.create(deployed)).toMatchObject({ status: 'CREATE_COMPLETE' });
    await bench.pass(10 * 60);
    const calls = bench.witness.callsOf('proton').length;
    bench.faults = ({ service }) => (service === 'proton' ? protonFault : undefined);

    expect(await bench.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(bench.witness.callsOf('proton')).toHaveLength(calls);
    expect(bench.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    expectDiscretion(bench.witness);
  });

  test('after a create that failed, whose rollback deletes as well', async () => {
    const bench = await Bench.start({ assembly, seed: scenario('not-found').seed });
    expect(await bench.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(bench.requests).toEqual(['Create Cancellation', 'Delete Cancellation']);
    expect(await bench.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(bench.witness.callsOf('proton')).toEqual(['GetServiceInstance: ResourceNotFoundException']);
    expectDiscretion(bench.witness);
  });

  test.each([
    ['ssm:PutParameter', 'the workflow that cancels could not be started: ssm:PutParameter failed with'],
    ['states:StartExecution', 'the workflow that cancels could not be started: states:StartExecution failed with'],
    ['cloudformation:DescribeStacks', 'nothing was cancelled: the stack is in a status that could not be read'],
  ])('after a create that was not allowed %s', async (action, reason) => {
    const bench = await Bench.start({ assembly, seed: inFlight });
    const { status } = await bench.create(withoutPermission(stack, action));
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(bench.requests).toEqual(['Create Cancellation', 'Delete Cancellation']);
    expect(bench.witness.events.find((event) => event.status === 'CREATE_FAILED')?.statusReason).toContain(reason);
    expect(bench.witness.callsOf('proton')).toEqual([]);
    expectDiscretion(bench.witness);
  });
});

test('an update cancels nothing where it cannot be told from a rollback', async () => {
  const bench = await Bench.start({ assembly, seed: deployedAt(-2, 10) });
  await bench.create(stack);
  await bench.pass(10 * 60);
  const retriggered = stackOf(cancellationStack({ trigger: 'two' }));
  expect(await bench.update(withoutPermission(retriggered, 'cloudformation:DescribeStacks'))).toMatchObject({
    status: 'UPDATE_ROLLBACK_COMPLETE',
  });
  expect(bench.witness.events.find((event) => event.status === 'UPDATE_FAILED')?.statusReason).toContain(
    'nothing was cancelled: the stack is in a status that could not be read',
  );
  expect(bench.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
  expectDiscretion(bench.witness);
});

test('a create that is given up while it waits stops its own execution, under an id that CloudFormation invented', async () => {
  const bench = await Bench.start({ assembly, seed: scenario('slow').seed });
  const failing = cancellationStack({}, (_cancellation, scope) => check(scope, { afterSeconds: 60, fails: true }));
  expect(await bench.create(stackOf(failing))).toMatchObject({ status: 'ROLLBACK_COMPLETE' });

  const deletion = bench.witness.requests.find(({ RequestType }) => RequestType === 'Delete');
  expect(deletion?.PhysicalResourceId).toMatch(/^Stack-Cancellation\w+-[0-9A-Z]{12}$/);
  expect(bench.cloud.stepFunctions.executions).toMatchObject([
    { status: 'ABORTED', error: 'NoLongerAsked', startDate: bench.clock.now() - 60_000 },
  ]);
  expect(bench.deployments).toEqual(['CANCELLING']);
  expectDiscretion(bench.witness);
});

test('an update that is given up stops what its own requests have started, and nothing else', async () => {
  const slow = (name: string) => ({
    name,
    environmentName: 'prod',
    deployments: [{ at: 5 * MINUTES, onCancel: { steps: [{ after: 20 * MINUTES, status: 'CANCELLED' as const }] } }],
  });
  const bench = await Bench.start({
    assembly,
    seed: { services: [{ name: 'web', instances: [slow('web-prod'), slow('web-stage')] }] },
  });
  const { stepFunctions } = bench.cloud;
  await bench.create(stack);
  await bench.pass(5 * 60);

  // Somebody starts the workflow by hand.
  const [created] = stepFunctions.executions;
  const { cloudFormation, ...input } = JSON.parse(created?.input ?? '') as { cloudFormation: object };
  expect(cloudFormation).toBeDefined();
  const stateMachineArn = created?.stateMachineArn ?? '';
  const byHand = stepFunctions.startExecution({ stateMachineArn, name: 'by-hand', input: JSON.stringify(input) });

  const failing = cancellationStack({ trigger: 'two' }, (cancellation, scope) => {
    new DeploymentCancellation(scope, 'Another', {
      deployment: ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-stage' }),
    });
    check(scope, { afterSeconds: 60, fails: true }).node.addDependency(cancellation.workflow);
  });
  expect(await bench.update(stackOf(failing))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
  expect(bench.requests.slice(1).sort()).toEqual([
    'Create Another',
    'Delete Another',
    'Update Cancellation',
    'Update Cancellation',
  ]);
  expect(stepFunctions.executions.map(({ status, error }) => [status, error])).toEqual([
    ['SUCCEEDED', undefined],
    ['RUNNING', undefined],
    ['ABORTED', 'NoLongerAsked'],
    ['ABORTED', 'NoLongerAsked'],
  ]);

  await bench.pass(20 * 60);
  expect(JSON.parse(byHand.output ?? '')).toMatchObject({ outcome: 'CANCELLED' });
  expectDiscretion(bench.witness);
});

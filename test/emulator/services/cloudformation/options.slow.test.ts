import { CfnOutput, Stack } from 'aws-cdk-lib';
import { SimulatedStacks } from '../../../../emulator/services/cloudformation/simulated-stacks';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import {
  CancelOnRollback,
  DeploymentCancellation,
  OnRollbackFailed,
  StackUpdate,
  type StackUpdateOptions,
} from '../../../../lib/index';
import { assemble, check, closeClouds, denials, removeAssemblies, startCloud } from './stack-updates';

// Whole stacks, on a machine that has other things to do.
jest.setTimeout(120_000);

afterEach(closeClouds);
afterAll(removeAssemblies);

const CONTINUE = { onRollbackFailed: OnRollbackFailed.CONTINUE, resourcesToSkip: ['Service'] };

/** Deploys a stack that cancels a simulated one in a scenario, where reads are behind. */
async function cancel(scenario: string, options: StackUpdateOptions, build = cancelWeb) {
  const { assembly, stack } = assemble((app) => build(new Stack(app, 'Canceller'), options));
  const { services } = scenarioOf('cloudformation-stack-update', scenario);
  const { emulator, calls, release } = await startCloud(assembly, { services, consistency: 'eventual' });
  const created = emulator.cloudFormation.createStack(stack('Canceller'));
  release();
  const { status, outputs } = await created;
  const [simulated] = emulator.simulatedServices.filter((one) => one instanceof SimulatedStacks);
  const changes = calls.filter((call) => !call.startsWith('Describe'));
  const values = Object.fromEntries(outputs.map(({ key, value }) => [key, value]));
  return { status, outputs: values, changes, requests: simulated?.acceptedRequests, denied: denials(calls) };
}

function cancelWeb(stack: Stack, options: StackUpdateOptions): void {
  const deployment = StackUpdate.fromStackName('web', options);
  const { outcome, deploymentStatus } = new DeploymentCancellation(stack, 'C', { deployment, output: false });
  for (const [id, value] of Object.entries({ outcome, deploymentStatus })) new CfnOutput(stack, id, { value });
}

test('a stack continues the failed rollback of another stack once', async () => {
  const { status, outputs, requests, denied } = await cancel('cancel-fails', CONTINUE);
  expect(status).toBe('CREATE_COMPLETE');
  expect(outputs).toEqual({ outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE' });
  expect(requests?.map(({ operation, resourcesToSkip }) => [operation, resourcesToSkip])).toEqual([
    ['ContinueUpdateRollback', ['Service']],
  ]);
  expect(denied).toEqual([]);
});

test('a stack without the option continues nothing', async () => {
  const { outputs, requests, changes } = await cancel('cancel-fails', { deleteOnCreate: true });
  expect(outputs).toEqual({ outcome: 'CANCEL_FAILED', deploymentStatus: 'UPDATE_ROLLBACK_FAILED' });
  expect(requests).toEqual([]);
  expect(new Set(changes.filter((call) => call.endsWith('ok')))).toEqual(new Set(['CancelUpdateStack: ok']));
});

test('a stack deletes another stack that is being created, and waits until it is deleted', async () => {
  const { status, outputs, requests, denied } = await cancel('creating', { deleteOnCreate: true });
  expect(status).toBe('CREATE_COMPLETE');
  expect(outputs).toEqual({ outcome: 'CANCELLED', deploymentStatus: 'DELETE_COMPLETE' });
  expect(requests?.map(({ operation, status: at }) => [operation, at])).toEqual([
    ['DeleteStack', 'CREATE_IN_PROGRESS'],
  ]);
  expect(denied).toEqual([]);
});

test('a stack without the option deletes nothing', async () => {
  const { status, requests, changes } = await cancel('creating', CONTINUE);
  expect(status).toBe('ROLLBACK_COMPLETE');
  expect(requests).toEqual([]);
  expect(changes).toEqual([]);
});

test('a guard does not delete a stack whose creation was in progress before the guard was armed', async () => {
  const { status, requests, changes } = await cancel('creating', { deleteOnCreate: true }, (stack, options) => {
    const deployment = StackUpdate.fromStackName('web', options);
    const checked = check(stack, '1', 30, true);
    new CancelOnRollback(stack, 'Guard', { deployment, trigger: '1' }).protect(checked);
  });
  expect(status).toBe('ROLLBACK_COMPLETE');
  expect(requests).toEqual([]);
  expect(changes).toEqual([]);
});

import { Aws, CfnResource, Fn, Stack } from 'aws-cdk-lib';
import { VirtualClock } from '../../../../emulator/core/clock';
import { scenario as protonScenario } from '../../../../emulator/services/proton/scenarios';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import { run } from '../../../../emulator/simulation/run';
import { SCENARIO_NAMES } from '../../../../emulator/simulation/scenarios';
import {
  CancelOnRollback,
  DeploymentCancellation,
  DeploymentFleet,
  FleetCancellation,
  ProtonDeployment,
  StackUpdate,
} from '../../../../lib/index';
import { ENDS } from '../../../lambda/deployment/services/stack-outcomes';
import { deniedOperations } from '../../emulator-fixture';
import { assemble, cancelWeb, check, closeClouds, denials, removeAssemblies, startCloud } from './stack-updates';

// Whole stacks, on a machine that has other things to do.
jest.setTimeout(120_000);

afterEach(closeClouds);
afterAll(removeAssemblies);

test.each(SCENARIO_NAMES)('%s, with the real template, bundle and state machine', async (name) => {
  const { outcome, deploymentStatus, failed } = ENDS[name];
  const { assembly } = assemble((app) => cancelWeb(new Stack(app, 'Canceller')));
  const scenario = { ...scenarioOf('cloudformation-stack-update', name), name };
  const { stackStatus, statusReason, outputs, history } = await run({ clock: new VirtualClock(), assembly, scenario });
  expect(stackStatus).toBe(failed ? 'ROLLBACK_COMPLETE' : 'CREATE_COMPLETE');
  if (failed) expect(statusReason).toContain('stack web');
  else
    expect(outputs).toMatchObject({
      outcome,
      deploymentStatus,
      deploymentId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  const calls = history.flatMap((event) => (event.kind === 'call' ? [event] : []));
  expect(deniedOperations(calls)).toEqual(name === 'access-denied' ? ['CancelUpdateStack'] : []);
});

const outputsOf = ({ outputs }: { outputs: readonly { key: string; value: string }[] }) =>
  Object.fromEntries(outputs.map(({ key, value }) => [key, value]));

/** A stack `web` whose updates take ten minutes. */
const web = (version: string) => (stack: Stack) => void check(stack, version, 600);

test('one stack cancels the update of another stack, which rolls back', async () => {
  const { assembly, stack } = assemble((app) => {
    web('1')(new Stack(app, 'Before', { stackName: 'web' }));
    web('2')(new Stack(app, 'After', { stackName: 'web' }));
    cancelWeb(new Stack(app, 'Canceller'));
  });
  const { emulator, calls, release } = await startCloud(assembly);
  const { cloudFormation } = emulator;
  const created = cloudFormation.createStack(stack('Before'));
  release();
  await created;

  const updated = cloudFormation.updateStack(stack('After'));
  const cancelled = await cloudFormation.createStack(stack('Canceller'));
  const { status, stackId, creationTime, lastOperations } = await updated;
  expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(lastOperations.map(({ type }) => type)).toEqual(['ROLLBACK', 'UPDATE_STACK']);
  expect(cancelled.status).toBe('CREATE_COMPLETE');
  expect(outputsOf(cancelled)).toEqual({
    outcome: 'CANCELLED',
    deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE',
    deploymentId: lastOperations[1]?.id,
    arn: stackId,
    name: 'web',
    createdAt: new Date(creationTime).toISOString(),
  });
  expect(denials(calls)).toEqual([]);
  expect(calls.filter((call) => call.startsWith('Cancel'))).toEqual(['CancelUpdateStack: ok']);
});

test('the creation of a stack is not cancelled', async () => {
  const { assembly, stack } = assemble((app) => {
    web('1')(new Stack(app, 'Web', { stackName: 'web' }));
    cancelWeb(new Stack(app, 'Canceller'));
  });
  const { emulator, calls, release } = await startCloud(assembly);
  const created = emulator.cloudFormation.createStack(stack('Web'));
  const refused = emulator.cloudFormation.createStack(stack('Canceller'));
  release();
  expect((await created).status).toBe('CREATE_COMPLETE');
  expect((await refused).status).toBe('ROLLBACK_COMPLETE');
  expect(calls.filter((call) => call.startsWith('Cancel'))).toEqual([]);
});

test('a stack may not cancel itself by a name that is only known at deployment', async () => {
  const { assembly, stack } = assemble((app) => {
    web('1')(new Stack(app, 'Before', { stackName: 'Own' }));
    const after = new Stack(app, 'After', { stackName: 'Own' });
    web('1')(after);
    new DeploymentCancellation(after, 'C', {
      deployment: StackUpdate.fromStackName(Fn.select(1, Fn.split('/', Aws.STACK_ID))),
    });
  });
  const reasons: string[] = [];
  const { emulator, calls, release } = await startCloud(assembly, {
    onStackEvent: ({ status, statusReason = '' }) => void (status.endsWith('_FAILED') && reasons.push(statusReason)),
  });
  const created = emulator.cloudFormation.createStack(stack('Before'));
  release();
  await created;
  const { status } = await emulator.cloudFormation.updateStack(stack('After'));
  expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
  // It is denied for a minute before that is final.
  const cancels = new Set(calls.filter((call) => call.startsWith('Cancel')));
  expect([...cancels]).toEqual(['CancelUpdateStack: AccessDenied']);
  expect(reasons.join()).toContain('no stack is allowed to cancel its own update');
});

test('a guard cancels the update that its stack started when the stack rolls back', async () => {
  const { assembly, stack } = assemble((app) => {
    web('1')(new Stack(app, 'Before', { stackName: 'web' }));
    web('2')(new Stack(app, 'After', { stackName: 'web' }));
    const release = new Stack(app, 'Release');
    const starts = new CfnResource(release, 'Starts', { type: 'Test::StartsUpdate' });
    const checked = check(release, '1', 30, true);
    checked.addResourceDependency(starts);
    const deployment = StackUpdate.fromStackName('web');
    new CancelOnRollback(release, 'Guard', { deployment, trigger: '1' }).protect(starts, checked);
  });
  let updated: ReturnType<typeof cloudFormation.updateStack> | undefined;
  const { emulator, calls, release } = await startCloud(assembly, {
    props: (current) => ({
      'Test::StartsUpdate': {
        create: async ({ logicalId }) => {
          updated = current().cloudFormation.updateStack(stack('After'));
          return { physicalId: logicalId, attributes: {} };
        },
        update: async (_request, { state }) => state,
        delete: async () => undefined,
      },
    }),
  });
  const { cloudFormation } = emulator;
  const created = cloudFormation.createStack(stack('Before'));
  release();
  await created;
  expect((await cloudFormation.createStack(stack('Release'))).status).toBe('ROLLBACK_COMPLETE');
  expect((await updated)?.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(calls.filter((call) => call.startsWith('Cancel'))).toEqual(['CancelUpdateStack: ok']);
  expect(denials(calls)).toEqual([]);
});

test('a fleet cancels the update of a stack with a deployment of Proton', async () => {
  const { assembly, stack } = assemble((app) => {
    const canceller = new Stack(app, 'Canceller');
    new FleetCancellation(canceller, 'Fleet', {
      fleet: DeploymentFleet.fromDeployments([
        StackUpdate.fromStackName('web'),
        ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' }),
      ]),
    });
  });
  const { services } = scenarioOf('cloudformation-stack-update', 'cancelled');
  const { emulator, calls, release } = await startCloud(assembly, { seed: protonScenario('cancelled').seed, services });
  const created = emulator.cloudFormation.createStack(stack('Canceller'));
  release();
  const description = await created;
  expect(Object.values(outputsOf(description))).toEqual(['2 deployments: 2 cancelled']);
  expect(
    emulator.simulatedServices.flatMap(({ acceptedCancels }) => acceptedCancels.map(({ resource }) => resource)).sort(),
  ).toEqual(['service/web/service-instance/web-prod', 'web']);
  expect(denials(calls)).toEqual([]);
});

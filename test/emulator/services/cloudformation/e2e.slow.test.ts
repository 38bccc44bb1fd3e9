import { Stack } from 'aws-cdk-lib';
import { VirtualClock } from '../../../../emulator/core/clock';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import { run } from '../../../../emulator/simulation/run';
import { SCENARIO_NAMES, type ScenarioName } from '../../../../emulator/simulation/scenarios';
import { ENDS } from '../../../lambda/deployment/services/stack-outcomes';
import { deniedOperations } from '../../emulator-fixture';
import { assemble, cancelWeb, removeAssemblies } from './stack-updates';

jest.setTimeout(120_000);

afterAll(removeAssemblies);

const { assembly } = assemble((app) => cancelWeb(new Stack(app, 'Canceller')));
const play = (name: ScenarioName) =>
  run({
    clock: new VirtualClock(),
    assembly,
    scenario: { ...scenarioOf('cloudformation-stack-update', name), name },
  });

test.each(SCENARIO_NAMES)('%s, with the real template, bundle and state machine', async (name) => {
  const { outcome, deploymentStatus, failed } = ENDS[name];
  const { stackStatus, statusReason, outputs, history } = await play(name);
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

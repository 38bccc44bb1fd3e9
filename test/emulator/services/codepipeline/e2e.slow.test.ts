import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { VirtualClock } from '../../../../emulator/core/clock';
import { MINUTES, SECONDS } from '../../../../emulator/core/plan';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import { run } from '../../../../emulator/simulation/run';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { CodePipelineExecution, DeploymentCancellation, DeploymentFleet, FleetCancellation } from '../../../../lib';
import { assemble, deniedOperations, deployedAt, EmulatorFixture, stackOf, WEB_PROD } from '../../emulator-fixture';
import { serviceWith } from '../service-with';

const RELEASE = CodePipelineExecution.fromPipelineName('release');

const assembly = assemble((app) => {
  const stack = new Stack(app, 'Stack');
  const cancellation = new DeploymentCancellation(stack, 'Cancellation', { deployment: RELEASE, output: false });
  const { deploymentStatus, outcome, deploymentId } = cancellation;
  const values = { deploymentStatus, outcome, deploymentId };
  for (const [id, value] of Object.entries(values)) new CfnOutput(stack, id, { value });
});

/** Deploys the stack: the real template, bundle and state machine. The role allows every call of the function. */
async function play(name: ScenarioName) {
  const scenario = scenarioOf('codepipeline-execution', name);
  const report = await run({ clock: new VirtualClock(), assembly, scenario });
  const calls = report.history.flatMap((event) => (event.kind === 'call' ? [event] : []));
  expect(deniedOperations(calls)).toEqual([]);
  return { ...report, stops: calls.filter(({ operation }) => operation === 'StopPipelineExecution').length };
}

test.each<[ScenarioName, string, string]>([
  ['cancelled', 'CANCELLED', 'Stopped'],
  ['overtaken', 'COMPLETED_FIRST', 'Succeeded'],
])(
  'a stack that cancels the execution of a pipeline outputs the result: %s',
  async (name, outcome, deploymentStatus) => {
    const { stackStatus, outputs, stops } = await play(name);
    expect(stackStatus).toBe('CREATE_COMPLETE');
    expect(outputs).toMatchObject({
      outcome,
      deploymentStatus,
      deploymentId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(stops).toBe(1);
  },
);

test('a stack fails with the reason if the pipeline does not exist', async () => {
  const { stackStatus, statusReason, stops } = await play('not-found');
  expect(stackStatus).toBe('ROLLBACK_COMPLETE');
  expect(statusReason).toContain('pipeline release was not found');
  expect(stops).toBe(0);
});

test('an execution that is still stopping after the time is abandoned, with the reads of an eventual service', async () => {
  const later = assemble((app) => {
    const deployment = CodePipelineExecution.fromPipelineName('release', { abandonAfter: Duration.minutes(5) });
    const stack = new Stack(app, 'Stack');
    const { outcome } = new DeploymentCancellation(stack, 'Cancellation', { deployment, output: false });
    new CfnOutput(stack, 'Outcome', { value: outcome });
  });
  const services = [serviceWith('codepipeline-execution', { at: -2 * MINUTES, onCancel: { steps: [] } })];
  const fixture = await EmulatorFixture.start({ assembly: later, seed: {}, services, consistency: 'eventual' });
  const { status, outputs } = await fixture.create(stackOf(later));
  expect({ status, outcome: outputs[0]?.value }).toEqual({ status: 'CREATE_COMPLETE', outcome: 'CANCELLED' });
  const stops = fixture.recorder.calls.filter(({ call }) => call.operation === 'StopPipelineExecution');
  const changes = fixture.emulator.services.flatMap(({ simulated }) => simulated.history);
  const id = changes[0]?.deploymentId;
  expect(stops.map(({ call }) => call.input)).toEqual([
    expect.objectContaining({ pipelineExecutionId: id, abandon: false }),
    expect.objectContaining({ pipelineExecutionId: id, abandon: true }),
  ]);
  expect(changes.map((change) => change.status)).toEqual(['InProgress', 'Stopping', 'Stopped']);
  const [, stopped, abandoned] = changes.map(({ at }) => at);
  expect((abandoned ?? 0) - (stopped ?? 0)).toBeGreaterThanOrEqual(5 * MINUTES);
});

test('a fleet cancels it with a deployment of Proton', async () => {
  const both = assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const fleet = DeploymentFleet.fromDeployments([WEB_PROD, RELEASE]);
    const { summary } = new FleetCancellation(stack, 'Fleet', { fleet, output: false });
    new CfnOutput(stack, 'Summary', { value: summary });
  });
  const stopped = { steps: [{ after: 40 * SECONDS, status: 'Stopped' as const }] };
  const services = [serviceWith('codepipeline-execution', { at: -2 * MINUTES, onCancel: stopped })];
  const fixture = await EmulatorFixture.start({ assembly: both, seed: deployedAt(-2), services });
  const { status, outputs } = await fixture.create(stackOf(both));
  expect({ status, summary: outputs[0]?.value }).toEqual({
    status: 'CREATE_COMPLETE',
    summary: '2 deployments: 2 cancelled',
  });
  expect(fixture.emulator.services.map(({ simulated }) => simulated.acceptedCancels.length)).toEqual([1]);
});

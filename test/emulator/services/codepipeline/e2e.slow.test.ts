import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { MINUTES, SECONDS } from '../../../../emulator/core/plan';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { CodePipelineExecution, DeploymentCancellation } from '../../../../lib';
import { assemble, EmulatorFixture, stackOf } from '../../emulator-fixture';
import { expectFleetWithProton, play } from '../end-to-end';
import { serviceWith } from '../service-with';

const KIND = 'codepipeline-execution';
const RELEASE = CodePipelineExecution.fromPipelineName('release');

const assembly = assemble((app) => {
  const stack = new Stack(app, 'Stack');
  const cancellation = new DeploymentCancellation(stack, 'Cancellation', { deployment: RELEASE, output: false });
  const { deploymentStatus, outcome, deploymentId } = cancellation;
  const values = { deploymentStatus, outcome, deploymentId };
  for (const [id, value] of Object.entries(values)) new CfnOutput(stack, id, { value });
});

test.each<[ScenarioName, string, string]>([
  ['cancelled', 'CANCELLED', 'Stopped'],
  ['overtaken', 'COMPLETED_FIRST', 'Succeeded'],
])(
  'a stack that cancels the execution of a pipeline outputs the result: %s',
  async (name, outcome, deploymentStatus) => {
    const { stackStatus, outputs, calls } = await play(KIND, assembly, name);
    expect(stackStatus).toBe('CREATE_COMPLETE');
    expect(outputs).toMatchObject({
      outcome,
      deploymentStatus,
      deploymentId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(calls.filter((operation) => operation === 'StopPipelineExecution')).toHaveLength(1);
  },
);

test('a stack fails with the reason if the pipeline does not exist', async () => {
  const { stackStatus, statusReason, calls } = await play(KIND, assembly, 'not-found');
  expect(stackStatus).toBe('ROLLBACK_COMPLETE');
  expect(statusReason).toContain('pipeline release was not found');
  expect(calls).not.toContain('StopPipelineExecution');
});

test('an execution that is still stopping after the time is abandoned, with the reads of an eventual service', async () => {
  const later = assemble((app) => {
    const deployment = CodePipelineExecution.fromPipelineName('release', { abandonAfter: Duration.minutes(5) });
    const stack = new Stack(app, 'Stack');
    const { outcome } = new DeploymentCancellation(stack, 'Cancellation', { deployment, output: false });
    new CfnOutput(stack, 'Outcome', { value: outcome });
  });
  const services = [serviceWith(KIND, { at: -2 * MINUTES, onCancel: { steps: [] } })];
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

test('a fleet cancels it with a deployment of Proton', () => {
  const stopped = { steps: [{ after: 40 * SECONDS, status: 'Stopped' as const }] };
  return expectFleetWithProton(RELEASE, serviceWith(KIND, { at: -2 * MINUTES, onCancel: stopped }));
});

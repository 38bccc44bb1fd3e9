import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Execution } from '../../emulator/aws/step-functions/execution';
import { MINUTES } from '../../emulator/services/proton/plan';
import { DEFAULT_NAMES, seedOf } from '../../emulator/services/proton/target';
import {
  CancelDeploymentTask,
  type CancellationOptions,
  CancellationWorkflow,
  ProtonDeployment,
} from '../../lib/index';
import { assemble, EmulatorFixture, stackOf, WEB_PROD } from './emulator-fixture';

// Starts more than a thousand invocations.
jest.setTimeout(300_000);

const HOUR = 60 * MINUTES;

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_HISTORY_EVENTS = 25_000;

/**
 * Runs a state machine that cancels a deployment, which takes some hours.
 *
 * @param others the number of other cancellations of the stack
 */
async function cancelIn(hours: number, options: CancellationOptions, others = 0) {
  const assembly = assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const task = new CancelDeploymentTask(stack, 'Cancel', { deployment: WEB_PROD, ...options });
    for (let index = 0; index < others; index++) {
      const deployment = ProtonDeployment.environment({ environmentName: `other-${index}` });
      CancellationWorkflow.of(stack).inputFor(deployment);
    }
    const machine = new StateMachine(stack, 'Mine', { definitionBody: DefinitionBody.fromChainable(task) });
    new CfnOutput(stack, 'Arn', { value: machine.stateMachineArn });
  });
  const deployments = [
    { at: -2 * MINUTES, onCancel: { steps: [{ after: hours * HOUR, status: 'CANCELLED' as const }] } },
  ];
  const fixture = await EmulatorFixture.start({
    assembly,
    seed: seedOf({ kind: 'proton-service-instance', ...DEFAULT_NAMES }, { deployments }),
  });
  const { outputs } = await fixture.create(stackOf(assembly));
  // The policies of the state machine are not known everywhere at once.
  await fixture.pass(60);
  const { stepFunctions } = fixture.emulator;
  const mine = stepFunctions.startExecution({ stateMachineArn: outputs[0]?.value ?? '' });
  await fixture.pass(25 * 60 * 60);
  const [, cancellation] = stepFunctions.executions;
  if (!cancellation) throw new Error(`nothing was started: ${mine.cause}`);
  const reads = fixture.recorder.callsOf('proton').length;
  return { mine, cancellation, reads };
}

const secondsOf = ({ startDate, stopDate = Number.NaN }: Execution) => (stopDate - startDate) / 1000;

test('a task waits for a cancellation that takes 20 hours, at about a read a minute after 45 minutes', async () => {
  const { mine, cancellation, reads } = await cancelIn(20, { timeout: Duration.hours(24) });
  expect(mine.status).toBe('SUCCEEDED');
  expect(JSON.parse(mine.output ?? '')).toMatchObject({ outcome: 'CANCELLED', deploymentStatus: 'CANCELLED' });
  const seconds = secondsOf(cancellation);
  expect(seconds).toBeGreaterThan(20 * 3600);
  expect(seconds).toBeLessThan(20 * 3600 + 70);
  expect(reads).toBeLessThan(45 * 12 + 60 + 20 * 60);
  expect(cancellation.history.length).toBeLessThan(MAX_HISTORY_EVENTS / 2);
});

test('a task with the shortest interval, among others, times out after 24 hours, with room in the history', async () => {
  const options = { timeout: Duration.hours(24), pollInterval: Duration.seconds(1) };
  const { mine, cancellation } = await cancelIn(30, options, 3);
  expect(mine).toMatchObject({ status: 'FAILED', cause: expect.stringContaining('TIMED_OUT') });
  const seconds = secondsOf(cancellation);
  expect(seconds).toBeGreaterThanOrEqual(24 * 3600);
  expect(seconds).toBeLessThan(24 * 3600 + 10);
  expect(cancellation.history.length).toBeLessThan(MAX_HISTORY_EVENTS * 0.85);
});

import type { PipelineExecutionStatus } from '@aws-sdk/client-codepipeline';
import { Consistency } from '../../../../emulator/core/consistency';
import { MINUTES, SECONDS, type SeededDeployment } from '../../../../emulator/core/plan';
import { keyedRandom, seededRandom } from '../../../../emulator/core/seeded-random';
import { emulateCodePipeline } from '../../../../emulator/services/codepipeline/service';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { serviceWith } from '../../../emulator/services/service-with';
import { setUp } from '../run-to-end';
import { cancel, expectEnd } from './codepipeline-outcomes';

setUp();

type Execution = SeededDeployment<PipelineExecutionStatus>;

const of = (...executions: readonly Execution[]) => serviceWith('codepipeline-execution', ...executions);
const STOPPED = { steps: [{ after: 40 * SECONDS, status: 'Stopped' as const }] };
const running = (at: number): Execution => ({ at, onCancel: STOPPED });
const OVER: Execution = { at: -60 * MINUTES, steps: [{ after: MINUTES, status: 'Succeeded' }] };

test.each<ScenarioName>([
  'cancelled',
  'cancel-fails',
  'finishes-first',
  'nothing-to-cancel',
  'already-cancelling',
  'conflict',
  'not-found',
  'superseded',
  'overtaken',
  'vanishes',
])('%s', expectEnd);

test('of several executions in a queue, only the one that the others wait for is stopped', async () => {
  const { result, cancelled } = await cancel(of(running(-9 * MINUTES), running(-3 * MINUTES)));
  expect({ outcome: result.outcome, cancelled }).toEqual({ outcome: 'CANCELLED', cancelled: ['release 0'] });
});

test('an execution in flight is stopped although a newer one is over', async () => {
  const newer: Execution = { at: -3 * MINUTES, steps: [{ after: MINUTES, status: 'Succeeded' }] };
  const { result, cancelled } = await cancel(of(running(-9 * MINUTES), newer));
  expect({ outcome: result.outcome, cancelled }).toEqual({ outcome: 'CANCELLED', cancelled: ['release 0'] });
});

test('an execution that is specified by its id is stopped, and no newer one', async () => {
  const { result, ids, cancelled } = await cancel(of(running(-9 * MINUTES), running(-3 * MINUTES)), { byId: 0 });
  expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentId: ids[0] } });
  expect(cancelled).toEqual(['release 0']);
});

test('an execution that is specified by its id and is over has nothing to cancel, even if another one is in flight', async () => {
  const { result, cancelled } = await cancel(of(OVER, running(-3 * MINUTES)), { byId: 0 });
  expect({ outcome: result.outcome, cancelled }).toEqual({ outcome: 'NOTHING_TO_CANCEL', cancelled: [] });
});

test('an execution that a newer one supersedes in the pipeline is SUPERSEDED', async () => {
  const waiting: Execution = { at: -2 * MINUTES, onCancel: { steps: [{ after: 5 * SECONDS, status: 'Superseded' }] } };
  const { result } = await cancel(of(waiting));
  expect(result).toMatchObject({ outcome: 'SUPERSEDED', attributes: { deploymentStatus: 'Superseded' } });
});

test('a pipeline without executions has nothing to cancel', async () => {
  const { result } = await cancel((clock) => emulateCodePipeline({ pipelines: [{ name: 'release' }] }, clock));
  expect(result).toMatchObject({
    outcome: 'NOTHING_TO_CANCEL',
    reason: 'nothing to cancel: pipeline release has no deployment',
  });
});

test('a guard skips the execution that was in flight when it was armed, and stops one that has started since', async () => {
  const armed = await cancel(of(running(-2 * MINUTES)), { otherFields: { observeOnly: true } });
  expect(armed).toMatchObject({ result: { outcome: 'ARMED' }, cancelled: [] });
  const left = await cancel(of(running(-2 * MINUTES)), { otherFields: { ignoreDeploymentId: armed.ids[0] } });
  expect(left).toMatchObject({ result: { outcome: 'SKIPPED' }, cancelled: [] });
  const fired = await cancel(of(OVER, running(-MINUTES)), { otherFields: { ignoreDeploymentId: armed.ids[0] } });
  expect(fired).toMatchObject({ result: { outcome: 'CANCELLED' }, cancelled: ['release 1'] });
});

test('an execution that somebody has stopped is abandoned, if that is requested', async () => {
  const stopping: Execution = { at: -2 * MINUTES, steps: [{ after: 0, status: 'Stopping' }] };
  const waited = await cancel(of(stopping), { settings: { timeoutSeconds: 300 } });
  expect(waited.result.outcome).toBe('TIMED_OUT');
  const { result } = await cancel(of(stopping), { options: { abandon: true }, settings: { timeoutSeconds: 300 } });
  expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentStatus: 'Stopped' } });
});

describe('an execution that is abandoned after a time', () => {
  /** The actions in progress never complete. */
  const stuck: Execution = { at: -2 * MINUTES, onCancel: { steps: [] } };
  const AFTER_5_MINUTES = { options: { abandonAfterSeconds: 300 } };

  test.each([1, 2, 3])('is stopped, awaited and abandoned, with reads that are behind: seed %i', async (seed) => {
    const executions = [stuck];
    const eventual = (clock: Parameters<typeof emulateCodePipeline>[1]) =>
      emulateCodePipeline(
        { pipelines: [{ name: 'release', executions }] },
        clock,
        undefined,
        new Consistency('eventual', keyedRandom(seededRandom(seed))),
      );
    const { result, seconds, simulated, ids, cancelled } = await cancel(eventual, AFTER_5_MINUTES);
    expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentStatus: 'Stopped' } });
    expect(cancelled).toEqual(['release 0']);
    const statuses = simulated.history.flatMap((change) => ('status' in change ? [change.status] : []));
    expect(statuses.slice(-2)).toEqual(['Stopping', 'Stopped']);
    expect(ids).toHaveLength(1);
    // The time, and the seconds until the reads show it.
    expect(seconds).toBeGreaterThanOrEqual(300);
    expect(seconds).toBeLessThan(330);
  });

  test('is not abandoned if it stops before', async () => {
    const { result, simulated, ids } = await cancel(of(running(-2 * MINUTES)), AFTER_5_MINUTES);
    expect(result.outcome).toBe('CANCELLED');
    const [execution] = simulated.resources[0]?.deployments ?? [];
    expect(execution?.id).toBe(ids[0]);
    expect(execution && simulated.stopOf(execution)).toMatchObject({ abandon: false });
  });

  test('is not abandoned if it fails, or succeeds, before', async () => {
    for (const status of ['Failed', 'Succeeded'] as const) {
      const steps = [{ after: 4 * MINUTES, status }];
      const { simulated } = await cancel(of({ at: -2 * MINUTES, onCancel: { steps } }), AFTER_5_MINUTES);
      const [execution] = simulated.resources[0]?.deployments ?? [];
      expect(execution && simulated.stopOf(execution)).toMatchObject({ abandon: false });
    }
  });

  test('that somebody else has stopped is abandoned as well', async () => {
    const stopping: Execution = { at: -20 * MINUTES, steps: [{ after: 0, status: 'Stopping' }] };
    const { result, seconds } = await cancel(of(stopping), AFTER_5_MINUTES);
    expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentStatus: 'Stopped' } });
    expect(seconds).toBeGreaterThanOrEqual(300);
  });
});

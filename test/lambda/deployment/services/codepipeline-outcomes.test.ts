import type { PipelineExecutionStatus } from '@aws-sdk/client-codepipeline';
import { MINUTES, SECONDS, type SeededDeployment } from '../../../../emulator/core/plan';
import { embeddedCodePipeline } from '../../../../emulator/services/codepipeline/service';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { serviceWith } from '../../../emulator/services/service-with';
import { prepare } from '../run-to-end';
import { cancel, expectEnd } from './codepipeline-outcomes';

prepare();

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

test('of several in flight, the newest is stopped, and no other one', async () => {
  const { result, hits } = await cancel(of(running(-9 * MINUTES), running(-3 * MINUTES)));
  expect({ outcome: result.outcome, hits }).toEqual({ outcome: 'CANCELLED', hits: ['release 1'] });
});

test('one that is in flight is stopped though a newer one is over', async () => {
  const newer: Execution = { at: -3 * MINUTES, steps: [{ after: MINUTES, status: 'Succeeded' }] };
  const { result, hits } = await cancel(of(running(-9 * MINUTES), newer));
  expect({ outcome: result.outcome, hits }).toEqual({ outcome: 'CANCELLED', hits: ['release 0'] });
});

test('one that is named by its id is stopped, and no newer one', async () => {
  const { result, ids, hits } = await cancel(of(running(-9 * MINUTES), running(-3 * MINUTES)), { byId: 0 });
  expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentId: ids[0] } });
  expect(hits).toEqual(['release 0']);
});

test('one that is named by its id and is over has nothing to cancel, whatever is in flight', async () => {
  const { result, hits } = await cancel(of(OVER, running(-3 * MINUTES)), { byId: 0 });
  expect({ outcome: result.outcome, hits }).toEqual({ outcome: 'NOTHING_TO_CANCEL', hits: [] });
});

test('one whose place a newer one takes in the pipeline has given way', async () => {
  const waiting: Execution = { at: -2 * MINUTES, onCancel: { steps: [{ after: 5 * SECONDS, status: 'Superseded' }] } };
  const { result } = await cancel(of(waiting));
  expect(result).toMatchObject({ outcome: 'SUPERSEDED', attributes: { deploymentStatus: 'Superseded' } });
});

test('a pipeline that was never executed has nothing to cancel', async () => {
  const { result } = await cancel((clock) => embeddedCodePipeline({ pipelines: [{ name: 'release' }] }, clock));
  expect(result).toMatchObject({
    outcome: 'NOTHING_TO_CANCEL',
    reason: 'nothing to cancel: pipeline release has no deployment',
  });
});

test('a guard leaves what was in flight when it was armed, and stops what has started since', async () => {
  const armed = await cancel(of(running(-2 * MINUTES)), { more: { observeOnly: true } });
  expect(armed).toMatchObject({ result: { outcome: 'ARMED' }, hits: [] });
  const left = await cancel(of(running(-2 * MINUTES)), { more: { ignoreDeploymentId: armed.ids[0] } });
  expect(left).toMatchObject({ result: { outcome: 'SKIPPED' }, hits: [] });
  const fired = await cancel(of(OVER, running(-MINUTES)), { more: { ignoreDeploymentId: armed.ids[0] } });
  expect(fired).toMatchObject({ result: { outcome: 'CANCELLED' }, hits: ['release 1'] });
});

import { MINUTES } from '../../../../emulator/core/plan';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { setUp } from '../run-to-end';
import { cancelScenario, cancelUpdate, ENDS } from './stack-outcomes';

setUp();

test.each<ScenarioName>(['cancelled', 'conflict', 'superseded', 'overtaken', 'nothing-to-cancel', 'not-found'])(
  'the update of a stack: %s',
  async (name) => {
    const { outcome, deploymentStatus, failed = false, cancelled: expected } = ENDS[name];
    const { result, cancelled, pinned } = await cancelScenario(name);
    expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
    expect(result.attributes.deploymentId).toBe(pinned);
    expect(cancelled).toEqual(expected ? [expected] : []);
  },
);

test('the reason has the newer update that the cancellation may have reached', async () => {
  const { result, simulated } = await cancelScenario('overtaken');
  const newer = simulated.resources[0]?.deployments.at(-1)?.id;
  expect(result.reason).toContain(`a newer deployment, ${newer}, has taken its place, and the cancellation may have`);
});

test('an update that rolls back by itself is awaited, and nothing is cancelled', async () => {
  const failing = {
    at: -2 * MINUTES,
    steps: [
      { after: MINUTES, status: 'UPDATE_ROLLBACK_IN_PROGRESS' },
      { after: 3 * MINUTES, status: 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS' },
      { after: MINUTES, status: 'UPDATE_ROLLBACK_COMPLETE' },
    ],
  } as const;
  const { result, cancelled } = await cancelUpdate([{ name: 'web', updates: [failing] }]);
  expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE' } });
  expect(cancelled).toEqual([]);
});

test('an update that cleans up is awaited, and nothing is cancelled', async () => {
  const ending = {
    at: -2 * MINUTES,
    steps: [
      { after: MINUTES, status: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' },
      { after: 3 * MINUTES, status: 'UPDATE_COMPLETE' },
    ],
  } as const;
  const { result, cancelled } = await cancelUpdate([{ name: 'web', updates: [ending] }]);
  expect(result).toMatchObject({ outcome: 'COMPLETED_FIRST', attributes: { deploymentStatus: 'UPDATE_COMPLETE' } });
  expect(cancelled).toEqual([]);
});

test('the cancellation of a creation is refused with the reason', async () => {
  const creating = { at: -2 * MINUTES, steps: [{ after: MINUTES, status: 'CREATE_IN_PROGRESS' }] } as const;
  const { result, cancelled } = await cancelUpdate([{ name: 'web', updates: [creating] }]);
  expect(result).toMatchObject({ outcome: 'REFUSED', failed: true });
  expect(result.reason).toMatch(/^what is CREATE_IN_PROGRESS cannot be cancelled, and nothing was; /);
  expect(cancelled).toEqual([]);
});

test('a guard that was armed during an update skips it, and cancels the next one', async () => {
  const running = { at: -2 * MINUTES };
  const { result: armed, pinned } = await cancelUpdate([{ name: 'web', updates: [running] }], [], {
    otherFields: { observeOnly: true },
  });
  expect(armed).toMatchObject({ outcome: 'ARMED', attributes: { deploymentId: pinned } });
  const same = await cancelUpdate([{ name: 'web', updates: [running] }], [], {
    otherFields: { ignoreDeploymentId: pinned },
  });
  expect(same.result.outcome).toBe('SKIPPED');
  expect(same.cancelled).toEqual([]);
  const over = { at: -9 * MINUTES, steps: [{ after: MINUTES, status: 'UPDATE_COMPLETE' }] } as const;
  const next = await cancelUpdate([{ name: 'web', updates: [over, running] }], [], {
    otherFields: { ignoreDeploymentId: pinned },
  });
  expect(next.result.outcome).toBe('CANCELLED');
  expect(next.cancelled).toEqual(['pinned']);
});

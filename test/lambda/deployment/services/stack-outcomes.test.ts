import { MINUTES } from '../../../../emulator/core/plan';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { prepare } from '../run-to-end';
import { cancelScenario, cancelUpdate, ENDS } from './stack-outcomes';

prepare();

test.each<ScenarioName>(['cancelled', 'conflict', 'superseded', 'overtaken', 'nothing-to-cancel', 'not-found'])(
  'the update of a stack: %s',
  async (name) => {
    const { outcome, deploymentStatus, failed = false, hit } = ENDS[name];
    const { result, hits, pinned } = await cancelScenario(name);
    expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
    expect(result.attributes.deploymentId).toBe(pinned);
    expect(hits).toEqual(hit ? [hit] : []);
  },
);

test('a newer update that the cancellation may have reached is named', async () => {
  const { result, world } = await cancelScenario('overtaken');
  const newer = world.resources[0]?.deployments.at(-1)?.id;
  expect(result.reason).toContain(`a newer deployment, ${newer}, has taken its place, and the cancellation may have`);
});

test('an update that rolls back by itself is waited for, and nothing is cancelled', async () => {
  const failing = {
    at: -2 * MINUTES,
    steps: [
      { after: MINUTES, status: 'UPDATE_ROLLBACK_IN_PROGRESS' },
      { after: 3 * MINUTES, status: 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS' },
      { after: MINUTES, status: 'UPDATE_ROLLBACK_COMPLETE' },
    ],
  } as const;
  const { result, hits } = await cancelUpdate([{ name: 'web', updates: [failing] }]);
  expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE' } });
  expect(hits).toEqual([]);
});

test('an update that only cleans up any more is waited for, and nothing is cancelled', async () => {
  const ending = {
    at: -2 * MINUTES,
    steps: [
      { after: MINUTES, status: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' },
      { after: 3 * MINUTES, status: 'UPDATE_COMPLETE' },
    ],
  } as const;
  const { result, hits } = await cancelUpdate([{ name: 'web', updates: [ending] }]);
  expect(result).toMatchObject({ outcome: 'COMPLETED_FIRST', attributes: { deploymentStatus: 'UPDATE_COMPLETE' } });
  expect(hits).toEqual([]);
});

test('a creation is refused, and why', async () => {
  const creating = { at: -2 * MINUTES, steps: [{ after: MINUTES, status: 'CREATE_IN_PROGRESS' }] } as const;
  const { result, hits } = await cancelUpdate([{ name: 'web', updates: [creating] }]);
  expect(result).toMatchObject({ outcome: 'REFUSED', failed: true });
  expect(result.reason).toMatch(/^what is CREATE_IN_PROGRESS cannot be cancelled, and nothing was; /);
  expect(hits).toEqual([]);
});

test('a guard that was armed during an update leaves that one alone, and cancels the next one', async () => {
  const running = { at: -2 * MINUTES };
  const { result: armed, pinned } = await cancelUpdate([{ name: 'web', updates: [running] }], [], {
    more: { observeOnly: true },
  });
  expect(armed).toMatchObject({ outcome: 'ARMED', attributes: { deploymentId: pinned } });
  const same = await cancelUpdate([{ name: 'web', updates: [running] }], [], { more: { ignoreDeploymentId: pinned } });
  expect(same.result.outcome).toBe('SKIPPED');
  expect(same.hits).toEqual([]);
  const over = { at: -9 * MINUTES, steps: [{ after: MINUTES, status: 'UPDATE_COMPLETE' }] } as const;
  const next = await cancelUpdate([{ name: 'web', updates: [over, running] }], [], {
    more: { ignoreDeploymentId: pinned },
  });
  expect(next.result.outcome).toBe('CANCELLED');
  expect(next.hits).toEqual(['pinned']);
});

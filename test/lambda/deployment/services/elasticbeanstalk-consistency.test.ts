import { Consistency } from '../../../../emulator/core/consistency';
import { DEFAULT_ENVIRONMENT } from '../../../../emulator/core/environment';
import { type DeploymentPlan, SECONDS, type SeededDeployment } from '../../../../emulator/core/plan';
import { keyedRandom, seededRandom } from '../../../../emulator/core/seeded-random';
import type { ServiceFactory } from '../../../../emulator/core/service';
import { simulationOf } from '../../../../emulator/simulation/service-simulation';
import { sampleIdentifiers } from '../../../../lib/deployments/kinds';
import { setUp } from '../run-to-end';
import { cancelKind } from './kind-outcomes';

setUp();

const KIND = 'elasticbeanstalk-environment-update';
const SEEDS = Array.from({ length: 16 }, (_, index) => index + 1);
const NEWER: DeploymentPlan<string> = { steps: [{ after: 60 * SECONDS, status: 'Succeeded' }] };

/** Cancels while the status and the events are each up to 3 s behind, and not by the same time. */
function cancelEventually(seed: number, deployments: readonly SeededDeployment<string>[]) {
  const target = { kind: KIND, identifiers: sampleIdentifiers(KIND), deployments };
  const [create] = simulationOf(KIND).account([target], DEFAULT_ENVIRONMENT).services ?? [];
  const consistency = new Consistency('eventual', keyedRandom(seededRandom(seed)));
  const populate: ServiceFactory = (clock) => (create as ServiceFactory)(clock, consistency);
  return cancelKind(KIND, populate);
}

describe('while the status and the events are behind', () => {
  test.each(SEEDS)('an update that was started just now is aborted: seed %i', async (seed) => {
    const earlier = { at: -200 * SECONDS, steps: [{ after: 100 * SECONDS, status: 'Succeeded' }] };
    const { result, ids, cancelled } = await cancelEventually(seed, [earlier, { at: -5 * SECONDS }]);
    expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentId: ids[1] } });
    expect(cancelled).toEqual([1]);
  });

  test.each(SEEDS)('an update that succeeds first is reported as such: seed %i', async (seed) => {
    const succeeded = [{ after: (seed % 20) * SECONDS, status: 'Succeeded' }];
    const update = { at: -60 * SECONDS, steps: [{ after: (60 + (seed % 7)) * SECONDS, status: 'Succeeded' }] };
    const { result } = await cancelEventually(seed, [{ ...update, onCancel: { steps: succeeded } }]);
    expect(['COMPLETED_FIRST', 'NOTHING_TO_CANCEL']).toContain(result.outcome);
  });

  test.each(SEEDS)('an update that fails first is not reported as cancelled: seed %i', async (seed) => {
    const update = { at: -60 * SECONDS, steps: [{ after: (60 + (seed % 7)) * SECONDS, status: 'Failed' }] };
    const refused = { refuse: 'InvalidParameterValue', steps: [{ after: 0, status: 'Failed' }] };
    const { result } = await cancelEventually(seed, [{ ...update, onCancel: refused }]);
    expect(result.outcome).toBe('NOTHING_TO_CANCEL');
  });

  test.each(SEEDS)('another update that starts meanwhile is not taken for the pinned one: seed %i', async (seed) => {
    // It started in the moment in which the first one succeeded, which the reads may not show yet.
    const first = {
      at: -60 * SECONDS,
      steps: [
        { after: (60 - (seed % 8) * 0.4) * SECONDS, status: 'Succeeded' },
        { after: 0, start: NEWER },
      ],
    };
    const { result, ids, cancelled } = await cancelEventually(seed, [first]);
    const isNewerPinned = result.attributes.deploymentId === ids[1];
    expect(result.outcome).toBe(isNewerPinned ? 'CANCELLED' : 'SUPERSEDED');
    // If no read shows it, the request, which names the environment, reaches it: see `docs/limits.md`.
    expect(cancelled).toEqual(isNewerPinned || /may have reached that one/.test(result.reason) ? [1] : []);
  });
});

import { SCENARIO_NAMES } from '../../../../emulator/simulation/scenarios';
import { prepare } from '../run-to-end';
import { cancelScenario, ENDS } from './stack-outcomes';

// Half an hour of looks takes a second or two, or more where the machine has other things to do.
jest.setTimeout(60_000);

prepare();

describe('the update of a stack', () => {
  test.each(SCENARIO_NAMES)('%s', async (name) => {
    const { outcome, deploymentStatus, failed = false, hit } = ENDS[name];
    const { result, hits, pinned } = await cancelScenario(name);
    expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
    expect(result.reason).toContain('stack web');
    expect(result.attributes.deploymentId).toBe(pinned);
    expect(hits).toEqual(hit ? [hit] : []);
  });
});

describe('where no operations are named, an update is known by the time at which it began', () => {
  test.each(SCENARIO_NAMES)('%s', async (name) => {
    const { outcome, deploymentStatus, failed = false, hit } = ENDS[name];
    const { result, hits } = await cancelScenario(name, { withholdsOperations: true });
    expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
    if (name !== 'not-found') expect(result.attributes.deploymentId).toMatch(/^2025-12-31T\d\d:\d\d:00\.000Z$/);
    expect(hits).toEqual(hit ? [hit] : []);
  });
});

import { SCENARIO_NAMES } from '../../../../emulator/simulation/scenarios';
import { setUp } from '../run-to-end';
import { cancelScenario, ENDS } from './stack-outcomes';

// Half an hour of polling takes a second or two, or more if the machine is busy.
jest.setTimeout(60_000);

setUp();

describe('the update of a stack', () => {
  test.each(SCENARIO_NAMES)('%s', async (name) => {
    const { outcome, deploymentStatus, failed = false, cancelled: expected } = ENDS[name];
    const { result, cancelled, pinned } = await cancelScenario(name);
    expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
    expect(result.reason).toContain('stack web');
    expect(result.attributes.deploymentId).toBe(pinned);
    expect(cancelled).toEqual(expected ? [expected] : []);
  });
});

describe('the update of a stack without operation ids, which is identified by its start time', () => {
  test.each(SCENARIO_NAMES)('%s', async (name) => {
    const { outcome, deploymentStatus, failed = false, cancelled: expected } = ENDS[name];
    const { result, cancelled } = await cancelScenario(name, { withholdsOperations: true });
    expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
    if (name !== 'not-found') expect(result.attributes.deploymentId).toMatch(/^2025-12-31T\d\d:\d\d:00\.000Z$/);
    expect(cancelled).toEqual(expected ? [expected] : []);
  });
});

import { VirtualClock } from '../../../emulator/core/clock';
import { SimulatedProton } from '../../../emulator/services/proton/simulated-service';
import { allScenarios, DEFAULT_KIND, findScenario, scenarioOf } from '../../../emulator/simulation/find-scenario';
import { SCENARIO_NAMES, type ScenarioName } from '../../../emulator/simulation/scenarios';
import { simulationOf } from '../../../emulator/simulation/service-simulation';
import { DEPLOYMENT_KINDS } from '../../../lib/deployments/kinds';

const SCENARIOS = allScenarios();

test('every kind has every scenario, once', () => {
  const own = DEPLOYMENT_KINDS.flatMap((kind) => Object.keys(simulationOf(kind).scenarios ?? {}));
  expect(own).toEqual(['blue-green', 'linear', 'canary', 'paused', 'creating']);
  expect(SCENARIOS).toHaveLength(DEPLOYMENT_KINDS.length * SCENARIO_NAMES.length + own.length);
  expect(new Set(SCENARIOS).size).toBe(SCENARIOS.length);
  expect(SCENARIOS.slice(0, SCENARIO_NAMES.length)).toEqual(SCENARIO_NAMES);
});

test.each(SCENARIOS)('%s is found, with its name, its kind and a description of one line', (name) => {
  const kind = name.includes('/') ? name.split('/')[0] : DEFAULT_KIND;
  expect(findScenario(name)).toMatchObject({ name, kind, description: expect.stringMatching(/^[^\n]{10,120}$/) });
});

test('a scenario without a kind is one of the default kind', () => {
  expect(findScenario('cancelled')).toMatchObject({ name: 'cancelled', kind: DEFAULT_KIND });
  expect(findScenario(`${DEFAULT_KIND}/cancelled`)).toMatchObject({
    name: `${DEFAULT_KIND}/cancelled`,
    kind: DEFAULT_KIND,
  });
});

test('a scenario has the given names, and samples in place of the others', () => {
  expect(findScenario('proton-environment/slow', { environmentName: 'live' })).toEqual(
    scenarioOf('proton-environment', 'slow', { environmentName: 'live' }),
  );
  const { faults } = scenarioOf('ecs-service-deployment', 'access-denied', { serviceName: 'api' });
  expect(JSON.stringify(faults)).toContain('arn:aws:ecs:us-east-1:123456789012:service/prod/api ');
});

test.each([
  '',
  'nope',
  'toString',
  'constructor',
  '/',
  '/cancelled',
  'cancelled/',
  'proton-environment',
  'proton-environment/',
  'environment/cancelled',
  'nope/cancelled',
  'toString/cancelled',
  'proton-environment/nope',
  'proton-environment/cancelled/x',
  'x/proton-environment/cancelled',
  'proton-environment/blue-green',
])('there is no scenario %j', (text) => {
  expect(findScenario(text)).toBeUndefined();
});

describe.each(DEPLOYMENT_KINDS)('%s', (kind) => {
  test('is simulated by its service, which has a status for each outcome', () => {
    const { statuses } = simulationOf(kind);
    for (const status of ['CANCELLED', 'SUCCEEDED'] as const) expect(statuses[status]).toMatch(/^\w+$/);
    // AppConfig has no status of a deployment that failed.
    expect(statuses.FAILED === undefined).toBe(kind === 'appconfig-deployment');
  });

  test('has the resource in its account, or everything but the resource', () => {
    const resources = (name: ScenarioName) => {
      const clock = new VirtualClock();
      const { seed, services = [] } = scenarioOf(kind, name);
      const simulatedServices = [
        new SimulatedProton(seed, clock),
        ...services.map((create) => create(clock).simulated),
      ];
      const paths = simulatedServices.flatMap(({ history }) => history.map(({ resource }) => resource));
      for (const simulated of simulatedServices) simulated.stop();
      return new Set(paths).size;
    };
    expect(resources('cancelled')).toBe(resources('not-found') + 1);
  });
});

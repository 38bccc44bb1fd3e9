import { fleetStackScenario } from '../../../bin/scenarios/fleet-stack-scenarios';
import { withStackScenario } from '../../../bin/scenarios/stack-scenarios';
import { VirtualClock } from '../../../emulator/core/clock';
import { run } from '../../../emulator/simulation/run';
import { keepFunctionsClean } from '../../helpers/functions';

keepFunctionsClean();

// The other tests of fleets are in fleet.slow.test.ts.
test.each([
  ['fleet', 'CREATE_COMPLETE', '12 deployments: 7 cancelled, 2 completed first, 1 superseded, 2 untouched', null],
  ['fleet-with-one-bad', 'ROLLBACK_COMPLETE', undefined, /REFUSED/],
] as const)('%s ends as %s', async (name, status, summary, reason) => {
  const scenario = fleetStackScenario(name);
  const report = await withStackScenario(scenario, (prepared) =>
    run({ clock: new VirtualClock(), ...prepared, scenario: { name, ...scenario } }),
  );
  expect(report.stackStatus).toBe(status);
  if (summary === undefined) expect(report.outputs).toEqual({});
  else expect(Object.values(report.outputs)).toEqual([expect.stringContaining(summary)]);
  if (reason === null) expect(report.statusReason).toBeNull();
  else expect(report.statusReason).toMatch(reason);
  const cancels = report.history.filter(
    (event) => event.kind === 'call' && event.operation === 'CancelServiceInstanceDeployment' && event.answer === 'ok',
  );
  expect(cancels.length).toBe({ fleet: 10, 'fleet-with-one-bad': 29 }[name]);
});

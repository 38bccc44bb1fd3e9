import { VirtualClock } from '../../emulator/core/clock';
import { seededRandom } from '../../emulator/core/seeded-random';
import { picture } from '../../emulator/runner/html-report/drawing';
import { laneGroups } from '../../emulator/runner/html-report/lanes';
import { STYLE } from '../../emulator/runner/html-report/style';
import { Assembly } from '../../emulator/simulation/assembly';
import { findScenario } from '../../emulator/simulation/find-scenario';
import { run } from '../../emulator/simulation/run';

/** What the picture shows of the report: the deployment, the workflow, and the calls. */
const SHOWN = ['Deployments', 'State machines', 'Calls'];

/**
 * The timeline of a run, as the report of `npm start` has it.
 *
 * @param names the names of the service whose deployment the stack cancels
 */
export async function runPicture(outdir: string, names: Readonly<Record<string, string>>): Promise<string> {
  const scenario = findScenario('cancelled', names);
  if (!scenario) throw new Error('there is no scenario cancelled');
  const report = await run({
    clock: new VirtualClock(),
    assembly: new Assembly(outdir),
    scenario,
    consistency: 'strong',
    random: seededRandom(1),
  });
  const groups = laneGroups(report)
    .filter(({ title }) => SHOWN.includes(title))
    .map((group) => ({
      ...group,
      lanes: group.lanes.map(({ name, spans }) => ({ name: withoutRequest(name), spans })),
    }));
  return `${picture(groups, report.elapsedSeconds, STYLE).text}\n`;
}

/** The name of an execution contains the ID of the request, which differs in every run. */
function withoutRequest(name: string): string {
  return name.replace(/-[0-9a-f]+-Create-\w+$/, '-…');
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Terminal } from '../cli/terminal';
import { RealClock, VirtualClock } from '../emulator/core/clock';
import { htmlReport } from '../emulator/runner/html-report/page';
import type { Assembly } from '../emulator/simulation/assembly';
import { externalProtonProblem } from '../emulator/simulation/external-proton';
import { type Report, type RunOptions, run } from '../emulator/simulation/run';
import { withSynthesized } from '../emulator/simulation/synthesize';
import { LiveView } from './live-view';
import { LIST, options, USAGE } from './options';
import { withStackScenario } from './scenarios/stack-scenarios';
import { messageOf, UsageError } from './usage-error';

async function main(): Promise<number> {
  const {
    help,
    list,
    json,
    realtime,
    report: reportFile,
    name,
    chosen,
    protonEndpoint,
    context,
  } = options(process.argv.slice(2));
  if (help || list) {
    process.stdout.write(help ? USAGE : `${LIST.join('\n')}\n`);
    return 0;
  }
  // Waits cannot be skipped for an external service.
  const clock = realtime || protonEndpoint ? new RealClock() : new VirtualClock();
  const view = json ? undefined : new LiveView(new Terminal(), clock, 'synthesizing the stack');
  try {
    const report = await perform();
    view?.report(report);
    if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    if (reportFile !== undefined) {
      await writeFile(reportFile, htmlReport(report));
      view?.print(`\nReport: ${reportFile}`);
    }
    return report.statusReason === null ? 0 : 1;
  } finally {
    view?.end();
  }

  function perform(): Promise<Report> {
    const root = join(__dirname, '..');
    if ('steps' in chosen) {
      return withStackScenario(chosen, (prepared) => start({ ...prepared, scenario: { name, ...chosen } }));
    }
    if ('file' in chosen) {
      const { file, operations, seed, services } = chosen;
      const simulate = (assembly: Assembly) => start({ assembly, operations, scenario: { name, seed, services } });
      return withSynthesized(root, context, simulate, `npx tsx ${file}`);
    }
    return withSynthesized(root, { ...context, kind: chosen.kind }, (assembly) =>
      start({ assembly, scenario: chosen }),
    );
  }

  function start(prepared: Omit<RunOptions, 'clock' | 'assembly'> & { readonly assembly: Assembly }): Promise<Report> {
    const problem = protonEndpoint === undefined ? undefined : externalProtonProblem(prepared.assembly);
    if (problem !== undefined)
      throw new UsageError(`--proton-endpoint cannot be used with the scenario ${name}, ${problem}`);
    view?.print(
      protonEndpoint ? `with the AWS Proton at ${protonEndpoint}` : `scenario ${name}: ${chosen.description}`,
    );
    return run({ ...prepared, clock, protonEndpoint, consistency: 'strong', onEvent: view?.onEvent });
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`npm start: ${messageOf(error).replace(/\s+/g, ' ')}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);

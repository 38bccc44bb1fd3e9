// npx tsx test/package/deploy.ts CLOUD_ASSEMBLY
// Deploys the one stack of an app that somebody else has synthesised, while a deployment of web/web-prod is in flight,
// and prints its outputs.
import assert from 'node:assert/strict';
import { Assembly } from '../../local/assembly';
import { VirtualClock } from '../../local/clock';
import { findScenario } from '../../local/find-scenario';
import { run } from '../../local/run';

async function main(directory: string | undefined): Promise<void> {
  assert.ok(directory, 'the directory of a cloud assembly must be given');
  const scenario = findScenario('cancelled');
  assert.ok(scenario);
  const report = await run({ clock: new VirtualClock(), assembly: new Assembly(directory), scenario });
  assert.equal(report.stackStatus, 'CREATE_COMPLETE', report.statusReason ?? undefined);
  process.stdout.write(`${JSON.stringify(report.outputs)}\n`);
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`test/package/deploy: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

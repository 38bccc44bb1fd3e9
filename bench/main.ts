// npm run bench [-- --exact] [--json FILE] [--write]
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chart } from './chart';
import { exactFigures, figures, isMet } from './figures';
import { type Measurements, measureCurves, measureExact, measureFleets, measureTimes, Stacks } from './measure';
import { ROOT } from './stacks';
import { betweenMarks, markdownTable, textTable } from './table';

const { values: options } = parseArgs({
  options: {
    /** Only the figures that are the same in every run. */
    exact: { type: 'boolean', default: false },
    /** The file that the measurements are written to. */
    json: { type: 'string', default: join(tmpdir(), 'cdk-deployment-cancellation-bench.json') },
    /** Writes the table into docs/cost.md, and the chart into docs/. */
    write: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  if (options.exact && options.write) throw new Error('--write needs all figures: leave --exact out');
  // The CDK's validation of templates takes seconds, and is the same for all designs.
  process.env.CDK_VALIDATION = 'false';
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const measurements = await measure(new Stacks(directory));
    report(measurements);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function measure(stacks: Stacks): Promise<Measurements> {
  const exact = await step('costs, lags and counts', () => measureExact(stacks));
  if (options.exact) return { exact };
  const times = await step('times', () => measureTimes(stacks));
  return {
    exact,
    times,
    curves: await step('cost against lag', () => measureCurves(stacks, exact)),
    fleets: await step('fleets', () => measureFleets(stacks)),
  };
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const begin = Date.now();
  const result = await work();
  console.error(`${name}: measured in ${Math.round((Date.now() - begin) / 1000)} s`);
  return result;
}

function report(measurements: Measurements): void {
  const rows = figures(measurements);
  console.log(`\n${textTable(rows)}\n`);
  writeFileSync(options.json, `${JSON.stringify(measurements, null, 2)}\n`);
  console.log(`all measurements: ${options.json}`);
  if (options.write && measurements.curves) {
    const page = join(ROOT, 'docs', 'cost.md');
    writeFileSync(page, betweenMarks(readFileSync(page, 'utf8'), markdownTable(rows)));
    writeFileSync(join(ROOT, 'docs', 'cost-against-lag.svg'), chart(measurements.curves));
  }
  for (const { name } of exactFigures(measurements.exact).filter((figure) => isMet(figure) === false)) {
    console.error(`missed: ${name}`);
    process.exitCode = 1;
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

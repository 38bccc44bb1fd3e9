import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './stacks';

/** The result of repeated measurements, in milliseconds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

const NODE_PATH = join(ROOT, 'node_modules');

/**
 * Measures how much longer a process takes that loads files, each as Lambda loads it, than a process that loads none. The
 * two run right after each other, and the designs take turns.
 */
export function loadTimes<D extends string>(
  filesOf: Readonly<Record<D, readonly string[]>>,
  times: number,
): Record<D, Spread> {
  const load = (file: string) => `${file.endsWith('.mjs') ? 'await import' : 'require'}(${JSON.stringify(file)});`;
  return inTurns(Object.keys(filesOf) as D[], times, (design) => {
    const bare = wall(['-e', '0']);
    return wall(['-e', `(async () => { ${filesOf[design].map(load).join(' ')} })()`]) - bare;
  });
}

/** Measures whole processes that synthesize one stack each. The designs take turns. */
export async function synthTimes<D extends string>(
  designs: readonly D[],
  cancellations: number,
  times: number,
): Promise<Record<D, Spread>> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    // As published: each file of the library compiled into its folder, beside the bundles.
    const settings = { outdir: directory, outbase: ROOT, platform: 'node', format: 'cjs', target: 'node22' } as const;
    await build({ ...settings, entryPoints: [join(ROOT, 'lib', '**', '*.ts')] });
    symlinkSync(join(ROOT, 'dist'), join(directory, 'dist'));
    const app = join(directory, 'bench', 'app.js');
    await build({
      ...settings,
      entryPoints: [join(ROOT, 'bench', 'app.ts')],
      bundle: true,
      external: ['aws-cdk-lib', 'constructs', '../lib/index'],
      define: { __dirname: JSON.stringify(join(ROOT, 'bench')) },
    });
    return inTurns(designs, times, (design, time) =>
      wall([app, design, String(cancellations), join(directory, `${design}-${time}`)]),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Measures each design once, then each a second time, and so on: whatever slows the machine down slows all of them. */
function inTurns<D extends string>(
  designs: readonly D[],
  times: number,
  measure: (design: D, time: number) => number,
): Record<D, Spread> {
  const measured = new Map<D, number[]>(designs.map((design) => [design, []]));
  for (let time = 0; time < times; time++) {
    for (const [design, values] of measured) values.push(measure(design, time));
  }
  return Object.fromEntries([...measured].map(([design, values]) => [design, spread(values)])) as Record<D, Spread>;
}

function wall(args: readonly string[]): number {
  const begin = process.hrtime.bigint();
  const { status, stderr, error } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, NODE_PATH, CDK_VALIDATION: 'false' },
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with exit code ${status}: ${stderr}`);
  return Number(process.hrtime.bigint() - begin) / 1e6;
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [min = Number.NaN] = sorted;
  return { median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, min, max: sorted.at(-1) ?? Number.NaN };
}

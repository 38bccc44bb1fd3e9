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
 * two run right after each other.
 */
export function loadTime(files: readonly string[], times: number): Spread {
  const load = files.map((file) => `${file.endsWith('.mjs') ? 'await import' : 'require'}(${JSON.stringify(file)});`);
  const script = `(async () => { ${load.join(' ')} })()`;
  const differences = Array.from({ length: times }, () => {
    const bare = wall(['-e', '0']);
    return wall(['-e', script]) - bare;
  });
  return spread(differences);
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
    const settings = { outdir: directory, outbase: ROOT, platform: 'node', format: 'cjs', target: 'node20' } as const;
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
    const taken = designs.map(() => [] as number[]);
    for (let time = 0; time < times; time++) {
      designs.forEach((design, index) => {
        const outdir = join(directory, `${design}-${time}`);
        taken[index]?.push(wall([app, design, String(cancellations), outdir]));
      });
    }
    return Object.fromEntries(designs.map((design, index) => [design, spread(taken[index] ?? [])])) as Record<
      D,
      Spread
    >;
  } finally {
    rmSync(directory, { recursive: true });
  }
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

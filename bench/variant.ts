import { cpSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { Assembly } from '../emulator/simulation/assembly';
import { fileOf } from './assets';
import { ROOT } from './stacks';

/** Another point on our curve. */
export interface Pace {
  /** How long an invocation goes on looking, in milliseconds. */
  readonly dwell: number;
  /** How many times longer than by default it waits between two looks. */
  readonly slowness: number;
}

/** Our stack, synthesised in a directory, with a deployment function that keeps another pace. */
export async function atPace(directory: string, pace: Pace, outdir: string): Promise<Assembly> {
  const file = fileOf(new Assembly(directory), 'deployment.handler');
  const code = dirname(file);
  cpSync(code, outdir, { recursive: true });
  await bundleAt(join(outdir, basename(file)), pace);
  return new (class extends Assembly {
    override pathOf(key: string): string {
      const path = super.pathOf(key);
      return path === code ? outdir : path;
    }
  })(directory);
}

/** The deployment function as it is, but for two of the names that its pace is made of. */
async function bundleAt(outfile: string, { dwell, slowness }: Pace): Promise<void> {
  const original = join(ROOT, 'lambda', 'deployment', 'engine', 'polling.ts');
  await build({
    entryPoints: [join(ROOT, 'lambda', 'deployment', 'index.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    plugins: [
      {
        name: 'pace',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /\/polling$/ }, () => ({ path: 'pace', namespace: 'bench' }));
          onLoad({ filter: /.*/, namespace: 'bench' }, () => ({
            loader: 'ts',
            resolveDir: ROOT,
            contents: `
              import * as original from ${JSON.stringify(original)};
              export * from ${JSON.stringify(original)};
              export const MAX_INVOCATION_POLL_MS = ${dwell};
              export const pollInterval: typeof original.pollInterval = (...of) =>
                Math.round(original.pollInterval(...of) * ${slowness});`,
          }));
        },
      },
    ],
  });
}

import { cpSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { Assembly } from '../emulator/simulation/assembly';
import { fileOf } from './assets';
import { ROOT } from './stacks';

/** The settings of a point on our curve. */
export interface Pace {
  /** The time for which an invocation polls, in milliseconds. */
  readonly dwell: number;
  /** The factor on the default poll interval. */
  readonly slowness: number;
}

/** Returns our stack, synthesized in a directory, with a deployment function that has another pace. */
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

/** Bundles the deployment function with two of the exports that define its pace replaced. */
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

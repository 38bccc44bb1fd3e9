// Bundles the handlers, SDK included, into dist/lambda, which is what the package ships.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outdir = join(root, 'dist', 'lambda');

rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ['cloudformation', 'codepipeline', 'deployment'].map((name) => ({
    in: `lambda/${name}/index.ts`,
    out: `${name}/index`,
  })),
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // The SDK's ES modules, so that operations nobody calls are left out.
  mainFields: ['module', 'main'],
  minify: true,
  // An error's name is part of what is answered.
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
});

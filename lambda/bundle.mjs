// Bundles the functions into dist/lambda: one asset for all of them.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBundle } from '../scripts/write-bundle.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entryPoints = ['cloudformation', 'codepipeline', 'deployment'].map((name) => ({
  in: `lambda/${name}/index.ts`,
  out: name,
}));
await writeBundle(root, entryPoints, join(root, 'dist', 'lambda'));

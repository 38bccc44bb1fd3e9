// Bundles the command line into cli/dist.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBundle } from '../scripts/write-bundle.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
await writeBundle(folder, ['index.ts'], join(folder, 'dist'));

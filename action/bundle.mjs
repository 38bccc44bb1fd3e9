// Bundles the main step and the post step of the action into action/dist.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBundle } from '../scripts/write-bundle.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
await writeBundle(folder, ['main.ts', 'post.ts'], join(folder, 'dist'));

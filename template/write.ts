import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderTemplate } from './render';

const folder = join(__dirname, '..', 'dist', 'template');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'cancellation-workflow.template.json'), `${JSON.stringify(renderTemplate())}\n`);

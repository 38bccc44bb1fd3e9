// npm run docs:diagrams: writes the diagrams of docs/ that are drawn from synthesized templates.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagrams } from './diagrams';

process.env.CDK_VALIDATION = 'false';
for (const [name, diagram] of Object.entries(diagrams())) writeFileSync(join(__dirname, '..', name), diagram);

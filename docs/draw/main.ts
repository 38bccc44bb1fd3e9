// npm run docs:diagrams: writes the diagrams of docs/ that are drawn from a synthesized template and a run.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagrams } from './diagrams';

process.env.CDK_VALIDATION = 'false';
diagrams().then((all) => {
  for (const [name, diagram] of Object.entries(all)) writeFileSync(join(__dirname, '..', name), diagram);
});

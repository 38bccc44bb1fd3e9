// npm run docs:diagrams: writes the pictures of docs/ that follow from what is synthesised.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pictures } from './pictures';

process.env.CDK_VALIDATION = 'false';
for (const [name, picture] of Object.entries(pictures())) writeFileSync(join(__dirname, '..', name), picture);

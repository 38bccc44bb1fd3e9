import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACTION_YML } from './metadata';

writeFileSync(join(__dirname, 'action.yml'), ACTION_YML);

// Makes the compiled lib/index.js load a module of the package when one of its classes is first used, as aws-cdk-lib does.
// CodePipeline and CDK Pipelines are then loaded only by the apps that use them. The compiler has no option for that.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const path = join(dirname(dirname(fileURLToPath(import.meta.url))), 'lib/index.js');
const compiled = readFileSync(path, 'utf8');
const modules = new Map(
  [...compiled.matchAll(/^var (\w+) = require\("(\.[^"]+)"\);$/gm)].map(([, variable, file]) => [variable, file]),
);
const getters = [...compiled.matchAll(/^Object\.defineProperty\(exports, "(\w+)", .+ return (\w+)\.\1; \} \}\);$/gm)];
const rest = compiled
  .split('\n')
  .filter((line) => !line.startsWith('var ') && !line.includes('return '))
  .filter((line) => line !== '');
// Node.js finds the names of the exports in the third line.
assert.deepEqual(
  rest.map((line) => line.replace(/ = .+/, '')),
  ['"use strict";', 'Object.defineProperty(exports, "__esModule", { value: true });', `exports.${getters.at(-1)?.[1]}`],
  'lib/index.js is not as the compiler writes it',
);
const loaders = getters.map(([, name, variable]) => {
  assert.ok(modules.has(variable), `${variable} is not a module`);
  return `  ${name}: () => require("${modules.get(variable)}"),`;
});
writeFileSync(
  path,
  `${rest.join('\n')}
const modules = {
${loaders.join('\n')}
};
for (const [name, load] of Object.entries(modules)) {
  Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] });
}
`,
);

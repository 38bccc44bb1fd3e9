import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ENGINE = join(__dirname, '..', '..', '..', '..', 'lambda', 'deployment', 'engine');
const files = readdirSync(ENGINE).map((file) => ({ file, text: readFileSync(join(ENGINE, file), 'utf8') }));

test('the engine has files', () => {
  expect(files.map(({ file }) => file)).toEqual(expect.arrayContaining(['decide.ts', 'driver.ts', 'run.ts']));
});

test.each(files)('$file imports no service and no fleet', ({ text }) => {
  const imported = [...text.matchAll(/from '([^']+)'/g)].map(([, path]) => path);
  expect(imported.filter((path) => /\/(services|fleet|deployments)\/|@aws-sdk/.test(path ?? ''))).toEqual([]);
});

test.each(files)('$file names no service', ({ text }) => {
  expect(text).not.toMatch(/proton|\becs\b|code ?deploy|code ?pipeline|cloud ?formation/i);
});

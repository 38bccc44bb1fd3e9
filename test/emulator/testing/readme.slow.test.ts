import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const [, code = ''] = /^## Test your own stack$.*?^```ts\n(.*?)^```$/ms.exec(readme) ?? [];

/** Runs the tests in a file of a new app, and returns the exit code. */
function run(tests: string): number | null {
  const directory = mkdtempSync(join(tmpdir(), 'readme-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    const paths = {
      'cdk-deployment-cancellation': [join(ROOT, 'lib/index.ts')],
      'cdk-deployment-cancellation/testing': [join(ROOT, 'emulator/testing/index.ts')],
    };
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions: { paths } }));
    writeFileSync(join(directory, 'stack.test.ts'), tests);
    const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
    return spawnSync(process.execPath, [tsx, '--test', 'stack.test.ts'], { cwd: directory, env }).status;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test('the tests in the README pass, and fail with another scenario', () => {
  expect(run(code)).toBe(0);
  expect(run(code.replace("'finishes-first'", "'cancelled'"))).toBe(1);
});

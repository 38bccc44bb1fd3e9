import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const [, code = ''] = /^## Test your own stack$.*?^```ts\n(.*?)^```$/ms.exec(readme) ?? [];

/** Runs the tests as a reader's, who has them in a file of an app of their own, and gives the exit code. */
function run(tests: string): number | null {
  const environment = mkdtempSync(join(tmpdir(), 'readme-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(environment, 'node_modules'));
    const paths = {
      'cdk-deployment-cancellation': [join(ROOT, 'lib/index.ts')],
      'cdk-deployment-cancellation/testing': [join(ROOT, 'emulator/testing/index.ts')],
    };
    writeFileSync(join(environment, 'tsconfig.json'), JSON.stringify({ compilerOptions: { paths } }));
    writeFileSync(join(environment, 'stack.test.ts'), tests);
    const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
    return spawnSync(process.execPath, [tsx, '--test', 'stack.test.ts'], { cwd: environment, env }).status;
  } finally {
    rmSync(environment, { recursive: true, force: true });
  }
}

test('the tests that the README shows pass, and would fail if the stack did something else', () => {
  expect(run(code)).toBe(0);
  expect(run(code.replace("'finishes-first'", "'cancelled'"))).toBe(1);
});

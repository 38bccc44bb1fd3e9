import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blocksOf, readPage } from '../../helpers/documents';

const ROOT = join(__dirname, '../../..');
const SNIPPETS = ['README.md', 'docs/testing.md'].flatMap((page) =>
  blocksOf(readPage(page))
    .filter(({ code }) => code.includes("from 'node:test'"))
    .map(({ code }, index) => ({ name: `${page}, test ${index + 1}`, code })),
);

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

test('the README and the page about testing contain tests', () => {
  const pages = SNIPPETS.map(({ name }) => name);
  expect(pages).toEqual(expect.arrayContaining(['README.md, test 1', 'docs/testing.md, test 1']));
});

test.each(SNIPPETS)('$name passes', ({ code }) => {
  expect(run(code)).toBe(0);
});

test.each(SNIPPETS.filter(({ code }) => code.includes("'finishes-first'")))(
  '$name fails with another scenario',
  ({ code }) => {
    expect(run(code.replace("'finishes-first'", "'cancelled'"))).toBe(1);
  },
);

import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assembly, SynthesizedStack } from '../../../emulator/simulation/assembly';
import { withSynthesized } from '../../../emulator/simulation/synthesize';

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});

/** A directory with a cdk.json, and an app that writes its directory and its context into its template. */
function appDirectory(cdkJson: object = {}, last = 'app.synth();'): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'app-')));
  directories.push(directory);
  writeFileSync(join(directory, 'cdk.json'), JSON.stringify({ app: `"${process.execPath}" app.js`, ...cdkJson }));
  writeFileSync(
    join(directory, 'app.js'),
    `const { App, CfnResource, Stack } = require(${JSON.stringify(require.resolve('aws-cdk-lib'))});
     const app = new App();
     const names = ['one', 'two', 'three'];
     const context = Object.fromEntries(names.map((name) => [name, app.node.tryGetContext(name)]));
     const properties = { outdir: app.outdir, cwd: process.cwd(), ...context };
     new CfnResource(new Stack(app, 'Stack'), 'Said', { type: 'Test::Said', properties });
     ${last}`,
  );
  return directory;
}

interface Said {
  readonly Resources: { readonly Said: { readonly Properties: Readonly<Record<string, string>> } };
}

function saidIn({ stacks }: Assembly): Readonly<Record<string, string>> {
  return ((stacks[0] as SynthesizedStack).template as Said).Resources.Said.Properties;
}

function synthesised(directory: string, context: Readonly<Record<string, string>> = {}) {
  return withSynthesized(directory, context, async (assembly) => {
    const said = saidIn(assembly);
    expect(existsSync(said.outdir ?? '')).toBe(true);
    return said;
  });
}

test('runs the app in the directory of its cdk.json, with its context and the additional context', async () => {
  const directory = appDirectory({ context: { one: 'of cdk.json', two: 'of cdk.json' } });
  const { one, two, three, cwd } = await synthesised(directory, { two: 'added', three: 'added' });
  expect({ one, two, three, cwd }).toEqual({ one: 'of cdk.json', two: 'added', three: 'added', cwd: directory });
});

test('removes the assembly, even if its use fails', async () => {
  const directory = appDirectory();
  const { outdir } = await synthesised(directory);
  expect(existsSync(outdir ?? '')).toBe(false);

  let used = '';
  const failing = withSynthesized(directory, {}, async (assembly) => {
    used = saidIn(assembly).outdir ?? '';
    throw new Error('of its user');
  });
  await expect(failing).rejects.toThrow('of its user');
  expect(used).not.toBe('');
  expect(existsSync(used)).toBe(false);
});

test('reports the exit code of an app that fails', async () => {
  const directory = appDirectory({}, 'process.exitCode = 3;');
  await expect(synthesised(directory)).rejects.toThrow(/^the app .* app\.js exited with code 3: see its output$/);
});

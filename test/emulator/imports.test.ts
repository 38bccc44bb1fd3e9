import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const ROOT = join(__dirname, '../..');

/** The files of the repository that the files of a folder import, as `importing file: imported file`. */
function importsOf(folder: string): [string, string][] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => /\.(ts|cjs)$/.test(file))
    .flatMap((file) => {
      const path = join(folder, file);
      const source = readFileSync(join(ROOT, path), 'utf8');
      const specifiers = [...source.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*['"`](\.[^'"`]*)['"`]/g)];
      return specifiers.map(([, specifier = '']): [string, string] => [
        path,
        relative(ROOT, join(ROOT, dirname(path), specifier)),
      ]);
    });
}

/** The contract, and the data of the kinds: nothing of the CDK. */
const SHARED = /^lib\/(contract\/|deployments\/(.+\/)?(fleet-)?kinds$|deployments\/kind-definition$)/;

test('the emulator imports nothing but itself, the contract and the kinds', () => {
  const imports = importsOf('emulator');
  expect(imports.length).toBeGreaterThan(100);
  expect(imports.filter(([, to]) => !to.startsWith('emulator/') && !SHARED.test(to))).toEqual([]);
});

test('the parts of the emulator that services share do not import services', () => {
  const imports = [...importsOf('emulator/core'), ...importsOf('emulator/aws')];
  expect(imports.filter(([, to]) => to.startsWith('emulator/services/'))).toEqual([]);
});

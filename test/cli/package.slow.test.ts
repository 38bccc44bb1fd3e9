import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import cli from '../../cli/package.json';
import library from '../../package.json';

const FOLDER = join(__dirname, '../../cli');

// npm packs and unpacks the package.
jest.setTimeout(120_000);

test('the package has the version of the library, and needs nothing to be installed', () => {
  expect(cli.version).toBe(library.version);
  expect(cli.engines).toEqual(library.engines);
  expect(Object.keys(cli).filter((key) => /dependencies/i.test(key))).toEqual([]);
});

test('the bundle has nothing of the CDK', () => {
  const dist = join(FOLDER, 'dist');
  const texts = readdirSync(dist).map((file) => readFileSync(join(dist, file), 'utf8'));
  expect(texts.length).toBeGreaterThan(1);
  for (const text of texts) expect(text).not.toMatch(/aws-cdk-lib|constructs\/lib/);
});

test('the packed package runs where nothing else is installed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cli-package-'));
  execFileSync('npm', ['pack', FOLDER, '--pack-destination', folder, '--silent']);
  const [tarball = ''] = readdirSync(folder);
  execFileSync('tar', ['-xzf', tarball], { cwd: folder });
  const command = join(folder, 'package', cli.bin['cancel-deployment']);
  expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(execFileSync(process.execPath, [command, '--version'], { encoding: 'utf8' })).toBe(`${cli.version}\n`);
});

// Tests the source and the package with other peers than those that are installed here, in a copy of the repository. Run
// `npm run package` first. Needs a package registry.
//
//   node scripts/test-compat.mjs            with the lowest peers that package.json allows
//   node scripts/test-compat.mjs newest     with the newest it allows
//   node scripts/test-compat.mjs 2.256.1    with that aws-cdk-lib, and the lowest constructs
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installed = join(root, 'node_modules');
const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const directory = mkdtempSync(join(tmpdir(), 'peers-'));
const modules = join(directory, 'node_modules');

try {
  const peers = packagesFor(process.argv[2] ?? 'lowest');
  step(`install ${peers.join(' ')}`);
  install(peers);

  // All other modules are those that are installed here.
  const copied = [
    'action',
    'bin',
    'cli',
    'docs',
    'lib',
    'emulator',
    'lambda',
    'dist/lambda',
    'scripts',
    'template',
    'test',
    'examples',
    'bench',
  ];
  const files = [
    'CONTRIBUTING.md',
    'README.md',
    'SECURITY.md',
    'cdk.json',
    'jest.config.js',
    'package.json',
    'tsconfig.json',
    'tsconfig.jsii.json',
  ];
  const isSource = (path) => !/^.lib\/.+\.(js|d\.ts)$/.test(path.slice(root.length));
  for (const path of [...copied, ...files])
    cpSync(join(root, path), join(directory, path), { recursive: true, filter: isSource });
  mkdirSync(modules, { recursive: true });
  for (const entry of readdirSync(installed)) link(entry);

  step('check the types of lib/');
  run('typescript/bin/tsc', '--noEmit', '--project', 'tsconfig.jsii.json');
  step('test lib/');
  // cdk-nag has other peers.
  run('jest/bin/jest', 'test/lib', '--testPathIgnorePatterns', 'nag.test.ts');
  step('run the demo on the emulator');
  run('tsx/dist/cli.mjs', 'bin/demo.ts');
  step('check the package');
  execFileSync(process.execPath, [join(root, 'scripts/check-package.mjs'), modules], { cwd: root, stdio: 'inherit' });
} catch (error) {
  console.error(`test:compat: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Returns the packages to install, such as `aws-cdk-lib@2.1.0`. */
function packagesFor(which) {
  const lowest = Object.entries(peerDependencies).map(([peer, range]) => [peer, range.replace(/^\^/, '')]);
  const wrong = lowest.find(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  if (wrong) throw new Error(`the range of ${wrong[0]} must be ^ and a version, not ${peerDependencies[wrong[0]]}`);
  if (which === 'lowest') return lowest.map((peer) => peer.join('@'));
  if (which === 'newest') return Object.entries(peerDependencies).map((peer) => peer.join('@'));
  if (!/^\d+\.\d+\.\d+$/.test(which))
    throw new Error(`the argument must be lowest, newest or a version of aws-cdk-lib, not ${which}`);
  return lowest.map(([peer, version]) => `${peer}@${peer === 'aws-cdk-lib' ? which : version}`);
}

function install(peers) {
  writeFileSync(join(directory, 'package.json'), '{ "private": true }');
  try {
    execFileSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', ...peers], {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
  } catch (error) {
    const code = /npm (?:error|ERR!) code (\w+)/.exec(error.stderr)?.[1] ?? 'an unknown error';
    throw new Error(
      `${peers.join(' ')} could not be installed: npm failed with ${code}; nothing was tested: check the package registry`,
    );
  }
}

/** Links a module, or each module of a scope, unless it is installed. */
function link(entry) {
  if (/^@[^/]+$/.test(entry)) {
    mkdirSync(join(modules, entry), { recursive: true });
    for (const module of readdirSync(join(installed, entry))) link(join(entry, module));
  } else if (!existsSync(join(modules, entry))) {
    symlinkSync(join(installed, entry), join(modules, entry));
  }
}

function run(script, ...args) {
  execFileSync(process.execPath, [join(modules, script), ...args], { cwd: directory, stdio: 'inherit' });
}

function step(text) {
  console.log(`\n== ${text}`);
}

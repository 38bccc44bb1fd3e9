// Tests the source, and the package as it would be published, with other peers than those that are installed here: in a
// copy, with everything else as it is. After `npm run package`; needs a registry.
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
const place = mkdtempSync(join(tmpdir(), 'peers-'));
const modules = join(place, 'node_modules');

try {
  const peers = chosen(process.argv[2] ?? 'lowest');
  step(`install ${peers.join(' ')}`);
  install(peers);

  // The rest of what is needed is what is installed here; Node.js looks for the peers where the copy is.
  const copied = ['bin', 'lib', 'emulator', 'lambda', 'dist/lambda', 'test', 'examples', 'bench'];
  const files = ['cdk.json', 'jest.config.js', 'package.json', 'tsconfig.json', 'tsconfig.jsii.json'];
  const source = (path) => !/(^|\/)lib\/[^/]+\.(js|d\.ts)$/.test(path.slice(root.length));
  for (const path of [...copied, ...files])
    cpSync(join(root, path), join(place, path), { recursive: true, filter: source });
  mkdirSync(modules, { recursive: true });
  for (const entry of readdirSync(installed)) link(entry);

  step('types of lib/');
  run('typescript/bin/tsc', '--noEmit', '--project', 'tsconfig.jsii.json');
  step('tests of lib/');
  // cdk-nag has peers of its own.
  run('jest/bin/jest', 'test/lib', '--testPathIgnorePatterns', 'nag.test.ts');
  step('the whole way, on the embedded cloud');
  run('tsx/dist/cli.mjs', 'bin/demo.ts');
  step('the package, as a stranger would use it');
  execFileSync(process.execPath, [join(root, 'scripts/check-package.mjs'), modules], { cwd: root, stdio: 'inherit' });
} catch (error) {
  console.error(`test:peers: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(place, { recursive: true, force: true });
}

/** What npm is asked for: `aws-cdk-lib@2.1.0`. */
function chosen(which) {
  const lowest = Object.entries(peerDependencies).map(([peer, range]) => [peer, range.replace(/^\^/, '')]);
  const wrong = lowest.find(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  if (wrong) throw new Error(`the range of ${wrong[0]} must be ^ and a version, not ${peerDependencies[wrong[0]]}`);
  if (which === 'lowest') return lowest.map((peer) => peer.join('@'));
  if (which === 'newest') return Object.entries(peerDependencies).map((peer) => peer.join('@'));
  if (!/^\d+\.\d+\.\d+$/.test(which))
    throw new Error(`lowest, newest or a version of aws-cdk-lib must be given, not ${which}`);
  return lowest.map(([peer, version]) => `${peer}@${peer === 'aws-cdk-lib' ? which : version}`);
}

function install(peers) {
  writeFileSync(join(place, 'package.json'), '{ "private": true }');
  try {
    execFileSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', ...peers], {
      cwd: place,
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
  } catch (error) {
    const code = /npm (?:error|ERR!) code (\w+)/.exec(error.stderr)?.[1] ?? 'an unknown error';
    throw new Error(
      `${peers.join(' ')} could not be installed: npm ended with ${code}; a registry that has them is needed, nothing was tested`,
    );
  }
}

/** A module that is not there yet; of a scope, each of its modules. */
function link(entry) {
  if (/^@[^/]+$/.test(entry)) {
    mkdirSync(join(modules, entry), { recursive: true });
    for (const module of readdirSync(join(installed, entry))) link(join(entry, module));
  } else if (!existsSync(join(modules, entry))) {
    symlinkSync(join(installed, entry), join(modules, entry));
  }
}

function run(script, ...args) {
  execFileSync(process.execPath, [join(modules, script), ...args], { cwd: place, stdio: 'inherit' });
}

function step(text) {
  console.log(`\n== ${text}`);
}

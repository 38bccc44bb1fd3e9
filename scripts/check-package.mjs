// Checks which files would be published, and installs the tarball in a fresh project: an app in TypeScript and one in
// JavaScript are compiled, synthesized, and deployed on the emulator of the package. Needs `npm run package` first.
//
//   node scripts/check-package.mjs [DIRECTORY]   with the peers in that node_modules; default: those that are installed here
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The options of the TypeScript compiler for each way to resolve modules. */
const RESOLUTIONS = {
  node16: ['--module', 'node16'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
  node10: ['--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0'],
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const peers = resolve(process.argv[2] ?? join(root, 'node_modules'));
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { name, version, peerDependencies } = read(join(root, 'package.json'));
const tarball = join(root, 'dist', `${name}-${version}.tgz`);
assert.ok(existsSync(tarball), `${tarball} does not exist: run npm run package`);

const directory = mkdtempSync(join(tmpdir(), 'package-'));
const run = (command, args, cwd = directory) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

try {
  const unpacked = join(directory, 'node_modules', name);
  mkdirSync(unpacked, { recursive: true });
  run('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components', '1']);
  const files = readdirSync(unpacked, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(unpacked.length + 1));
  checkList(files);
  checkDocuments(unpacked);
  const { dependencies = {}, scripts = {} } = read(join(unpacked, 'package.json'));
  assert.deepEqual(dependencies, {}, 'runtime dependencies');
  const ofInstallation = Object.keys(scripts).filter((script) => /^(pre|post)?(install|prepare)$/.test(script));
  assert.deepEqual(ofInstallation, [], 'scripts that run at installation');

  mkdirSync(join(directory, 'node_modules/@types'));
  for (const peer of Object.keys(peerDependencies))
    symlinkSync(join(peers, peer), join(directory, 'node_modules', peer));
  symlinkSync(join(root, 'node_modules/@types/node'), join(directory, 'node_modules/@types/node'));
  for (const language of ['ts', 'js']) use(language);
  simulateAsModule();
  checkImport();

  const versions = Object.keys(peerDependencies).map(
    (peer) => `${peer} ${read(join(peers, peer, 'package.json')).version}`,
  );
  const size = Math.round(statSync(tarball).size / 1024);
  console.log(`${name}-${version}.tgz: ${files.length} files, ${size} KB packed; used with ${versions.join(', ')}`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Checks that the tarball contains the published files and no others: no source, no source map, no test. */
function checkList(files) {
  const allowed = [
    /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|API\.md|\.jsii)$/,
    /^lib\/[a-z/-]+\.(js|d\.ts)$/,
    /^dist\/lambda\/([a-z]+|\w[\w-]*-[0-9A-Z]{8})\.mjs$/,
    /^testing\/(index\.js|index\.d\.ts|interpreter\.js|bootstrap\.cjs|network-guard\.cjs|THIRD-PARTY\.txt)$/,
  ];
  const unexpected = files.filter((file) => !allowed.some((pattern) => pattern.test(file)));
  assert.deepEqual(unexpected, [], 'files that must not be published');

  const compiled = readdirSync(join(root, 'lib'), { recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .flatMap((file) => [file.replace(/\.ts$/, '.js'), file.replace(/\.ts$/, '.d.ts')])
    .map((file) => `lib/${file}`);
  const bundles = readdirSync(join(root, 'dist', 'lambda')).map((file) => `dist/lambda/${file}`);
  const documents = ['.jsii', 'API.md', 'CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
  const testing = ['index.js', 'index.d.ts', 'interpreter.js', 'bootstrap.cjs', 'network-guard.cjs', 'THIRD-PARTY.txt'];
  const expected = new Set([...documents, ...compiled, ...bundles, ...testing.map((file) => `testing/${file}`)]);
  assert.deepEqual([...files].sort(), [...expected].sort(), 'the files do not match the sources');
}

/** Checks that the documents are those of this version and of the compiled API. */
function checkDocuments(unpacked) {
  const assembly = read(join(unpacked, '.jsii'));
  assert.equal(assembly.version, version);
  const api = readFileSync(join(unpacked, 'API.md'), 'utf8');
  const missing = Object.values(assembly.types).filter((type) => !api.includes(`### ${type.name} <a`));
  assert.deepEqual(
    missing.map((type) => type.name),
    [],
    'types missing from API.md',
  );
  assert.ok(
    readFileSync(join(unpacked, 'CHANGELOG.md'), 'utf8').includes(`## [${version}]`),
    'the changelog has no entry for this version',
  );
}

/** Compiles an app in a directory that has the package and its peers, synthesizes it, and simulates its deployment. */
function use(language) {
  const uses = ['CancellationOutcome', 'DeploymentCancellation', 'ProtonDeployment'].join(', ');
  const head =
    language === 'ts'
      ? `import { App, Stack } from 'aws-cdk-lib';
import { ${uses} } from '${name}';
import { type DeploymentToCancel, simulate, type SimulationResult } from '${name}/testing';
// The kinds are declared in lib/. If they were not found there, the type would be any.
type IsAny<T> = 0 extends 1 & T ? true : false;
export const isAny: IsAny<DeploymentToCancel['kind']> = false;
const print = ({ outputs }: SimulationResult): void => console.log(JSON.stringify(outputs));`
      : `const { App, Stack } = require('aws-cdk-lib');
const { ${uses} } = require('${name}');
const { simulate } = require('${name}/testing');
const print = ({ outputs }) => console.log(JSON.stringify(outputs));`;
  writeFileSync(
    join(directory, `app.${language}`),
    `${head}
const app = new App({ outdir: 'cdk.out' });
const stack = new Stack(app, 'Use');
const cancellation = new DeploymentCancellation(stack, 'Cancel', {
  deployment: ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' }),
  failOn: [CancellationOutcome.CANCEL_FAILED],
});
stack.exportValue(cancellation.outcome, { name: 'Outcome' });
simulate(stack).then(print);
`,
  );
  if (language === 'ts') {
    for (const resolution of ['bundler', 'node10']) compile('app.ts', resolution, '--noEmit');
    // An ES module, for which `exports` may differ.
    cpSync(join(directory, 'app.ts'), join(directory, 'app.mts'));
    compile('app.mts', 'node16', '--noEmit');
    compile('app.ts', 'node16');
  }
  rmSync(join(directory, 'cdk.out'), { recursive: true, force: true });
  const outputs = JSON.parse(run(process.execPath, ['app.js']).trim().split('\n').at(-1));
  assert.deepEqual([...new Set(Object.values(outputs))], ['CANCELLED'], `the outcome, in ${language}`);

  const { Resources } = read(join(directory, 'cdk.out/Use.template.json'));
  const types = Object.values(Resources).map(({ Type }) => Type);
  assert.equal(types.filter((type) => type === 'Custom::DeploymentCancellation').length, 1);
  const assets = readdirSync(join(directory, 'cdk.out')).filter((entry) => entry.startsWith('asset.'));
  assert.equal(assets.length, 1, 'one asset for all functions');
}

/** Compiles a file with one way to resolve modules. */
function compile(file, resolution, ...options) {
  const strict = ['--strict', '--skipLibCheck', '--target', 'es2022', '--types', 'node'];
  const args = [...strict, ...RESOLUTIONS[resolution], ...options, file];
  try {
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args]);
  } catch (error) {
    throw new Error(`${file} does not compile with the resolution ${resolution}: ${error.stdout}`);
  }
}

/** Checks that the import loads one file, and that CodePipeline and CDK Pipelines are loaded only when they are used. */
function checkImport() {
  const script = `require('aws-cdk-lib');
const files = () => Object.keys(require.cache);
const loadedBefore = files().length;
const all = require('${name}');
const imported = files().length - loadedBefore;
const loaded = () => ['aws-codepipeline', 'aws-codepipeline-actions', 'pipelines'].filter((part) =>
  files().some((file) => file.includes('aws-cdk-lib/' + part + '/')));
new all.DeploymentCancellation(new (require('aws-cdk-lib').Stack)(), 'Cancel', {
  deployment: all.EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' }),
});
const before = loaded();
all.CancelDeploymentStep;
console.log(JSON.stringify({ imported, before, after: loaded() }));`;
  const { imported, before, after } = JSON.parse(run(process.execPath, ['--eval', script]));
  assert.equal(imported, 1, 'files that the import loads');
  assert.deepEqual(before, [], 'parts of aws-cdk-lib that are loaded without being used');
  assert.ok(after.includes('pipelines'), `CDK Pipelines is loaded when it is used, not ${after}`);
}

/** Imports the package and simulates from an ES module. */
function simulateAsModule() {
  writeFileSync(
    join(directory, 'app.mjs'),
    `import { CancellationOutcome } from '${name}';
import { simulate } from '${name}/testing';
const { stackStatus } = await simulate('cdk.out');
console.log(stackStatus, CancellationOutcome.CANCELLED);
`,
  );
  assert.equal(run(process.execPath, ['app.mjs']), 'CREATE_COMPLETE CANCELLED\n', 'simulated from an ES module');
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, EcsServiceDeployment } from '../../../lib/index';

const ROOT = join(__dirname, '../../..');
let directory: string;
const bundled = (file: string) => readFileSync(join(directory, 'testing', file), 'utf8');

// An app with the package and its peers only.
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'testing-'));
  execFileSync(process.execPath, [join(ROOT, 'emulator/testing/bundle.mjs'), join(directory, 'testing')]);
  mkdirSync(join(directory, 'node_modules'));
  for (const peer of ['aws-cdk-lib', 'constructs']) {
    symlinkSync(join(ROOT, 'node_modules', peer), join(directory, 'node_modules', peer));
  }
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('the bundle is a few files, and small', () => {
  const files = readdirSync(join(directory, 'testing'));
  expect(files.sort()).toEqual([
    'THIRD-PARTY.txt',
    'bootstrap.cjs',
    'index.d.ts',
    'index.js',
    'interpreter.js',
    'network-guard.cjs',
  ]);
  const size = files.reduce((sum, file) => sum + bundled(file).length, 0);
  expect(size).toBeLessThan(1_000_000);
});

test('the bundle needs only the peers of the package and Node.js', () => {
  const needed = ['index.js', 'interpreter.js'].flatMap((file) =>
    [...bundled(file).matchAll(/(?<![`'"\w])require\("([^"]+)"\)/g)].map(([, name = '']) => name),
  );
  const unexpected = needed.filter((name) => !/^(node:\w+|vm|aws-cdk-lib(\/[\w-]+)?)$/.test(name));
  // ajv contains module names in code that it does not generate here.
  expect(unexpected.filter((name) => !name.startsWith('ajv'))).toEqual([]);
});

test('the declarations refer only to the CDK and to lib/', () => {
  const imports = [...bundled('index.d.ts').matchAll(/\bfrom '([^']+)'|import\('([^']+)'\)/g)].map(([, from]) => from);
  expect(imports).toEqual(['aws-cdk-lib', '../lib/deployments/kinds']);
  expect(bundled('index.d.ts')).toContain('export declare function simulate(');
});

test('the licenses of the included packages are there', () => {
  const notices = bundled('THIRD-PARTY.txt');
  expect(notices).toMatch(/^aws-local-stepfunctions \d+\.\d+\.\d+: MIT$/m);
  expect(notices).toMatch(/^asl-validator \d+\.\d+\.\d+: Apache-2\.0$/m);
  expect(notices.match(/^[@\w/-]+ \d+\.\d+\.\d+: /gm)?.length).toBe(notices.split('-'.repeat(80)).length);
  expect(notices).not.toContain(': undefined');
});

test('plain JavaScript simulates a synthesized assembly', () => {
  const app = new App({ outdir: join(directory, 'cdk.out') });
  const deployment = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' });
  new DeploymentCancellation(new Stack(app, 'Stop'), 'Cancel', { deployment });
  app.synth();
  const print =
    '({ outputs, cancellations }) => console.log(JSON.stringify([outputs, cancellations.map((each) => each.path)]))';
  writeFileSync(join(directory, 'use.js'), `require('./testing').simulate('cdk.out').then(${print});\n`);
  const [outputs, paths] = JSON.parse(execFileSync(process.execPath, ['use.js'], { cwd: directory, encoding: 'utf8' }));
  expect(Object.values(outputs)).toEqual(['ROLLBACK_SUCCESSFUL']);
  expect(paths).toEqual(['Stop/Cancel']);
});

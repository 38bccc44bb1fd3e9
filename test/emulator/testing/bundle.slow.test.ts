import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, EcsServiceDeployment } from '../../../lib/index';

const ROOT = join(__dirname, '../../..');
let environment: string;
const bundled = (file: string) => readFileSync(join(environment, 'testing', file), 'utf8');

// As in an app that has the package and its peers, and nothing else.
beforeAll(() => {
  environment = mkdtempSync(join(tmpdir(), 'testing-'));
  execFileSync(process.execPath, [join(ROOT, 'emulator/testing/bundle.mjs'), join(environment, 'testing')]);
  mkdirSync(join(environment, 'node_modules'));
  for (const peer of ['aws-cdk-lib', 'constructs']) {
    symlinkSync(join(ROOT, 'node_modules', peer), join(environment, 'node_modules', peer));
  }
});
afterAll(() => rmSync(environment, { recursive: true, force: true }));

test('the bundle is few files, and has room in the package', () => {
  const files = readdirSync(join(environment, 'testing'));
  expect(files.sort()).toEqual(['THIRD-PARTY.txt', 'bootstrap.cjs', 'index.d.ts', 'index.js', 'interpreter.js']);
  const size = files.reduce((sum, file) => sum + bundled(file).length, 0);
  expect(size).toBeLessThan(1_000_000);
});

test('it needs the peers of the package, Node.js, and nothing else', () => {
  const needed = ['index.js', 'interpreter.js'].flatMap((file) =>
    [...bundled(file).matchAll(/(?<![`'"\w])require\("([^"]+)"\)/g)].map(([, name = '']) => name),
  );
  const strangers = needed.filter((name) => !/^(node:\w+|vm|aws-cdk-lib(\/[\w-]+)?)$/.test(name));
  // Names of modules in code that ajv would generate, and does not.
  expect(strangers.filter((name) => !name.startsWith('ajv'))).toEqual([]);
});

test('its declarations refer to the CDK and to those of lib/, which the package has beside them', () => {
  const imports = [...bundled('index.d.ts').matchAll(/\bfrom '([^']+)'|import\('([^']+)'\)/g)].map(([, from]) => from);
  expect(imports).toEqual(['aws-cdk-lib', '../lib/deployments/kinds']);
  expect(bundled('index.d.ts')).toContain('export declare function simulate(');
});

test('the licences of what it holds of others are there', () => {
  const notices = bundled('THIRD-PARTY.txt');
  expect(notices).toMatch(/^aws-local-stepfunctions \d+\.\d+\.\d+: MIT$/m);
  expect(notices).toMatch(/^asl-validator \d+\.\d+\.\d+: Apache-2\.0$/m);
  expect(notices.match(/^[@\w/-]+ \d+\.\d+\.\d+: /gm)?.length).toBe(notices.split('-'.repeat(80)).length);
  expect(notices).not.toContain(': undefined');
});

test('it simulates, in plain JavaScript, what was synthesised', () => {
  const app = new App({ outdir: join(environment, 'cdk.out') });
  const deployment = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' });
  new DeploymentCancellation(new Stack(app, 'Stop'), 'Cancel', { deployment });
  app.synth();
  const say =
    '({ outputs, cancellations }) => console.log(JSON.stringify([outputs, cancellations.map((each) => each.path)]))';
  writeFileSync(join(environment, 'use.js'), `require('./testing').simulate('cdk.out').then(${say});\n`);
  const [outputs, paths] = JSON.parse(
    execFileSync(process.execPath, ['use.js'], { cwd: environment, encoding: 'utf8' }),
  );
  expect(Object.values(outputs)).toEqual(['ROLLBACK_SUCCESSFUL']);
  expect(paths).toEqual(['Stop/Cancel']);
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEPLOYMENT_KINDS, serviceOf } from '../lib/deployments/kinds';
import {
  findCycles,
  findViolations,
  type ImportGraph,
  type ImportRule,
  parseImports,
  readImports,
} from './helpers/imports';

const ROOT = join(__dirname, '..');
const FOLDERS = ['lib', 'lambda', 'cli', 'action', 'emulator', 'bin'];

const CONTRACT = /^lib\/contract\//;
/** What the handlers and the emulator read of the deployments: plain data. */
const KIND_DATA = /^lib\/deployments\/(\w+\/)?(kinds|fleet-kinds|kind-definition|options|validator)\.ts$/;
const LIB_PRIVATE = /^lib\/private\//;
const DEPLOYMENTS = /^lib\/deployments\//;
const WORKFLOW = /^lib\/workflow\//;
const CONSTRUCTS = /^lib\/constructs\//;
/** What runs a cancellation without the functions of a stack: the engine, the drivers and what both need. */
const CANCELLATION = /^lambda\/(deployment\/(engine|services)\/.*|[\w-]+)\.ts$/;
const CDK = /^package:(aws-cdk-lib|constructs)(\/|$)/;
const NODE = /^package:node:/;
const PACKAGES_OF_LIB = [CDK, NODE];

/** The direction of imports. All arrows point to `lib/contract/`. */
const RULES: readonly ImportRule[] = [
  { files: CONTRACT, mayImport: [CONTRACT] },
  { files: KIND_DATA, mayImport: [CONTRACT, KIND_DATA] },
  { files: LIB_PRIVATE, mayImport: [LIB_PRIVATE, ...PACKAGES_OF_LIB] },
  { files: DEPLOYMENTS, mayImport: [DEPLOYMENTS, CONTRACT, LIB_PRIVATE, ...PACKAGES_OF_LIB] },
  { files: WORKFLOW, mayImport: [WORKFLOW, DEPLOYMENTS, CONTRACT, LIB_PRIVATE, ...PACKAGES_OF_LIB] },
  { files: CONSTRUCTS, mayImport: [CONSTRUCTS, WORKFLOW, DEPLOYMENTS, CONTRACT, LIB_PRIVATE, ...PACKAGES_OF_LIB] },
  { files: /^lib\//, mayImport: [/^lib\//, ...PACKAGES_OF_LIB] },
  {
    files: /^lambda\//,
    mayImport: [/^lambda\//, CONTRACT, KIND_DATA, NODE, /^package:@(aws-sdk|smithy)\//, /^package:aws-lambda$/],
  },
  {
    files: /^lambda\/deployment\/engine\//,
    mayImport: [/^lambda\/deployment\/engine\//, /^lambda\/[\w-]+\.ts$/, CONTRACT, KIND_DATA, NODE],
  },
  {
    files: /^cli\//,
    mayImport: [/^cli\//, CANCELLATION, CONTRACT, KIND_DATA, NODE, /^package:@aws-sdk\//],
  },
  {
    files: /^action\//,
    mayImport: [/^action\//, /^cli\//, KIND_DATA, NODE],
  },
  {
    files: /^emulator\//,
    // These two build stacks with the constructs. They move out of the emulator.
    except: /^emulator\/simulation\/(fleet-)?stack-scenarios\.ts$/,
    mayImport: [/^emulator\//, CONTRACT, KIND_DATA, /^package:/],
  },
];

const imports = readImports(ROOT, FOLDERS);
const filesIn = (pattern: RegExp) => [...imports.keys()].filter((file) => pattern.test(file));

test('imports have the directions of the architecture', () => {
  expect(findViolations(imports, RULES)).toEqual([]);
});

test('no imports form a cycle', () => {
  expect(findCycles(imports)).toEqual([]);
});

test('every rule is about existing files', () => {
  for (const { files } of RULES) expect(filesIn(files)).not.toEqual([]);
});

test('the data of every service is under the rule for data', () => {
  const services = new Set(DEPLOYMENT_KINDS.map(serviceOf));
  const files = ['kinds', 'fleet-kinds', ...[...services].map((service) => `${service}/kinds`)];
  expect(filesIn(KIND_DATA)).toEqual(expect.arrayContaining(files.map((file) => `lib/deployments/${file}.ts`)));
});

test.each(filesIn(/^lambda\/deployment\/engine\//))('%s names no service', (file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  expect(text).not.toMatch(/\b(proton|ecs|codedeploy|codepipeline|cloudformation)\b/i);
});

describe('the check of directions', () => {
  const graph = (file: string, target: string): ImportGraph => new Map([[file, [{ target, isTypeOnly: true }]]]);

  test.each([
    ['lib/contract/outcome.ts', 'lib/private/errors.ts'],
    ['lib/contract/outcome.ts', 'package:node:path'],
    ['lib/deployments/kinds.ts', 'package:aws-cdk-lib'],
    ['lib/deployments/ecs/kinds.ts', 'lib/deployments/ecs/ecs-service-deployment.ts'],
    ['lib/deployments/validator.ts', 'lib/private/errors.ts'],
    ['lib/deployments/kind-definition.ts', 'package:constructs'],
    ['lib/private/errors.ts', 'lib/contract/outcome.ts'],
    ['lib/deployments/deployment-fleet.ts', 'lib/workflow/fleet-workflow.ts'],
    ['lib/workflow/private/handler.ts', 'lib/constructs/cancel-on-rollback.ts'],
    ['lib/workflow/private/handler.ts', 'package:lodash'],
    ['lib/constructs/cancel-on-rollback.ts', 'lambda/log.ts'],
    ['lib/index.ts', 'emulator/emulator.ts'],
    ['lib/new/file.ts', 'test/setup.ts'],
    ['lambda/log.ts', 'lib/private/errors.ts'],
    ['lambda/log.ts', 'lib/deployments/declared-deployment.ts'],
    ['lambda/log.ts', 'bin/app.ts'],
    ['lambda/log.ts', 'package:aws-cdk-lib'],
    ['lambda/deployment/engine/run.ts', 'lambda/deployment/services/registry.ts'],
    ['lambda/deployment/engine/run.ts', 'lambda/deployment/fleet/batch.ts'],
    ['lambda/deployment/engine/run.ts', 'package:@aws-sdk/client-ecs'],
    ['cli/main.ts', 'lib/index.ts'],
    ['cli/main.ts', 'lambda/deployment/index.ts'],
    ['cli/main.ts', 'emulator/emulator.ts'],
    ['cli/main.ts', 'package:aws-cdk-lib'],
    ['action/main.ts', 'bin/app.ts'],
    ['emulator/emulator.ts', 'lib/index.ts'],
    ['emulator/emulator.ts', 'lambda/log.ts'],
    ['emulator/simulation/run.ts', 'bin/app.ts'],
  ])('finds that %s imports %s', (file, target) => {
    expect(new Set(findViolations(graph(file, target), RULES))).toEqual(new Set([`${file} imports ${target}`]));
  });

  test.each([
    ['lib/contract/fleet.ts', 'lib/contract/outcome.ts'],
    ['lib/deployments/ecs/kinds.ts', 'lib/deployments/validator.ts'],
    ['lib/constructs/cancel-on-rollback.ts', 'package:aws-cdk-lib/aws-iam'],
    ['lambda/parse.ts', 'lib/deployments/kinds.ts'],
    ['lambda/deployment/engine/run.ts', 'lambda/clock.ts'],
    ['cli/main.ts', 'lambda/deployment/engine/run.ts'],
    ['cli/main.ts', 'lambda/deployment/services/registry.ts'],
    ['action/main.ts', 'cli/cancel.ts'],
    ['emulator/emulator.ts', 'lib/contract/cancellation.ts'],
    ['bin/app.ts', 'lib/index.ts'],
  ])('allows that %s imports %s', (file, target) => {
    expect(findViolations(graph(file, target), RULES)).toEqual([]);
  });
});

test('the check of cycles finds them through other files, and not those of types', () => {
  const graph = (isTypeOnly: boolean): ImportGraph =>
    new Map([
      ['a', [{ target: 'b', isTypeOnly: false }]],
      [
        'b',
        [
          { target: 'package:x', isTypeOnly: false },
          { target: 'c', isTypeOnly },
        ],
      ],
      ['c', [{ target: 'b', isTypeOnly: false }]],
    ]);
  expect(findCycles(graph(false))).toEqual(['b → c → b']);
  expect(findCycles(graph(true))).toEqual([]);
});

test.each([
  ["import a from './a';", false],
  ["import { type A, b } from './a';", false],
  ["import * as a from './a';", false],
  ["import './a';", false],
  ["import a = require('./a');", false],
  ["const a = await import('./a');", false],
  ["const a = require('./a');", false],
  ["export * from './a';", false],
  ["export { a } from './a';", false],
  ["import type { A } from './a';", true],
  ["import { type A, type B } from './a';", true],
  ["export type { A } from './a';", true],
  ["let a: import('./a').A;", true],
])('the import in %j is read', (text, isTypeOnly) => {
  expect(parseImports(text)).toEqual([{ target: './a', isTypeOnly }]);
});

describe('in a folder', () => {
  const root = mkdtempSync(join(tmpdir(), 'imports-'));
  afterAll(() => rmSync(root, { recursive: true }));

  test('files are found by all names that imports have for them', () => {
    mkdirSync(join(root, 'good/part'), { recursive: true });
    writeFileSync(join(root, 'good/a.ts'), "import './b'; import './c.js'; import './part'; import 'aws-cdk-lib';");
    for (const name of ['b', 'c', 'part/index']) writeFileSync(join(root, `good/${name}.ts`), '');
    const targets = readImports(root, ['good'])
      .get('good/a.ts')
      ?.map(({ target }) => target);
    expect(targets).toEqual(['good/b.ts', 'good/c.ts', 'good/part/index.ts', 'package:aws-cdk-lib']);
  });

  test('an import of a file that does not exist is an error', () => {
    mkdirSync(join(root, 'bad'));
    writeFileSync(join(root, 'bad/a.ts'), "import './missing';");
    expect(() => readImports(root, ['bad'])).toThrow('bad/a.ts imports ./missing, which does not exist');
  });
});

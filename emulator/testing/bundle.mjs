// Bundles what users' tests import into testing/, which the package ships: the embedded cloud with all that it needs, so
// that the package needs nothing; or into another directory, if one is given.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const outdir = resolve(process.argv[2] ?? join(root, 'testing'));

const INTERPRETER = 'aws-local-stepfunctions';
const INTERPRETER_FILE = 'interpreter.js';

const settings = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  metafile: true,
  platform: 'node',
  target: 'node20',
  // ES modules, of which only what is used is taken.
  mainFields: ['module', 'main'],
  // Whoever looks into a failure finds the names that are here.
  minifySyntax: true,
  minifyWhitespace: true,
  // They are in a file of their own.
  legalComments: 'none',
  logLevel: 'warning',
};

/** It is loaded as a text, by its file. */
const interpreterApart = {
  name: 'interpreter-apart',
  setup({ onResolve, onEnd }) {
    let found = false;
    onResolve({ filter: new RegExp(`^${INTERPRETER}$`) }, ({ kind }) => {
      if (kind !== 'require-resolve')
        return { errors: [{ text: `${INTERPRETER} is to be found as a file, not loaded` }] };
      found = true;
      return { path: `./${INTERPRETER_FILE}`, external: true };
    });
    onEnd(() => ({ errors: found ? [] : [{ text: `nobody looks for ${INTERPRETER} any more` }] }));
  },
};

/** What the interpreter calls AWS with, and checks definitions with, which has been done by then: neither is ever used. */
const withoutUnused = {
  name: 'without-unused',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(@aws-sdk\/.*|asl-validator)$/ }, ({ path }) => ({ path, namespace: 'unused' }));
    onLoad({ filter: /./, namespace: 'unused' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const bundles = [
  await build({
    ...settings,
    entryPoints: ['emulator/testing/index.ts'],
    outfile: join(outdir, 'index.js'),
    external: ['aws-cdk-lib', 'constructs'],
    plugins: [interpreterApart],
  }),
  await build({
    ...settings,
    entryPoints: [require.resolve(INTERPRETER)],
    outfile: join(outdir, INTERPRETER_FILE),
    plugins: [withoutUnused],
  }),
];

rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });
const write = (name, text) => writeFileSync(join(outdir, name), text);
for (const { path, text } of bundles.flatMap(({ outputFiles }) => outputFiles)) writeFileSync(path, text);
// A thread of its own begins with it.
write('bootstrap.cjs', readFileSync(join(root, 'emulator/aws/lambda/bootstrap.cjs')));
write('index.d.ts', declarations());
write('THIRD-PARTY.txt', notices());

/** Of the one file that says all that is public. */
function declarations() {
  const ts = require('typescript');
  const fileName = join(here, 'index.ts');
  const { outputText, diagnostics } = ts.transpileDeclaration(readFileSync(fileName, 'utf8'), {
    fileName,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.Node16 },
  });
  const problems = diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
  if (problems.length > 0) throw new Error(problems.join('; '));
  // The declarations of lib/ are in the package, beside this directory.
  const text = outputText.replaceAll("from '../../lib/", "from '../lib/");
  const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from);
  if (imports.some((from) => from.startsWith('.') && !from.startsWith('../lib/'))) {
    throw new Error(`what is public refers to what is not published: ${imports.join(', ')}`);
  }
  return text;
}

/** The licence of each package of which something is in the bundles. */
function notices() {
  const outputs = bundles.flatMap(({ metafile }) => Object.values(metafile.outputs));
  const inputs = outputs.flatMap((output) => Object.entries(output.inputs));
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  const folders = new Set(used.flatMap((path) => /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []));
  const packages = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    if (license === undefined) throw new Error(`${folder} does not say under which licence it is`);
    const files = readdirSync(join(root, folder)).filter((entry) => /^(licen[cs]e|notice)/i.test(entry));
    const text = files.map((file) => `\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`).join('');
    return `${name} ${version}: ${license}\n${text}`;
  });
  return `What testing/ holds of others, and under which licences.\n\n${packages.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

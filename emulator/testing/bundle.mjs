// Bundles the module that users' tests import, the emulator with its dependencies, into testing/ or into another directory.
//
//   node emulator/testing/bundle.mjs [DIRECTORY]
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
  target: 'node22',
  // ES modules can be reduced to what is used.
  mainFields: ['module', 'main'],
  // Names are kept, because users see them in stack traces.
  minifySyntax: true,
  minifyWhitespace: true,
  // THIRD-PARTY.txt has them.
  legalComments: 'none',
  logLevel: 'warning',
};

/** The emulator reads the interpreter as text, so it stays a separate file. */
const separateInterpreter = {
  name: 'separate-interpreter',
  setup({ onResolve, onEnd }) {
    let found = false;
    onResolve({ filter: new RegExp(`^${INTERPRETER}$`) }, ({ kind }) => {
      if (kind !== 'require-resolve')
        return { errors: [{ text: `${INTERPRETER} must be resolved as a file, not imported` }] };
      found = true;
      return { path: `./${INTERPRETER_FILE}`, external: true };
    });
    onEnd(() => ({ errors: found ? [] : [{ text: `no module resolves ${INTERPRETER}` }] }));
  },
};

/** Replaces the SDK and the validator of the interpreter, which the emulator does not use. */
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
    plugins: [separateInterpreter],
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
// The threads of functions start with these files.
for (const file of ['bootstrap.cjs', 'network-guard.cjs']) {
  write(file, readFileSync(join(root, 'emulator/aws/lambda', file)));
}
write('index.d.ts', declarations());
write('THIRD-PARTY.txt', notices());

/** Returns the declarations of index.ts, which has the whole public API. */
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
  // The package contains the declarations of lib/ beside this directory.
  const text = outputText.replaceAll("from '../../lib/", "from '../lib/");
  const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from);
  if (imports.some((from) => from.startsWith('.') && !from.startsWith('../lib/'))) {
    throw new Error(`the declarations refer to files that are not published: ${imports.join(', ')}`);
  }
  return text;
}

/** Returns the licenses of the packages in the bundles. */
function notices() {
  const outputs = bundles.flatMap(({ metafile }) => Object.values(metafile.outputs));
  const inputs = outputs.flatMap((output) => Object.entries(output.inputs));
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  const folders = new Set(used.flatMap((path) => /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []));
  const packages = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    if (license === undefined) throw new Error(`${folder} has no license in its package.json`);
    const files = readdirSync(join(root, folder)).filter((entry) => /^(licen[cs]e|notice)/i.test(entry));
    const text = files.map((file) => `\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`).join('');
    return `${name} ${version}: ${license}\n${text}`;
  });
  return `The packages that are included in testing/, and their licenses.\n\n${packages.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

// Bundles the handlers, SDK included, into dist/lambda, which is what the package ships. What several of them need is
// there once: files.json says which files each of them consists of.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { apart } from './sdk/apart.mjs';
import { leanSdk, NEVER_LOADED } from './sdk/lean.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outdir = join(root, 'dist', 'lambda');
const target = 'node20';
const SERVICES = ['cloudformation', 'codedeploy/index', 'codepipeline', 'ecs', 'proton/index'].map((module) => ({
  in: `lambda/deployment/services/${module}.ts`,
  out: `${module.split('/')[0]}-service`,
}));

const bundles = [
  // In one stack, so what both need is there once.
  await bundle(['cloudformation', 'deployment']),
  await bundle(['codepipeline']),
];
const files = new Map(bundles.flatMap(({ outputs }) => outputs));
const parts = Object.assign({}, ...bundles.map(({ filesOfEach }) => filesOfEach));
files.set('files.json', `${JSON.stringify(parts, undefined, 2)}\n`);

// In place, and only what has changed: somebody may be reading.
mkdirSync(outdir, { recursive: true });
for (const [name, contents] of files) {
  const path = join(outdir, name);
  if (existsSync(path) && readFileSync(path, 'utf8') === contents) continue;
  const draft = join(dirname(outdir), `.${name}.${process.pid}`);
  writeFileSync(draft, contents);
  renameSync(draft, path);
}
for (const name of readdirSync(outdir))
  if (!files.has(name)) rmSync(join(outdir, name), { recursive: true, force: true });

async function bundle(functions) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [
      ...functions.map((name) => ({ in: `lambda/${name}/index.ts`, out: name })),
      ...(functions.includes('deployment') ? SERVICES : []),
    ],
    outdir,
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target,
    // Nothing else can be split.
    format: 'esm',
    splitting: true,
    // The SDK's ES modules, so that operations nobody calls are left out.
    mainFields: ['module', 'main'],
    plugins: [leanSdk, apart],
    external: NEVER_LOADED,
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  return {
    outputs: await Promise.all(outputFiles.map(async ({ path, text }) => [basename(path), await toCommonJs(text)])),
    filesOfEach: filesOfEach(metafile.outputs),
  };
}

/** Node.js loads it quicker than ES modules. */
async function toCommonJs(text) {
  const supported = { 'dynamic-import': false };
  return withShortBeginning(
    (await transform(text, { format: 'cjs', platform: 'node', target, minify: true, supported })).code,
  );
}

/**
 * What esbuild begins a CommonJS module with is as long as some of ours are, since it can do more than offer what a module
 * exports. Where that is all it does, a line does it.
 */
function withShortBeginning(code) {
  const beginning =
    /^(?:"use strict";)?var (\w+)=Object\.defineProperty;var .+?;\w+\(\w+,(\{[^{}]*\})\);module\.exports=\w+\(\w+\);/.exec(
      code,
    );
  if (!beginning || beginning[0].includes('Object.create')) return code;
  const [whole, , exported] = beginning;
  return `"use strict";for(const[n,get]of Object.entries(${exported}))Object.defineProperty(exports,n,{get,enumerable:!0});${code.slice(whole.length)}`;
}

/** By the name of a function, or of a module that one of them loads only if it is there: what it cannot do without. */
function filesOfEach(outputs) {
  const entries = Object.entries(outputs).filter(([, { entryPoint }]) => entryPoint);
  return Object.fromEntries(entries.map(([file]) => [basename(file, '.js'), closureOf(file, outputs)]));
}

function closureOf(file, outputs) {
  const found = new Set([file]);
  for (const path of found) {
    const needed = outputs[path].imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
    for (const { path } of needed) found.add(path);
  }
  return [...found].map((path) => basename(path)).sort();
}

// Bundles the functions, SDK included, into dist/lambda: one asset for all of them. Each function is a file; what several
// of them need, and each service whose deployments can be cancelled, is a file beside them.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outdir = join(root, 'dist', 'lambda');

// The SDK loads these on demand, and never in a function of Lambda: the credentials of a function are in its environment,
// it is no browser, and it calls no operation that streams events. They would be a fifth of the asset.
const NEVER_LOADED = [
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/core/event-streams',
  'bowser',
];

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['cloudformation', 'codepipeline', 'deployment'].map((name) => ({
    in: `lambda/${name}/index.ts`,
    out: name,
  })),
  outdir,
  outExtension: { '.js': '.mjs' },
  write: false,
  bundle: true,
  external: NEVER_LOADED,
  splitting: true,
  format: 'esm',
  platform: 'node',
  // The oldest Node.js that the emulator runs on; those of Lambda are no older.
  target: 'node22',
  // The ES modules of the SDK, so that operations that are never called are left out.
  mainFields: ['module', 'main'],
  minify: true,
  logLevel: 'warning',
});

// Only what has changed is written, and no file is ever there in part: another process may be reading.
const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
mkdirSync(outdir, { recursive: true });
for (const [name, contents] of files) {
  const path = join(outdir, name);
  if (existsSync(path) && readFileSync(path).equals(contents)) continue;
  const draft = join(dirname(outdir), `.${name}.${process.pid}`);
  writeFileSync(draft, contents);
  renameSync(draft, path);
}
for (const name of readdirSync(outdir))
  if (!files.has(name)) rmSync(join(outdir, name), { recursive: true, force: true });

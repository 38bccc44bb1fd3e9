import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles entry points, the SDK included, as ES modules of Node.js. What several of them need, and each service whose
 * deployments can be cancelled, is a file beside them.
 *
 * @param external modules that are left out
 */
export async function writeBundle(root, entryPoints, outdir, { external = [] } = {}) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    external,
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
}

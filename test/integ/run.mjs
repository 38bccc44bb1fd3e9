// npm run integ [-- --write]
//
// Compares the assembly of each integ.*.ts with its snapshot, or writes the snapshot. Snapshots have the format of the
// integration runner of the CDK: the assembly without its assets. Hashes of assets are not compared, because each change of
// a handler changes them. The first line of each file has the command to deploy it; its assertions are a stack.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const HASH = /\b[0-9a-f]{64}\b/g;
const isAsset = (path) => basename(path).startsWith('asset.');
/** Reads templates by the names of their stacks, without the assertions, which contain the time. */
function read(directory) {
  const integ = join(directory, 'integ.json');
  if (!existsSync(integ)) return {};
  const text = readFileSync(integ, 'utf8');
  const stacks = Object.values(JSON.parse(text).testCases).flatMap((testCase) => testCase.stacks);
  const template = (stack) => readFileSync(join(directory, `${stack}.template.json`), 'utf8').replace(HASH, 'HASH');
  return { integ: text, ...Object.fromEntries(stacks.map((stack) => [stack, template(stack)])) };
}

for (const test of readdirSync(here).filter((name) => /^integ\..+\.ts$/.test(name))) {
  const outdir = mkdtempSync(join(tmpdir(), 'integ-'));
  try {
    const env = { ...process.env, CDK_VALIDATION: 'false', CDK_OUTDIR: outdir };
    execFileSync(join(root, 'node_modules', '.bin', 'tsx'), [join(here, test)], { cwd: root, env, stdio: 'inherit' });
    const snapshot = join(here, `${test}.snapshot`);
    if (values.write) {
      rmSync(snapshot, { recursive: true, force: true });
      cpSync(outdir, snapshot, { recursive: true, filter: (path) => !isAsset(path) });
      for (const name of readdirSync(snapshot)) if (name.endsWith('.metadata.json')) untrace(join(snapshot, name));
    }
    compare(test, read(snapshot), read(outdir));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** Removes stack traces, which contain paths of the machine. */
function untrace(path) {
  const metadata = JSON.parse(readFileSync(path, 'utf8'));
  const text = JSON.stringify(metadata, (key, value) => (key === 'trace' ? undefined : value), 2);
  writeFileSync(path, `${text}\n`);
}

function compare(test, expected, found) {
  if (found.integ === undefined) throw new Error(`${test} has no IntegTest to compare`);
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  const changed = names.filter((name) => expected[name] !== found[name]);
  if (changed.length === 0) {
    console.log(`${test}: equals its snapshot`);
    return;
  }
  console.error(
    `${test}: ${changed.join(', ')} differ from the snapshot: if that is intended, run npm run integ -- --write`,
  );
  process.exitCode = 1;
}

// npm run integ [-- --write]
//
// Holds what each integ.*.ts synthesises against its snapshot, or writes that. A snapshot is what the integration runner of
// the CDK takes for one: the assembly without its assets. Hashes of assets are not compared, since each change of a handler
// changes them. To deploy one, see its first line; its assertions are a stack that fails if they do not hold.
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
/** Templates by the name of their stack, but for that of the assertions, which is salted with the time. */
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

/** From where something was done is another path for everyone. */
function untrace(path) {
  const metadata = JSON.parse(readFileSync(path, 'utf8'));
  const text = JSON.stringify(metadata, (key, value) => (key === 'trace' ? undefined : value), 2);
  writeFileSync(path, `${text}\n`);
}

function compare(test, expected, found) {
  if (found.integ === undefined) throw new Error(`${test} has no IntegTest: nothing of it can be compared`);
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  const changed = names.filter((name) => expected[name] !== found[name]);
  if (changed.length === 0) {
    console.log(`${test}: as its snapshot`);
    return;
  }
  console.error(`${test}: ${changed.join(', ')} not as in the snapshot; if that is meant, npm run integ -- --write`);
  process.exitCode = 1;
}

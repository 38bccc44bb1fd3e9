// Applies each mutation to a copy of the project, and checks that a test or a schedule detects it.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MUTATIONS } from './mutations.mjs';

const USAGE = `usage: npm run test:mutation:known -- [options]

Exit code 0: every mutation is detected; 1: one is not, or cannot be applied any more.

  --only NAME   runs one mutation; can be given more than once
  --list        lists the mutations
`;
const COPIED = [
  'action',
  'bin',
  'cli',
  'lambda',
  'lib',
  'emulator',
  'scripts',
  'template',
  'test',
  'cdk.json',
  'jest.config.js',
  'package.json',
  'tsconfig.json',
];
/** The timeout of a command, in milliseconds. */
const TIMEOUT_MS = 10 * 60_000;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
process.exitCode = values.help || values.list ? show() : mutate(selected());

function show() {
  const lines = MUTATIONS.map(({ name, effect, test }) => `${name.padEnd(24)}${effect} (${test ?? 'schedules'})`);
  process.stdout.write(values.help ? USAGE : `${lines.join('\n')}\n`);
  return 0;
}

function selected() {
  if (!values.only) return MUTATIONS;
  const unknown = values.only.filter((name) => !MUTATIONS.some((mutation) => mutation.name === name));
  if (unknown.length > 0) throw new Error(`there is no mutation ${unknown.join(', ')}; --list lists them`);
  return MUTATIONS.filter(({ name }) => values.only.includes(name));
}

function mutate(mutations) {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const copy = mkdtempSync(join(tmpdir(), 'mutations-'));
  const run = (command, ...args) => {
    const { status, error, stdout, stderr } = spawnSync(command, args, {
      cwd: copy,
      env: { ...process.env, CDK_VALIDATION: 'false' },
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
    });
    if (error || status === null) throw error ?? new Error(`${command} ${args[0]} did not end`);
    return { status, output: `${stdout}${stderr}` };
  };
  const bundle = () => {
    const { status, output } = run(process.execPath, 'lambda/bundle.mjs');
    if (status !== 0) throw new Error(`a mutation must not break the bundle: ${output}`);
  };
  const replay = (schedules) =>
    run(
      'node_modules/.bin/tsx',
      'test/fuzz/run.ts',
      ...schedules.flatMap((schedule) => ['--replay', JSON.stringify(schedule)]),
    );
  const jest = (...tests) => run('node_modules/.bin/jest', '--testMatch', ...tests.map((test) => `**/${test}`));
  /** Returns what detects a mutation; undefined if nothing does. */
  const detectedBy = ({ test, schedules = [] }) => {
    if (test && jest(test).status === 1) return test;
    if (schedules.length === 0) return undefined;
    const { status, output } = replay(schedules);
    const violations = output
      .split('\n')
      .filter((line) => /^(missing response|false response|wrong deployment cancelled|exposed secret): /.test(line));
    return status === 1 && violations.length > 0 ? `a schedule: ${violations[0]?.slice(0, 120)}` : undefined;
  };

  try {
    for (const name of COPIED) {
      cpSync(join(root, name), join(copy, name), {
        recursive: true,
        filter: (path) => !/\/lib\/.*\.(js|d\.ts)$/.test(path),
      });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    bundle();
    const tests = [...new Set(mutations.flatMap(({ test = [] }) => test))];
    if (tests.length > 0) {
      const { status, output } = jest(...tests);
      if (status !== 0) throw new Error(`without a mutation, every test must pass:\n${output.slice(-2000)}`);
    }
    const all = mutations.flatMap(({ schedules = [] }) => schedules);
    if (all.length > 0) {
      const { status, output } = replay(all);
      if (status !== 0)
        throw new Error(`without a mutation, no schedule may violate an invariant:\n${output.slice(-2000)}`);
    }
    let undetected = 0;
    for (const mutation of mutations) {
      const path = join(copy, mutation.file);
      const source = readFileSync(path, 'utf8');
      let verdict;
      if (source.split(mutation.search).length !== 2) {
        verdict = `cannot be applied: the text does not occur exactly once in ${mutation.file}`;
        undetected++;
      } else {
        writeFileSync(
          path,
          source.replace(mutation.search, () => mutation.replace),
        );
        if (mutation.file.startsWith('lambda/')) bundle();
        const by = detectedBy(mutation);
        verdict = by ? `detected by ${by}` : 'NOT DETECTED';
        if (!by) undetected++;
        writeFileSync(path, source);
        if (mutation.file.startsWith('lambda/')) bundle();
      }
      process.stdout.write(`${mutation.name.padEnd(24)}${verdict}\n`);
    }
    process.stdout.write(`${mutations.length} mutations, ${mutations.length - undetected} detected\n`);
    return undetected === 0 ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

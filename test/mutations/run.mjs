// Breaks a copy of the project, one deliberate breakage after the other, and says whether each is caught.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MUTATIONS } from './mutations.mjs';

const USAGE = `usage: npm run test:mutation -- [options]

Exit code 0: every breakage is caught; 1: one escapes, or cannot be made any more.

  --only NAME   one of them; can be given more than once
  --list        what there is
`;
const COPIED = ['bin', 'lambda', 'lib', 'emulator', 'test', 'jest.config.js', 'package.json', 'tsconfig.json'];
/** Longer than anything that is run takes, in milliseconds. */
const PATIENCE = 10 * 60_000;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
process.exitCode = values.help || values.list ? show() : mutate(chosen());

function show() {
  const lines = MUTATIONS.map(({ name, breaks, test }) => `${name.padEnd(24)}${breaks} (${test ?? 'campaign'})`);
  process.stdout.write(values.help ? USAGE : `${lines.join('\n')}\n`);
  return 0;
}

function chosen() {
  if (!values.only) return MUTATIONS;
  const unknown = values.only.filter((name) => !MUTATIONS.some((mutation) => mutation.name === name));
  if (unknown.length > 0) throw new Error(`there is no breakage ${unknown.join(', ')}; --list names them`);
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
      timeout: PATIENCE,
    });
    if (error || status === null) throw error ?? new Error(`${command} ${args[0]} did not end`);
    return { status, said: `${stdout}${stderr}` };
  };
  const bundle = () => {
    const { status, said } = run(process.execPath, 'lambda/bundle.mjs');
    if (status !== 0) throw new Error(`a breakage must leave code that can be bundled: ${said}`);
  };
  const play = (schedules) =>
    run('node_modules/.bin/tsx', 'test/fuzz/run.ts', ...schedules.flatMap((one) => ['--replay', JSON.stringify(one)]));
  const jest = (...tests) => run('node_modules/.bin/jest', '--testMatch', ...tests.map((test) => `**/${test}`));
  /** What catches it, if anything does. */
  const caughtBy = ({ test, schedules = [] }) => {
    if (test && jest(test).status === 1) return test;
    if (schedules.length === 0) return undefined;
    const { status, said } = play(schedules);
    const violations = said
      .split('\n')
      .filter((line) => /^(unanswered|wrong|wrong deployment cancelled|secrets seen): /.test(line));
    return status === 1 && violations.length > 0 ? `campaign, ${violations[0]?.slice(0, 120)}` : undefined;
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
      const { status, said } = jest(...tests);
      if (status !== 0) throw new Error(`without a breakage, every test must pass:\n${said.slice(-2000)}`);
    }
    const healthy = mutations.flatMap(({ schedules = [] }) => schedules);
    if (healthy.length > 0) {
      const { status, said } = play(healthy);
      if (status !== 0)
        throw new Error(`without a breakage, the promise must hold for every schedule:\n${said.slice(-2000)}`);
    }
    let escaped = 0;
    for (const mutation of mutations) {
      const path = join(copy, mutation.file);
      const source = readFileSync(path, 'utf8');
      let verdict;
      if (source.split(mutation.search).length !== 2) {
        verdict = `cannot be made: what is searched for is not there exactly once in ${mutation.file}`;
        escaped++;
      } else {
        writeFileSync(
          path,
          source.replace(mutation.search, () => mutation.replace),
        );
        if (mutation.file.startsWith('lambda/')) bundle();
        const by = caughtBy(mutation);
        verdict = by ? `caught by ${by}` : 'ESCAPED';
        if (!by) escaped++;
        writeFileSync(path, source);
        if (mutation.file.startsWith('lambda/')) bundle();
      }
      process.stdout.write(`${mutation.name.padEnd(24)}${verdict}\n`);
    }
    process.stdout.write(`${mutations.length} breakages, ${mutations.length - escaped} caught\n`);
    return escaped === 0 ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Finding, type Findings, FuzzRunner } from './fuzz';
import { VIOLATION_KINDS } from './invariants';
import { DEFAULTS, type Schedule } from './schedule';

const USAGE = `usage: npm run test:fuzz -- [options]

Generates schedules of faults, deployments and stack operations, runs them on the emulator, and checks the invariants of
each: CloudFormation gets a response in time, the response is true, no other deployment is cancelled, no secret is exposed, the
stack can be deleted, and without faults, what is meant is cancelled. No request is sent that no option allows, a role calls
the service and nothing else, and each cancellation puts at most one event, which agrees with its response.
Exit code 0: no violation; 1: violations, which are printed with their schedules.

  --runs N           the number of schedules (default: 1000)
  --seed S           the seed of the random numbers (default: from the time)
  --workers N        the number of processes (default: the number of cores)
  --replay SCHEDULE  runs a printed schedule, and prints every event; can be given more than once. The events are the same
                     each time, except that functions which run at the same moment may call services in another order
`;

class UsageError extends Error {}

/** A message of a worker. */
type Message = { readonly run: true } | { readonly finding: Finding } | Findings;

async function main(): Promise<number> {
  const { values } = parse();
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (values.replay !== undefined) return replay(values.replay);
  const runs = wholeNumber('runs', values.runs ?? '1000');
  const seed = wholeNumber('seed', values.seed ?? String(Date.now() % 1_000_000));
  if (process.send) return runAsWorker(runs, seed);
  const workers = Math.min(runs, wholeNumber('workers', values.workers ?? String(availableParallelism())));
  return fuzz(runs, seed, workers);
}

function parse() {
  try {
    return parseArgs({
      options: {
        runs: { type: 'string' },
        seed: { type: 'string' },
        workers: { type: 'string' },
        replay: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text) && (name === 'seed' || Number(text) > 0)) return Number(text);
  throw new UsageError(`--${name} must be a whole number, not '${text}'`);
}

async function fuzz(runs: number, seed: number, workers: number): Promise<number> {
  const began = performance.now();
  let done = 0;
  const onRun = () => {
    if (++done % 100 === 0) process.stderr.write(`${done} of ${runs} runs, ${rate(done, began)}\n`);
  };
  const shares = Array.from({ length: workers }, (_, index) => Math.floor((runs + index) / workers));
  // The distance keeps the seeds of the workers apart.
  const parts = await Promise.all(shares.map((share, index) => runInWorker(share, seed + index * 1000, onRun)));
  const findings = parts.flatMap((part) => part.findings);
  const total = parts.reduce((sum, part) => sum + part.runs, 0);
  const counts = VIOLATION_KINDS.map((kind) => `${kind} ${findings.filter(hasViolation(kind)).length}`);
  process.stdout.write(`seed ${seed}: runs ${total}, ${counts.join(', ')}; ${rate(total, began)}\n`);
  const isClean = findings.length === 0 && total === runs;
  const repeat = `npm run --silent test:fuzz -- --runs ${runs} --seed ${seed} --workers ${workers}`;
  if (!isClean) process.stdout.write(`to repeat all runs: ${repeat}\n`);
  return isClean ? 0 : 1;
}

const hasViolation =
  (kind: (typeof VIOLATION_KINDS)[number]) =>
  ({ violations }: Finding) =>
    violations.some((violation) => violation.kind === kind);

function rate(runs: number, began: number): string {
  const seconds = (performance.now() - began) / 1000;
  return `${seconds.toFixed(0)} s, ${(runs / seconds).toFixed(1)} runs a second`;
}

function describe({ schedule, violations }: Finding): string {
  const quoted = JSON.stringify(schedule).replaceAll("'", "'\\''");
  const lines = violations.map(({ kind, what }) => `${kind}: ${what}`);
  return [...lines, `npm run --silent test:fuzz -- --replay '${quoted}'`].join('\n');
}

/** Runs some of the schedules in another process. */
function runInWorker(runs: number, seed: number, onRun: () => void): Promise<Findings> {
  return new Promise((resolve, reject) => {
    const child = fork(__filename, ['--runs', String(runs), '--seed', String(seed)], { execArgv: process.execArgv });
    child.on('message', (message: Message) => {
      if ('run' in message) onRun();
      else if ('finding' in message) process.stdout.write(`${describe(message.finding)}\n\n`);
      else resolve(message);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`a worker exited with code ${code} before the end of its runs`)));
  });
}

async function runAsWorker(runs: number, seed: number): Promise<number> {
  const send = (message: Message) => process.send?.(message);
  const runner = await FuzzRunner.open();
  try {
    const listener = { onRun: () => send({ run: true }), onFinding: (finding: Finding) => send({ finding }) };
    send(await runner.fuzz(runs, seed, listener));
  } finally {
    await runner.close();
  }
  process.disconnect();
  return 0;
}

async function replay(texts: readonly string[]): Promise<number> {
  const schedules = texts.map(read);
  const runner = await FuzzRunner.open();
  let failures = 0;
  try {
    for (const schedule of schedules) {
      const { record, violations } = await runner.run(schedule);
      const lines = violations.map(({ kind, what }) => `${kind}: ${what}`);
      if (violations.length > 0) failures++;
      else lines.push('no violation');
      process.stdout.write(`${[...record.log, '', ...lines].join('\n')}\n`);
    }
  } finally {
    await runner.close();
  }
  return failures === 0 ? 0 : 1;
}

function read(text: string): Schedule {
  try {
    return { ...DEFAULTS, ...(JSON.parse(text) as Omit<Schedule, keyof typeof DEFAULTS>) };
  } catch (error) {
    throw new UsageError(`--replay must be a printed schedule: ${error instanceof Error ? error.message : error}`);
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`test:fuzz: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);

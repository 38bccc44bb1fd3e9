import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Finding, type Findings, Stage } from './fuzz';
import { BREACHES } from './invariants';
import type { Schedule } from './schedule';

const USAGE = `usage: npm run test:fuzz -- [options]

Draws schedules of faults, deployments and what stacks go through, plays them on the embedded cloud, and holds the promise
against each: CloudFormation is answered in time, the answer is true, no other deployment is cancelled, no secret is seen.
Exit code 0: it holds; 1: it does not, and what breaks it is printed.

  --runs N           how many (default: 1000)
  --seed S           what they are drawn from (default: the time)
  --workers N        how many processes (default: the number of cores)
  --replay SCHEDULE  plays one, as it was printed, and tells step by step what happens; can be given more than once
`;

class UsageError extends Error {}

/** What a worker says. */
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
  if (process.send) return work(runs, seed);
  const workers = Math.min(runs, wholeNumber('workers', values.workers ?? String(availableParallelism())));
  return campaign(runs, seed, workers);
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

async function campaign(runs: number, seed: number, workers: number): Promise<number> {
  const began = performance.now();
  let done = 0;
  const onRun = () => {
    if (++done % 100 === 0) process.stderr.write(`${done} of ${runs} runs, ${rate(done, began)}\n`);
  };
  const shares = Array.from({ length: workers }, (_, index) => Math.floor((runs + index) / workers));
  // Far enough apart that the parts of one worker are not those of another.
  const parts = await Promise.all(shares.map((share, index) => delegate(share, seed + index * 1000, onRun)));
  const findings = parts.flatMap((part) => part.findings);
  const total = parts.reduce((sum, part) => sum + part.runs, 0);
  const counts = BREACHES.map((kind) => `${kind} ${findings.filter(breaks(kind)).length}`);
  process.stdout.write(`seed ${seed}: runs ${total}, ${counts.join(', ')}; ${rate(total, began)}\n`);
  return findings.length === 0 && total === runs ? 0 : 1;
}

const breaks =
  (kind: (typeof BREACHES)[number]) =>
  ({ violations }: Finding) =>
    violations.some((violation) => violation.kind === kind);

function rate(runs: number, began: number): string {
  const seconds = (performance.now() - began) / 1000;
  return `${seconds.toFixed(0)} s, ${(runs / seconds).toFixed(1)} runs a second`;
}

function described({ schedule, violations }: Finding): string {
  const quoted = JSON.stringify(schedule).replaceAll("'", "'\\''");
  const told = violations.map(({ kind, what }) => `${kind}: ${what}`);
  return [...told, `npm run --silent test:fuzz -- --replay '${quoted}'`].join('\n');
}

/** Has some of the runs done by another process. */
function delegate(runs: number, seed: number, onRun: () => void): Promise<Findings> {
  return new Promise((resolve, reject) => {
    const child = fork(__filename, ['--runs', String(runs), '--seed', String(seed)], { execArgv: process.execArgv });
    child.on('message', (message: Message) => {
      if ('run' in message) onRun();
      else if ('finding' in message) process.stdout.write(`${described(message.finding)}\n\n`);
      else resolve(message);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`a worker ended with exit code ${code} before its runs were done`)));
  });
}

async function work(runs: number, seed: number): Promise<number> {
  const tell = (message: Message) => process.send?.(message);
  const stage = await Stage.open();
  try {
    const listener = { onRun: () => tell({ run: true }), onFinding: (finding: Finding) => tell({ finding }) };
    tell(await stage.campaign(runs, seed, listener));
  } finally {
    await stage.close();
  }
  process.disconnect();
  return 0;
}

async function replay(texts: readonly string[]): Promise<number> {
  const schedules = texts.map(read);
  const stage = await Stage.open();
  let broken = 0;
  try {
    for (const schedule of schedules) {
      const { traces, violations } = await stage.play(schedule);
      const told = violations.map(({ kind, what }) => `${kind}: ${what}`);
      if (violations.length > 0) broken++;
      else told.push('the promise holds');
      process.stdout.write(`${[...traces.story, '', ...told].join('\n')}\n`);
    }
  } finally {
    await stage.close();
  }
  return broken === 0 ? 0 : 1;
}

function read(text: string): Schedule {
  try {
    return JSON.parse(text) as Schedule;
  } catch (error) {
    throw new UsageError(
      `--replay must be a schedule as it was printed: ${error instanceof Error ? error.message : error}`,
    );
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`campaign: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);

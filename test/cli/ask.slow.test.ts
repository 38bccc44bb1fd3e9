import { PassThrough } from 'node:stream';
import type { Io } from '../../cli/io';
import { main } from '../../cli/main';
import { DEFAULT_ENVIRONMENT } from '../../emulator/core/environment';
import { MINUTES, SECONDS } from '../../emulator/core/plan';
import { simulationOf } from '../../emulator/simulation/service-simulation';
import { environmentOf, type Served, serveTargets } from './run-cli';

// Jest cannot import modules at run time.
jest.mock('../../lambda/deployment/services/registry', () => ({
  serviceFor: async () => jest.requireActual('../../lambda/deployment/services/codepipeline').service,
}));

// The command line waits in real time.
jest.setTimeout(30_000);

const environment = { ...process.env };
let server: Served;

beforeEach(async () => {
  // Two executions of a pipeline are in flight.
  const deployments = [3, 2].map((minutes) => ({
    at: -minutes * MINUTES,
    steps: [{ after: 30 * MINUTES, status: 'Succeeded' }],
    onCancel: { steps: [{ after: SECONDS, status: 'Stopped' }] },
  }));
  const target = { kind: 'codepipeline-execution', identifiers: { pipelineName: 'release' }, deployments };
  server = await serveTargets(simulationOf(target.kind).account([target], DEFAULT_ENVIRONMENT));
  process.env = environmentOf(server.url);
});

afterEach(async () => {
  process.env = environment;
  await server.close();
});

function io(isTTY: boolean) {
  const stdin = Object.assign(new PassThrough(), { isTTY }) as unknown as Io['stdin'] & PassThrough;
  const [stdout, stderr] = [0, 1].map(() => Object.assign(new PassThrough(), { isTTY, columns: 200 }));
  const controller = new AbortController();
  const env = { ...environmentOf(server.url), NO_COLOR: '1' };
  const given = { env, stdin, stdout: stdout!, stderr: stderr!, signal: controller.signal, version: '0' };
  return { given, stdin, stdout: stdout!, stderr: stderr!, interrupt: () => controller.abort() };
}

/** Resolves with what was written when it contains a match. */
function writtenTo(stream: PassThrough, pattern: RegExp): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    stream.on('data', (chunk) => {
      text += String(chunk);
      if (pattern.test(text)) resolve(text);
    });
  });
}

const cancels = () => server.simulated.flatMap(({ acceptedCancels }) => acceptedCancels);
const cancelledIds = () => cancels().map(({ deploymentId }) => deploymentId);
/** Oldest first. */
const started = () =>
  server.simulated
    .flatMap(({ history }) => history)
    .filter(({ kind }) => kind === 'started')
    .map(({ deploymentId }) => deploymentId);
const ARGS = ['pipeline', 'release', '--poll-interval', '1s'];
const QUESTION = /\[y\/N\] $/;

test('somebody at a terminal is asked which one is meant, and says yes', async () => {
  const { given, stdin, stderr } = io(true);
  const done = main(ARGS, given);
  const question = await writtenTo(stderr, QUESTION);
  const [oldest] = started();
  // The executions are queued, and the oldest one is the one that deploys.
  expect(question).toContain(`2 deployments of pipeline release are in flight. Cancel ${oldest}, InProgress?`);
  expect(cancels()).toEqual([]);
  stdin.write('y\n');
  expect(await done).toBe(0);
  expect(cancelledIds()).toEqual([oldest]);
});

test('the end of the input is a no', async () => {
  const { given, stdin, stderr } = io(true);
  const done = main(ARGS, given);
  await writtenTo(stderr, QUESTION);
  stdin.end();
  expect(await done).toBe(130);
  expect(cancels()).toEqual([]);
});

test.each(['n', '', 'what'])('with the answer %j, nothing is cancelled', async (answer) => {
  const { given, stdin, stdout, stderr } = io(true);
  const done = main(ARGS, given);
  await writtenTo(stderr, QUESTION);
  stdin.write(`${answer}\n`);
  expect(await done).toBe(130);
  expect(String(stdout.read())).toMatch(/^stopped before a cancellation was requested; to cancel: cancel-deployment /);
  expect(cancels()).toEqual([]);
});

test('an interruption is an answer', async () => {
  const { given, stdout, stderr, interrupt } = io(true);
  const done = main(ARGS, given);
  await writtenTo(stderr, QUESTION);
  interrupt();
  expect(await done).toBe(130);
  expect(String(stdout.read())).toMatch(/^stopped before a cancellation was requested; to cancel: cancel-deployment /);
  expect(cancels()).toEqual([]);
});

test.each([
  ['with --yes', true, ['--yes']],
  ['without a terminal', false, []],
])('%s, nobody is asked', async (_name, isTTY, flags) => {
  const { given, stderr } = io(isTTY);
  expect(await main([...ARGS, ...flags], given)).toBe(0);
  expect(String(stderr.read())).not.toContain('[y/N]');
  expect(cancelledIds()).toEqual(started().slice(0, 1));
});

test('nobody is asked about a deployment that is named', async () => {
  const { given, stderr } = io(true);
  const [, newest] = started();
  expect(await main([...ARGS, '--deployment-id', newest!], given)).toBe(0);
  expect(String(stderr.read())).not.toContain('[y/N]');
  expect(cancelledIds()).toEqual([newest]);
});

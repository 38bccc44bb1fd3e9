import { type Progress, STEPS } from '../lib/contract/cancellation';
import { displayNameOf } from '../lib/deployments/kinds';
import { type Invocation, parseArguments } from './arguments';
import { confirm } from './ask';
import { cancel } from './cancel';
import { type Connection, ConnectionError, connect } from './connection';
import { describeDryRun, dryRun } from './dry-run';
import type { ExitCode } from './exit-code';
import { Requests } from './requests';
import { type ResultDocument, resultDocument, sentenceOf } from './result-document';
import { resumeCommand } from './resume';
import { type Out, Terminal } from './terminal';
import { USAGE } from './usage';
import { UsageError } from './usage-error';
import { WaitView } from './wait-view';

/** The process that the command line runs in. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Out;
  readonly stderr: Out & NodeJS.WritableStream;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  readonly version: string;
}

/** Runs the command line. Prints the result on stdout, and everything else on stderr. */
export async function main(args: readonly string[], io: Io): Promise<ExitCode> {
  try {
    const invocation = parseArguments(args);
    if (invocation === 'help') io.stdout.write(USAGE);
    else if (invocation === 'version') io.stdout.write(`${io.version}\n`);
    else return await perform(invocation, io);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ConnectionError)) throw error;
    io.stderr.write(`cancel-deployment: ${error.message}\n`);
    return error instanceof UsageError ? 2 : error.exitCode;
  }
}

async function perform(invocation: Invocation, io: Io): Promise<ExitCode> {
  const { request, json, region, profile } = invocation;
  const { env, signal, stderr, stdout } = io;
  const terminal = json ? undefined : new Terminal(stderr, env);
  const view = new WaitView(displayNameOf(request.deployment), terminal);
  const print = (document: object, text: string) =>
    stdout.write(`${json ? JSON.stringify(document, null, 2) : text}\n`);
  const connectWith = (onRequest: Requests['add']) => connect({ region, profile, env, onRequest });
  const requests = new Requests();
  try {
    if (invocation.dryRun) {
      const document = await unlessAborted(signal, dryRun(invocation, { connect: connectWith, view, signal }));
      view.end();
      print(document, describeDryRun(document));
      return document.exitCode;
    }
    const document = await unlessAborted(signal, cancelAndWait());
    view.end();
    if (document) print(document, sentenceOf(document));
    else print({ outcome: null, reason: 'nothing was cancelled' }, 'nothing was cancelled');
    return document?.exitCode ?? 130;
  } catch (error) {
    if (!signal.aborted) throw error;
    view.end();
    const document = interruption(invocation, view, requests);
    print(document, document.reason);
    return 130;
  } finally {
    view.end();
  }

  async function cancelAndWait(): Promise<ResultDocument | undefined> {
    const aws: Connection = await connectWith(requests.add);
    const mayContinue = (progress: Progress, before: Progress) => mayCancel(progress, before, invocation, view, io);
    const result = await cancel(request, invocation.deploymentId, { aws, signal, log: view.add, mayContinue });
    return result && resultDocument(result, request.deployment, aws);
  }
}

/** Asks before something is cancelled, if several deployments could be meant and somebody is there to answer. */
async function mayCancel(
  progress: Progress,
  before: Progress,
  { request, yes }: Invocation,
  view: WaitView,
  io: Io,
): Promise<boolean> {
  const { inFlight = 1, deploymentStatus } = view.last;
  const isFirst = before.next === STEPS.FIND && progress.next === STEPS.CANCEL;
  if (!isFirst || yes || inFlight < 2 || !io.stdin.isTTY || !io.stderr.isTTY) return true;
  view.end();
  const name = displayNameOf(request.deployment);
  const which = `${progress.pinnedDeploymentId}, ${deploymentStatus}`;
  const confirmed = await confirm(`${inFlight} deployments of ${name} are in flight. Cancel ${which}?`, io);
  view.begin();
  return confirmed;
}

/** Rejects as soon as the user interrupts: a request that was sent is not waited for. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([work, aborted]);
}

function interruption(invocation: Invocation, view: WaitView, requests: Requests) {
  const { deploymentId } = view.last;
  const cancelRequested = requests.change !== undefined;
  const resume = resumeCommand(invocation, deploymentId);
  const reason = cancelRequested
    ? `stopped waiting, and the cancellation goes on; to wait again: ${resume}`
    : `stopped before a cancellation was requested; to cancel: ${resume}`;
  return { outcome: null, interrupted: true, cancelRequested, deploymentId: deploymentId ?? null, reason, resume };
}

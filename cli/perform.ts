import { type Progress, STEPS } from '../lib/contract/cancellation';
import { displayNameOf } from '../lib/deployments/kinds';
import type { Invocation } from './arguments';
import { confirm } from './ask';
import { cancel } from './cancel';
import { connect } from './connection';
import { type DryRunDocument, describeDryRun, dryRun } from './dry-run';
import type { Io } from './io';
import { Requests } from './requests';
import { type ResultDocument, resultDocument, sentenceOf } from './result-document';
import { resumeCommand } from './resume';
import { Terminal } from './terminal';
import { WaitView } from './wait-view';

/** The user stopped the cancellation: no outcome is known. */
export interface StoppedDocument {
  readonly outcome: null;
  /** Whether a cancellation was requested. It goes on. */
  readonly cancelRequested: boolean;
  readonly deploymentId: string | null;
  readonly deploymentStatus: string | null;
  readonly reason: string;
  /** The command that waits again. */
  readonly resume: string;
  readonly exitCode: 130;
}

/** What came of an invocation, as a document and as a text for people. */
export interface Performed {
  readonly document: ResultDocument | DryRunDocument | StoppedDocument;
  readonly text: string;
}

/**
 * Performs what the command line asks for. Shows on stderr how far it is.
 *
 * @throws `ConnectionError`
 */
export async function perform(invocation: Invocation, io: Io): Promise<Performed> {
  const { request, json, region, profile } = invocation;
  const { env, signal, stderr } = io;
  const view = new WaitView(displayNameOf(request.deployment), json ? undefined : new Terminal(stderr, env));
  const connectWith = (onRequest: Requests['add']) => connect({ region, profile, env, onRequest });
  const requests = new Requests();
  try {
    return await unlessAborted(signal, invocation.dryRun ? tryOut() : cancelAndWait());
  } catch (error) {
    if (!signal.aborted) throw error;
    return stopped(invocation, view, requests);
  } finally {
    view.end();
  }

  async function tryOut(): Promise<Performed> {
    const document = await dryRun(invocation, { connect: connectWith, view, signal });
    return { document, text: describeDryRun(document) };
  }

  async function cancelAndWait(): Promise<Performed> {
    const aws = await connectWith(requests.add);
    const mayContinue = (progress: Progress, before: Progress) => mayCancel(progress, before, invocation, view, io);
    const result = await cancel(request, invocation.deploymentId, { aws, signal, log: view.add, mayContinue });
    if (!result) return stopped(invocation, view, requests);
    const document = resultDocument(result, request.deployment, aws);
    return { document, text: sentenceOf(document) };
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

function stopped(invocation: Invocation, { last }: WaitView, { change }: Requests): Performed {
  const { deploymentId, deploymentStatus } = last;
  const cancelRequested = change !== undefined;
  const resume = resumeCommand(invocation, deploymentId);
  const reason = cancelRequested
    ? `stopped waiting, and the cancellation goes on; to wait again: ${resume}`
    : `stopped before a cancellation was requested; to cancel: ${resume}`;
  const document: StoppedDocument = {
    outcome: null,
    cancelRequested,
    deploymentId: deploymentId ?? null,
    deploymentStatus: deploymentStatus ?? null,
    reason,
    resume,
    exitCode: 130,
  };
  return { document, text: reason };
}

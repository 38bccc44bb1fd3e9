import { type Result, STEPS } from '../lib/contract/cancellation';
import { displayNameOf } from '../lib/deployments/kinds';
import type { Invocation } from './arguments';
import { cancel } from './cancel';
import type { Connection } from './connection';
import { consoleUrl } from './console-url';
import { type ExitCode, exitCodeOf } from './exit-code';
import { Requests, type SentRequest } from './requests';
import type { ResultDocument } from './result-document';
import type { WaitView } from './wait-view';

/** What a cancellation would do, as `--dry-run --json` prints it. */
export interface DryRunDocument
  extends Pick<ResultDocument, 'displayName' | 'deployment' | 'deploymentId' | 'deploymentStatus' | 'consoleUrl'> {
  readonly dryRun: true;
  readonly exitCode: ExitCode;
  /** How many deployments are in flight, where there are several to choose from. */
  readonly inFlight: number | null;
  /** The request that would be sent; null if none would be. */
  readonly wouldCall: SentRequest | null;
  /** What would happen, on one line. */
  readonly reason: string;
  /** The permissions that these requests need. */
  readonly permissions: readonly SentRequest[];
}

export interface DryRunDependencies {
  readonly connect: (onRequest: Requests['add']) => Promise<Connection>;
  readonly view: WaitView;
  readonly signal: AbortSignal;
}

/** Runs a cancellation until it would send a request that changes something, or would wait. No such request is sent. */
export async function dryRun(
  { request, deploymentId: pinned }: Pick<Invocation, 'request' | 'deploymentId'>,
  { connect, view, signal }: DryRunDependencies,
): Promise<DryRunDocument> {
  const blocked = new AbortController();
  const requests = new Requests(() => blocked.abort());
  const aws = await connect(requests.add);
  const result = await cancel(request, pinned, {
    aws,
    signal: AbortSignal.any([signal, blocked.signal]),
    // A request that is not sent is no error.
    log: (event, fields) => {
      if (!blocked.signal.aborted) view.add(event, fields);
    },
    mayContinue: ({ next }) => next !== STEPS.AWAIT,
  }).catch((error: unknown) => {
    if (blocked.signal.aborted) return undefined;
    throw error;
  });
  const { deployment } = request;
  const { deploymentId, deploymentStatus, inFlight = null } = view.last;
  return {
    dryRun: true,
    exitCode: result ? exitCodeOf(result) : 0,
    reason: reasonOf(requests.change, result),
    displayName: displayNameOf(deployment),
    deployment,
    deploymentId: deploymentId ?? null,
    deploymentStatus: deploymentStatus ?? null,
    inFlight,
    consoleUrl: consoleUrl(deployment, deploymentId, aws) ?? null,
    wouldCall: requests.change ?? null,
    permissions: requests.all,
  };
}

function reasonOf(change: SentRequest | undefined, result: Result | undefined): string {
  if (change) return `would call ${change.action} on ${change.resourceArn}`;
  if (result) return `would cancel nothing: ${result.reason}`;
  return 'would cancel nothing, and wait until the deployment is over';
}

/** The same for people. */
export function describeDryRun(document: DryRunDocument): string {
  const { displayName, deploymentId, deploymentStatus, inFlight, reason, permissions, consoleUrl: url } = document;
  const id = deploymentId === null ? '' : ` (deployment ${deploymentId})`;
  return [
    ...(deploymentStatus === null ? [] : [`${displayName} is ${deploymentStatus}${id}`]),
    ...(inFlight === null ? [] : [`${inFlight} deployments are in flight; --deployment-id names one of them`]),
    reason,
    'permissions:',
    ...permissions.map(({ action, resourceArn }) => `  ${action} on ${resourceArn}`),
    ...(url === null ? [] : [`see ${url}`]),
  ].join('\n');
}

import {
  DEPLOYMENT_ENDED,
  type Progress,
  STEPS,
  type StepEvent,
  UNKNOWN_STATUS,
} from '../../../lib/contract/cancellation';
import type { Clock } from '../../clock';
import { log } from '../../log';
import { InvalidRequestError, parseRequest } from '../../parse';
import { afterCancel, afterRead, INITIAL_PROGRESS, mayCancel } from './decide';
import type { DecisionContext } from './decision-context';
import type { Driver, ReadResult } from './driver';
import { MAX_INVOCATION_POLL_MS, TIMEOUT_RESERVE_MS } from './polling';
import { withResult } from './result';

export interface StepDependencies {
  readonly clock: Clock;
  /** Returns how long this invocation may still run, in milliseconds. */
  readonly remaining: () => number;
  /** @throws `InvalidRequestError` if the service of the deployment is not known */
  readonly driverFor: (
    request: Pick<ReturnType<typeof parseRequest>, 'deployment' | 'settings'>,
  ) => Driver | Promise<Driver>;
  /** How many deployments are being cancelled at the same time; 1 by default. */
  readonly activeCount?: number;
}

/**
 * Takes a cancellation one step further: finds the deployment, cancels it, or awaits its end. Polls in the invocation as
 * long as that is cheaper than a transition of the state machine.
 */
export async function run(event: StepEvent, deps: StepDependencies): Promise<Progress> {
  try {
    return await runStep(event, deps);
  } catch (error) {
    if (error instanceof InvalidRequestError) return invalid(error);
    throw error;
  }
}

async function runStep(event: StepEvent, deps: StepDependencies): Promise<Progress> {
  const { clock, activeCount } = deps;
  const request = parseRequest(event.request);
  const startedAt = time(event.startTime);
  const driver = await deps.driverFor(request);
  const { displayName, unavailableHint } = driver;
  const { settings, observeOnly, ignoreDeploymentId } = request;
  const requestedAt = request.requestedAt === undefined ? undefined : Date.parse(request.requestedAt);
  const given = { settings, observeOnly, ignoreDeploymentId, requestedAt, activeCount };
  const contextNow = (): DecisionContext => {
    return { ...given, displayName, unavailableHint, startedAt, now: clock.now(), random: clock.random() };
  };
  const until = clock.now() + MAX_INVOCATION_POLL_MS;

  /** What the state machine keeps: all that a retry of this step knows. */
  const kept = event.progress ?? INITIAL_PROGRESS;
  let progress = kept;
  for (;;) {
    const read = await describe(driver, progress);
    logRead('describe', driver, read);
    let context = contextNow();
    progress = withResult(afterRead(progress, read, context), context);
    if (mayCancel(kept, progress, read)) {
      const response = await driver.cancel(progress.pinnedDeploymentId);
      logRead('cancel', driver, response);
      context = contextNow();
      progress = withResult(afterCancel(progress, response, context), context);
    }
    const wait = progress.waitSeconds * 1000;
    const left = Math.min(until - clock.now(), deps.remaining() - TIMEOUT_RESERVE_MS);
    const toKeep = progress.next !== kept.next || progress.pinnedDeploymentId !== kept.pinnedDeploymentId;
    if (toKeep || wait > left) break;
    await clock.sleep(wait);
  }
  const { next, pinnedDeploymentId: deploymentId, result } = progress;
  const deploymentStatus = result?.attributes.deploymentStatus ?? progress.lastSeen;
  const step = { kind: request.deployment.kind, displayName, next, deploymentId, deploymentStatus };
  if (!result) log('step', step);
  else {
    const { outcome, failed } = result;
    log(DEPLOYMENT_ENDED, { ...step, outcome, failed, durationMs: clock.now() - startedAt });
  }
  // The state machine waits whole seconds only.
  return { ...progress, waitSeconds: Math.ceil(progress.waitSeconds) };
}

async function describe(driver: Driver, { supersededBy, pinnedDeploymentId }: Progress): Promise<ReadResult> {
  return supersededBy !== undefined && pinnedDeploymentId !== undefined
    ? driver.describeById(pinnedDeploymentId)
    : driver.describe(pinnedDeploymentId);
}

export function time(text: unknown): number {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidRequestError('startTime must be the time at which the execution started');
  return at;
}

function invalid(error: InvalidRequestError): Progress {
  log(DEPLOYMENT_ENDED, { outcome: 'ERROR', failed: true, errorName: error.name, durationMs: 0 });
  const attributes = { deploymentStatus: UNKNOWN_STATUS, outcome: 'ERROR' };
  const result = { outcome: 'ERROR', failed: true, reason: error.message, attributes } as const;
  return { next: STEPS.END, waitSeconds: 0, result };
}

function logRead(event: string, { displayName }: Driver, read: ReadResult): void {
  if (read.kind === 'error') log(event, { displayName, operation: read.action, errorName: read.errorName });
  else if (read.kind === 'not-found') log(event, { displayName, deploymentStatus: read.deploymentStatus });
  else if (read.kind === 'never-deployed') log(event, { displayName });
  else log(event, { displayName, deploymentStatus: read.deploymentStatus, deploymentId: read.deploymentId });
}

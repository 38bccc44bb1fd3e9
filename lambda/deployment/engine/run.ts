import { createHash } from 'node:crypto';
import {
  type CancellationSettings,
  DEPLOYMENT_ENDED,
  type Deployment,
  type Progress,
  STEPS,
  type StepEvent,
  UNKNOWN_STATUS,
} from '../../../lib/contract/cancellation';
import type { Clock } from '../../clock';
import { type LogFields, log as writeLog } from '../../log';
import { InvalidRequestError, parseRequest } from '../../parse';
import type { Caller } from './caller';
import { afterCancel, afterRead, INITIAL_PROGRESS, mayCancel } from './decide';
import type { DecisionContext } from './decision-context';
import type { Driver, Meant, ReadResult } from './driver';
import { isSamePin } from './pin';
import { invocationPollMs, type Load, TIMEOUT_RESERVE_MS } from './polling';
import { withResult } from './result';
import { latestStart } from './skip';

export interface StepDependencies {
  readonly clock: Clock;
  /** Returns how long this invocation may still run, in milliseconds. */
  readonly remaining: () => number;
  /** @throws `InvalidRequestError` if the service of the deployment is not known */
  readonly driverFor: (
    request: Pick<ReturnType<typeof parseRequest>, 'deployment' | 'settings'>,
  ) => Driver | Promise<Driver>;
  /** The endpoints that may be called besides those of the SDK. */
  readonly endpoints: readonly string[];
  /** The digests of the APIs that may be called besides those of the kinds. Default: none. */
  readonly apis?: readonly string[];
  readonly load?: Load;
  /** See `DecisionContext`. */
  readonly inFleet?: boolean;
  readonly caller?: Caller;
  /** Called with each event. Default: writes it as a log line. */
  readonly log?: (event: string, fields: LogFields) => void;
}

/**
 * Takes a cancellation one step further: finds the deployment, cancels it, or awaits its end. Polls in the invocation as
 * long as that is cheaper than a transition of the state machine.
 */
export async function run(event: StepEvent, deps: StepDependencies): Promise<Progress> {
  try {
    return await runStep(event, deps);
  } catch (error) {
    if (error instanceof InvalidRequestError) return invalid(error, deps);
    throw error;
  }
}

async function runStep(event: StepEvent, deps: StepDependencies): Promise<Progress> {
  const { clock, load = {}, inFleet, caller, log = writeLog } = deps;
  const request = parseRequest(event.request);
  requireDeclared(request.settings, deps);
  requireDeclaredApi(request.deployment, deps);
  const startedAt = time(event.startTime);
  const driver = await deps.driverFor(request);
  const { displayName, unavailableHint } = driver;
  const { settings, observeOnly, ignoreDeploymentId } = request;
  const [requestedAt, ignoreStartedBefore] = [request.requestedAt, request.ignoreStartedBefore].map((text) =>
    text === undefined ? undefined : Date.parse(text),
  );
  const given = { settings, observeOnly, ignoreDeploymentId, ignoreStartedBefore, requestedAt, inFleet, caller, load };
  const contextNow = (): DecisionContext => {
    return { ...given, displayName, unavailableHint, startedAt, now: clock.now(), random: clock.random() };
  };
  const meant: Meant = {
    ignoredId: ignoreDeploymentId,
    startedFrom: ignoreStartedBefore,
    startedBy: latestStart(requestedAt ?? startedAt),
  };
  const until = clock.now() + invocationPollMs(load, clock.now() - startedAt);

  /** What the state machine keeps: all that a retry of this step knows. */
  const kept = event.progress ?? INITIAL_PROGRESS;
  let progress = kept;
  for (;;) {
    const read = await describe(driver, progress, meant);
    log('describe', fieldsOf(driver, read));
    let context = contextNow();
    progress = withResult(afterRead(progress, read, context), context);
    if (mayCancel(kept, progress, read)) {
      const { pinnedDeploymentId, pinnedResourceId, force } = progress;
      const response = await driver.cancel(pinnedDeploymentId, pinnedResourceId, force);
      log('cancel', fieldsOf(driver, response));
      context = contextNow();
      progress = withResult(afterCancel(progress, response, context), context);
    }
    const wait = progress.waitSeconds * 1000;
    const left = Math.min(until - clock.now(), deps.remaining() - TIMEOUT_RESERVE_MS);
    const toKeep = progress.next !== kept.next || !isSamePin(progress, kept);
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
  const { kind } = request.deployment;
  // The state machine waits whole seconds only.
  return {
    ...progress,
    waitSeconds: Math.ceil(progress.waitSeconds),
    ...(result && { ended: { kind, displayName, deploymentId: deploymentId ?? '' } }),
  };
}

async function describe(driver: Driver, progress: Progress, meant: Meant): Promise<ReadResult> {
  const { supersededBy, pinnedDeploymentId, pinnedResourceId } = progress;
  return supersededBy !== undefined && pinnedDeploymentId !== undefined
    ? driver.describeById(pinnedDeploymentId, pinnedResourceId)
    : driver.describe(pinnedDeploymentId, pinnedResourceId, meant);
}

/**
 * Refuses an endpoint that no cancellation of the workflow has declared: it would get signed requests, and part of its
 * responses would be shown to whoever started the execution.
 *
 * @throws `InvalidRequestError`
 */
export function requireDeclared(
  { endpoint }: Pick<CancellationSettings, 'endpoint'>,
  { endpoints }: Pick<StepDependencies, 'endpoints'>,
): void {
  if (endpoint === undefined || endpoints.includes(endpoint)) return;
  throw new InvalidRequestError(
    `settings.endpoint ${endpoint} is not declared: declare a cancellation with this endpoint in the stack of the workflow`,
  );
}

/**
 * Refuses an API that no cancellation of the workflow has declared.
 *
 * @throws `InvalidRequestError`
 */
function requireDeclaredApi(
  { kind, identifiers: { declaration } }: Deployment,
  { apis = [] }: Pick<StepDependencies, 'apis'>,
): void {
  if (declaration === undefined) return;
  if (apis.includes(createHash('sha256').update(declaration).digest('hex'))) return;
  throw new InvalidRequestError(
    `the API of the ${kind} is not declared: declare a cancellation of the same deployment in the stack of the workflow`,
  );
}

export function time(text: unknown): number {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidRequestError('startTime must be the time at which the execution started');
  return at;
}

function invalid(error: InvalidRequestError, { log = writeLog }: StepDependencies): Progress {
  log(DEPLOYMENT_ENDED, { outcome: 'ERROR', failed: true, errorName: error.name, durationMs: 0 });
  const attributes = { deploymentStatus: UNKNOWN_STATUS, outcome: 'ERROR' };
  const result = { outcome: 'ERROR', failed: true, reason: error.message, attributes } as const;
  return { next: STEPS.END, waitSeconds: 0, result, ended: { kind: '', displayName: '', deploymentId: '' } };
}

function fieldsOf({ displayName }: Driver, read: ReadResult): LogFields {
  switch (read.kind) {
    case 'error':
      return { displayName, operation: read.action, errorName: read.errorName };
    case 'not-found':
      return { displayName, deploymentStatus: read.deploymentStatus };
    case 'never-deployed':
      return { displayName };
    case 'found': {
      const { deploymentStatus, deploymentId, inFlight } = read;
      return { displayName, deploymentStatus, deploymentId, inFlight };
    }
  }
}

import { ENDED, type Progress, STEPS, type StepEvent, UNKNOWN_STATUS } from '../../../lib/contract/cancellation';
import type { Clock } from '../../clock';
import { log } from '../../log';
import { InvalidRequest, parseRequest } from '../../parse';
import { afterCancel, afterLook, BEGINNING, mayCancel } from './decide';
import type { Circumstances } from './decision-context';
import type { Driver, Sighting } from './driver';
import { DWELL, RESERVE } from './polling';

export interface Surroundings {
  readonly clock: Clock;
  /** How long this invocation may still run, in milliseconds. */
  readonly remaining: () => number;
  /** @throws `InvalidRequest` if the service of the deployment is not known here */
  readonly driverFor: (request: Pick<ReturnType<typeof parseRequest>, 'deployment' | 'policy'>) => Driver;
  /** How many deployments are being cancelled at the same time; 1 unless told. */
  readonly crowd?: number;
}

/**
 * Takes a cancellation one step further: finds the deployment, or asks to cancel it, or looks until it is over. Looks
 * again by itself as long as that is cheaper than going back to the state machine.
 */
export async function run(event: StepEvent, surroundings: Surroundings): Promise<Progress> {
  const { clock } = surroundings;
  let request: ReturnType<typeof parseRequest>;
  let startedAt: number;
  let driver: Driver;
  try {
    request = parseRequest(event.request);
    startedAt = time(event.startTime);
    driver = surroundings.driverFor(request);
  } catch (error) {
    if (error instanceof InvalidRequest) return invalid(error);
    throw error;
  }
  const { deployment, policy, onlyLook, leaveAlone, askedAt } = request;
  const { subject, unavailableHint } = driver;
  const circumstances = (): Circumstances => ({
    policy,
    onlyLook,
    leaveAlone,
    askedAt: askedAt === undefined ? undefined : Date.parse(askedAt),
    crowd: surroundings.crowd,
    subject,
    unavailableHint,
    startedAt,
    now: clock.now(),
    random: clock.random(),
  });
  const until = clock.now() + DWELL;

  /** What the state machine keeps: all that a retry of this step would know. */
  const kept = event.progress ?? BEGINNING;
  let progress = kept;
  for (;;) {
    const sighting = await look(driver, progress);
    logSighting('look', driver, sighting);
    progress = afterLook(progress, sighting, circumstances());
    if (mayCancel(kept, progress, sighting)) {
      const answer = await driver.cancel(progress.pinnedDeploymentId);
      logSighting('cancel', driver, answer);
      progress = afterCancel(progress, answer, circumstances());
    }
    const wait = progress.waitSeconds * 1000;
    const left = Math.min(until - clock.now(), surroundings.remaining() - RESERVE);
    const toKeep = progress.next !== kept.next || progress.pinnedDeploymentId !== kept.pinnedDeploymentId;
    if (toKeep || wait > left) break;
    await clock.sleep(wait);
  }
  const ended = progress.result && { durationMs: clock.now() - startedAt };
  log(ended ? ENDED : 'step', { kind: deployment.kind, subject, ...summary(progress), ...ended });
  // The state machine waits whole seconds only.
  return { ...progress, waitSeconds: Math.ceil(progress.waitSeconds) };
}

async function look(driver: Driver, { supersededBy, pinnedDeploymentId }: Progress): Promise<Sighting> {
  return supersededBy !== undefined && pinnedDeploymentId !== undefined
    ? driver.lookAt(pinnedDeploymentId)
    : driver.look(pinnedDeploymentId);
}

export function time(text: unknown): number {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidRequest('startTime must be the time at which the execution started');
  return at;
}

function invalid(error: InvalidRequest): Progress {
  log(ENDED, { outcome: 'ERROR', failed: true, errorName: error.name, durationMs: 0 });
  const attributes = { deploymentStatus: UNKNOWN_STATUS, outcome: 'ERROR' };
  return {
    next: STEPS.END,
    waitSeconds: 0,
    result: { outcome: 'ERROR', failed: true, reason: error.message, attributes },
  };
}

function logSighting(event: string, { subject }: Driver, sighting: Sighting): void {
  if (sighting.kind === 'trouble') log(event, { subject, operation: sighting.action, errorName: sighting.errorName });
  else if (sighting.kind === 'missing') log(event, { subject, deploymentStatus: sighting.deploymentStatus });
  else if (sighting.kind === 'idle') log(event, { subject });
  else log(event, { subject, deploymentStatus: sighting.deploymentStatus, deploymentId: sighting.deploymentId });
}

function summary(progress: Progress) {
  return {
    next: progress.next,
    deploymentId: progress.pinnedDeploymentId,
    deploymentStatus: progress.result?.attributes.deploymentStatus ?? progress.lastSeen,
    outcome: progress.result?.outcome,
    failed: progress.result?.failed,
  };
}

import type { DeploymentCreator, DeploymentInfo, DeploymentStatus } from '@aws-sdk/client-codedeploy';
import type { Found, Phase } from '../../engine/driver';

/** Every status of the API, so that the compiler asks about a new one; at run time a stranger is UNKNOWN. */
const PHASES: Readonly<Record<DeploymentStatus, Phase>> = {
  Created: 'IN_PROGRESS',
  Queued: 'IN_PROGRESS',
  InProgress: 'IN_PROGRESS',
  Baking: 'IN_PROGRESS',
  Ready: 'IN_PROGRESS',
  Succeeded: 'COMPLETED',
  Failed: 'FAILED',
  Stopped: 'CANCELLED',
};

/** In these statuses a deployment is listed as being in flight. */
export const IN_FLIGHT = (Object.keys(PHASES) as DeploymentStatus[]).filter(
  (status) => PHASES[status] === 'IN_PROGRESS',
);

/** An accepted stop does not show in the status before the deployment has stopped, and the answer to it does not say. */
export const STOP_ACCEPTED: Pick<Found, 'phase' | 'deploymentStatus'> = {
  phase: 'CANCELLING',
  deploymentStatus: 'InProgress' satisfies DeploymentStatus,
};

/** What a deployment is there for, as its creator tells. Whoever is not known has released something. */
const PURPOSES: Readonly<Record<DeploymentCreator, 'release' | 'rollback' | 'upkeep'>> = {
  user: 'release',
  CodeDeploy: 'release',
  CloudFormation: 'release',
  codeDeployRollback: 'rollback',
  CloudFormationRollback: 'rollback',
  // These bring an instance to the revision that its group has, or prepare it for its end.
  autoscaling: 'upkeep',
  autoscalingTermination: 'upkeep',
  CodeDeployAutoUpdate: 'upkeep',
};

/** As long as its rollback is under way, a deployment that is over is not over yet. */
const ROLLING_BACK: ReadonlyMap<Phase, Phase> = new Map([
  ['CANCELLED', 'CANCELLING'],
  ['FAILED', 'ENDING'],
]);

/** For how long it is waited for a rollback of which nothing is said yet; milliseconds. */
const ROLLBACK_DELAY = 60_000;

type Raw = Pick<DeploymentInfo, 'deploymentId' | 'status' | 'creator' | 'completeTime' | 'rollbackInfo'>;

/**
 * Where a deployment is, rollback included.
 *
 * @param rollback the status of its rollback, if there is one
 */
export function phaseOf(found: Raw, rollback: string | undefined, now: number): Phase {
  const phase = phaseOfStatus(found.status);
  // To stop a rollback would leave what is deployed neither here nor there.
  if (phase === 'IN_PROGRESS') return isRollback(found) ? 'NOT_CANCELLABLE' : phase;
  const rollingBack = ROLLING_BACK.get(phase);
  if (!rollingBack) return phase;
  if (rollback === undefined) return mayBeRolledBack(found, now) ? rollingBack : phase;
  switch (phaseOfStatus(rollback)) {
    case 'COMPLETED':
      return phase;
    case 'FAILED':
    case 'CANCELLED':
      return 'FAILED';
    default:
      return rollingBack;
  }
}

/** The id of the deployment that rolls this one back, once it has come to its end. */
export function rollbackOf({ deploymentId, status, rollbackInfo }: Raw): string | undefined {
  const id = rollbackInfo?.rollbackDeploymentId;
  return id && id !== deploymentId && ROLLING_BACK.has(phaseOfStatus(status)) ? id : undefined;
}

/** The id of the deployment that this one rolls back. */
export function triggerOf({ deploymentId, rollbackInfo }: Raw): string | undefined {
  const id = rollbackInfo?.rollbackTriggeringDeploymentId;
  return id && id !== deploymentId ? id : undefined;
}

/** Whether it releases nothing, so that nobody means it who names its deployment group. */
export function isUpkeep(found: Raw): boolean {
  return purposeOf(found) === 'upkeep';
}

function isRollback(found: Raw): boolean {
  return purposeOf(found) === 'rollback' || triggerOf(found) !== undefined;
}

function purposeOf({ creator }: Raw): string {
  return creator !== undefined && Object.hasOwn(PURPOSES, creator) ? PURPOSES[creator] : 'release';
}

/** CodeDeploy does not document that a rollback is there in the moment in which the deployment has stopped. */
function mayBeRolledBack({ completeTime, rollbackInfo }: Raw, now: number): boolean {
  if (rollbackInfo?.rollbackMessage || triggerOf({ rollbackInfo }) !== undefined) return false;
  return completeTime !== undefined && now - completeTime.getTime() < ROLLBACK_DELAY;
}

function phaseOfStatus(status: string | undefined): Phase {
  return status !== undefined && Object.hasOwn(PHASES, status) ? PHASES[status as DeploymentStatus] : 'UNKNOWN';
}

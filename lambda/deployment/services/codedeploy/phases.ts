import type { DeploymentCreator, DeploymentInfo, DeploymentStatus } from '@aws-sdk/client-codedeploy';
import type { Phase } from '../../engine/driver';
import { phaseOf, type Statuses } from '../statuses';

export const STATUSES: Statuses<DeploymentStatus> = {
  Created: 'IN_PROGRESS',
  Queued: 'IN_PROGRESS',
  InProgress: 'IN_PROGRESS',
  Baking: 'IN_PROGRESS',
  Ready: 'IN_PROGRESS',
  Succeeded: 'COMPLETED',
  Failed: 'FAILED',
  Stopped: 'CANCELLED',
};

/** The purpose of a deployment, by its creator. An unknown creator has released something. */
const PURPOSES: Readonly<Record<DeploymentCreator, 'release' | 'rollback' | 'upkeep'>> = {
  user: 'release',
  CodeDeploy: 'release',
  CloudFormation: 'release',
  codeDeployRollback: 'rollback',
  CloudFormationRollback: 'rollback',
  // These deploy the revision of the group to an instance, or prepare its termination.
  autoscaling: 'upkeep',
  autoscalingTermination: 'upkeep',
  CodeDeployAutoUpdate: 'upkeep',
};

/** The phase of a deployment that has ended while its rollback has not. */
const ROLLING_BACK: ReadonlyMap<Phase, Phase> = new Map([
  ['CANCELLED', 'CANCELLING'],
  ['FAILED', 'ENDING'],
]);

/** How long to wait for a rollback to start, in milliseconds. */
const ROLLBACK_DELAY = 60_000;

type Info = Pick<DeploymentInfo, 'deploymentId' | 'status' | 'creator' | 'completeTime' | 'rollbackInfo'>;

/**
 * The phase of a deployment, rollback included.
 *
 * @param rollback the status of its rollback, if there is one
 */
export function phaseWithRollback(found: Info, rollback: string | undefined, now: number): Phase {
  const phase = phaseOf(STATUSES, found.status);
  // A rollback that is stopped leaves neither revision deployed in full.
  if (phase === 'IN_PROGRESS') return isRollback(found) ? 'NOT_CANCELLABLE' : phase;
  const rollingBack = ROLLING_BACK.get(phase);
  if (!rollingBack) return phase;
  if (rollback === undefined) return mayBeRolledBack(found, now) ? rollingBack : phase;
  switch (phaseOf(STATUSES, rollback)) {
    case 'COMPLETED':
      return phase;
    case 'FAILED':
    case 'CANCELLED':
      return 'FAILED';
    default:
      return rollingBack;
  }
}

/** The id of the deployment that rolls this one back, once this one has ended. */
export function rollbackOf({ deploymentId, status, rollbackInfo }: Info): string | undefined {
  const id = rollbackInfo?.rollbackDeploymentId;
  return id && id !== deploymentId && ROLLING_BACK.has(phaseOf(STATUSES, status)) ? id : undefined;
}

/** The id of the deployment that this one rolls back. */
export function triggerOf({ deploymentId, rollbackInfo }: Info): string | undefined {
  const id = rollbackInfo?.rollbackTriggeringDeploymentId;
  return id && id !== deploymentId ? id : undefined;
}

/** Whether it releases nothing: it is ignored when the deployment group is the target. */
export function isUpkeep(found: Info): boolean {
  return purposeOf(found) === 'upkeep';
}

function isRollback(found: Info): boolean {
  return purposeOf(found) === 'rollback' || triggerOf(found) !== undefined;
}

function purposeOf({ creator }: Info): string {
  return creator !== undefined && Object.hasOwn(PURPOSES, creator) ? PURPOSES[creator] : 'release';
}

/** CodeDeploy does not document that the rollback exists as soon as the deployment has stopped. */
function mayBeRolledBack({ completeTime, rollbackInfo }: Info, now: number): boolean {
  if (rollbackInfo?.rollbackMessage || triggerOf({ rollbackInfo }) !== undefined) return false;
  return completeTime !== undefined && now - completeTime.getTime() < ROLLBACK_DELAY;
}

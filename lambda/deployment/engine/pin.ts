import type { Progress } from '../../../lib/contract/cancellation';
import type { Found } from './driver';

/**
 * What a read is about: the pinned deployment, one that has taken its place, or one that came before it, as in a response
 * that is out of date. Without an id and a start time it cannot be known.
 */
export type Identity = 'pinned' | 'newer' | 'older' | 'unknown';

type Pin = Pick<Progress, 'pinnedDeploymentId' | 'pinnedStartedAt'>;

export function identityOf({ pinnedDeploymentId, pinnedStartedAt }: Pin, read: Found): Identity {
  const { deploymentId, startedAt } = read;
  if (pinnedDeploymentId !== undefined) {
    if (deploymentId === undefined) return 'unknown';
    if (deploymentId === pinnedDeploymentId) return 'pinned';
    const isOlder = pinnedStartedAt !== undefined && startedAt !== undefined && startedAt < pinnedStartedAt;
    return isOlder ? 'older' : 'newer';
  }
  if (pinnedStartedAt === undefined) return 'pinned';
  if (startedAt === undefined) return 'unknown';
  if (startedAt === pinnedStartedAt) return 'pinned';
  return startedAt < pinnedStartedAt ? 'older' : 'newer';
}

/** Whether a deployment is pinned, so that it can be told from others. */
export function isPinned({ pinnedDeploymentId, pinnedStartedAt }: Pin): boolean {
  return pinnedDeploymentId !== undefined || pinnedStartedAt !== undefined;
}

/** Pins the deployment that was read, with all that is known of it. What is pinned already stays. */
export function pin(before: Progress, { deploymentId, startedAt, resourceId }: Found): Progress {
  const pinnedResourceId = before.pinnedResourceId ?? resourceId;
  const progress: Progress = { ...before, ...(pinnedResourceId !== undefined && { pinnedResourceId }) };
  if (progress.pinnedDeploymentId !== undefined) return progress;
  return {
    ...progress,
    pinnedDeploymentId: deploymentId,
    pinnedStartedAt: progress.pinnedStartedAt ?? startedAt,
  };
}

export function isSamePin(one: Pin, other: Pin): boolean {
  return one.pinnedDeploymentId === other.pinnedDeploymentId && one.pinnedStartedAt === other.pinnedStartedAt;
}

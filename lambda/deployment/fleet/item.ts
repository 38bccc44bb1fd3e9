import { type Deployment, type Progress, STEPS } from '../../../lib/contract/cancellation';
import type { Fleet, FleetItem } from '../../../lib/contract/fleet';
import { displayNameOf } from '../../../lib/deployments/kinds';
import { INITIAL_PROGRESS } from '../engine/decide';
import type { Listed } from './fleet-lister';

/** The length of a usual deployment id. A longer one would take too much of the state, and is read again. */
const ID_LENGTH = 36;

/** Creates the item of a deployment that was found in flight. */
export function toItem({ key, deploymentId }: Pick<Listed, 'key' | 'deploymentId'>): FleetItem {
  const known = deploymentId !== undefined && deploymentId.length <= ID_LENGTH && /^\S+$/.test(deploymentId);
  return known ? `${key} ${deploymentId}` : key;
}

/** Parses an item. If it has the id of the deployment that was found in flight, that one is pinned already. */
export function initialProgress(item: string): { readonly key: string; readonly progress: Progress } {
  const [key = '', pinnedDeploymentId] = item.split(' ');
  if (pinnedDeploymentId === undefined) return { key, progress: INITIAL_PROGRESS };
  return { key, progress: { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId } };
}

/** Creates the items of a fleet that is a list of deployments. Their keys are the indexes in the list. */
export function listedItems({ deployments }: Extract<Fleet, { kind: 'list' }>): FleetItem[] {
  return deployments.map((_, index) => String(index));
}

export function deploymentOf(fleet: Fleet, key: string): Deployment {
  if (fleet.kind === 'list') {
    const deployment = fleet.deployments[Number(key)];
    if (!deployment) throw new Error(`the list has no deployment ${key}`);
    return deployment;
  }
  const [serviceName = '', serviceInstanceName = ''] = key.split('/');
  return { kind: 'proton-service-instance', identifiers: { serviceName, serviceInstanceName } };
}

/** The human-readable name of an item. */
export function nameOf(fleet: Fleet, key: string): string {
  return fleet.kind === 'list' ? displayNameOf(deploymentOf(fleet, key)) : key;
}

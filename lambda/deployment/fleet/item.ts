import { type Deployment, type Progress, STEPS } from '../../../lib/contract/cancellation';
import type { Fleet, FleetItem, ListedFleet } from '../../../lib/contract/fleet';
import { fleetKindDefinition } from '../../../lib/deployments/fleet-kinds';
import { displayNameOf } from '../../../lib/deployments/kinds';
import { INITIAL_PROGRESS } from '../engine/decide';
import type { Listed } from './fleet-lister';

/** As long as the ids of deployments are. What is longer is not carried along, but read again. */
const ID_LENGTH = 36;

/** One that was found in flight. */
export function toItem({ key, deploymentId }: Pick<Listed, 'key' | 'deploymentId'>): FleetItem {
  const known = deploymentId !== undefined && deploymentId.length <= ID_LENGTH && /^\S+$/.test(deploymentId);
  return known ? `${key} ${deploymentId}` : key;
}

/** Where its cancellation begins: what was found in flight is pinned already. */
export function initialProgress(found: string): { readonly key: string; readonly progress: Progress } {
  const [key = '', pinnedDeploymentId] = found.split(' ');
  if (pinnedDeploymentId === undefined) return { key, progress: INITIAL_PROGRESS };
  return { key, progress: { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId } };
}

/** The members of a fleet whose deployments are named in the request. */
export function listedItems({ deployments }: ListedFleet): FleetItem[] {
  return deployments.map((_, index) => String(index));
}

export function deploymentOf(fleet: Fleet, key: string): Deployment {
  if (!('deployments' in fleet)) return fleetKindDefinition(fleet.kind).deploymentOf(key);
  const deployment = fleet.deployments[Number(key)];
  if (!deployment) throw new Error(`the list has no deployment ${key}`);
  return deployment;
}

/** What a person calls it. */
export function nameOf(fleet: Fleet, key: string): string {
  return 'deployments' in fleet ? displayNameOf(deploymentOf(fleet, key)) : key;
}

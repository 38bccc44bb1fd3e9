import { type Deployment, type Progress, STEPS } from '../../../lib/contract/cancellation';
import type { Fleet, FleetItem, ListedFleet } from '../../../lib/contract/fleet';
import { fleetKindDefinition } from '../../../lib/deployments/fleet-kinds';
import { displayNameOf } from '../../../lib/deployments/kinds';
import { INITIAL_PROGRESS } from '../engine/decide';
import type { Listed } from './fleet-lister';

/** The length of a usual deployment id. A longer one would take too much of the state. */
const ID_LENGTH = 36;

/** Start times are short, since thousands of them have to fit into the state. */
const TIME_RADIX = 36;

/**
 * Creates the item of a deployment that was found in flight, pinned by its id and its start time, which tells an older one
 * in a response that is out of date. Undefined if the service returned neither: a newer deployment could be taken for it.
 */
export function toItem({ key, deploymentId, startedAt, resourceId }: Omit<Listed, 'phase'>): FleetItem | undefined {
  const isShort = deploymentId !== undefined && deploymentId.length <= ID_LENGTH && /^\S+$/.test(deploymentId);
  if (!isShort && startedAt === undefined) return undefined;
  return [key, isShort ? deploymentId : '', startedAt?.toString(TIME_RADIX) ?? '', resourceId ?? '']
    .join(' ')
    .trimEnd();
}

/** The item pinned by its start time alone, if it has one. */
export function withoutId(item: FleetItem): FleetItem {
  if (typeof item !== 'string') return item;
  const [key = '', , startedAt, resourceId = ''] = item.split(' ');
  return startedAt ? [key, '', startedAt, resourceId].join(' ').trimEnd() : item;
}

/** Parses an item. The item of a list is its key alone, and has nothing pinned yet. */
export function initialProgress(item: string): { readonly key: string; readonly progress: Progress } {
  const [key = '', deploymentId, startedAt, resourceId] = item.split(' ');
  const pinned = { next: STEPS.CANCEL, waitSeconds: 0 };
  if (!deploymentId && !startedAt) return { key, progress: INITIAL_PROGRESS };
  const pin = {
    ...(deploymentId && { pinnedDeploymentId: deploymentId }),
    ...(startedAt && { pinnedStartedAt: Number.parseInt(startedAt, TIME_RADIX) }),
    ...(resourceId && { pinnedResourceId: resourceId }),
  };
  return { key, progress: { ...pinned, ...pin } };
}

/** Creates the items of a fleet that is a list of deployments. Their keys are the indexes in the list. */
export function listedItems({ deployments }: ListedFleet): FleetItem[] {
  return deployments.map((_, index) => String(index));
}

export function deploymentOf(fleet: Fleet, key: string): Deployment {
  if (!('deployments' in fleet)) return fleetKindDefinition(fleet.kind).deploymentOf(key, fleet);
  const deployment = fleet.deployments[Number(key)];
  if (!deployment) throw new Error(`the list has no deployment ${key}`);
  return deployment;
}

/** The human-readable name of an item. */
export function nameOf(fleet: Fleet, key: string): string {
  return 'deployments' in fleet ? displayNameOf(deploymentOf(fleet, key)) : key;
}

import { ATTRIBUTES, GUARD_RESOURCE_TYPE, RESOURCE_TYPE, UNKNOWN_STATUS } from '../../lib/contract/cancellation';
import { FLEET_ATTRIBUTES, FLEET_RESOURCE_TYPE } from '../../lib/contract/fleet';
import type { ResponseAttributes } from './response';

/** The types of the custom resources. */
export type ResourceType = typeof RESOURCE_TYPE | typeof FLEET_RESOURCE_TYPE | typeof GUARD_RESOURCE_TYPE;

/** The responses of a type of custom resource. */
export interface ResourceTypeSpec {
  /** The names of all attributes. */
  readonly attributes: readonly string[];
  /** The attributes when nothing was cancelled on purpose. */
  readonly notAttempted: ResponseAttributes;
}

export const RESOURCE_TYPES: Readonly<Record<ResourceType, ResourceTypeSpec>> = {
  [RESOURCE_TYPE]: {
    attributes: ATTRIBUTES,
    notAttempted: { outcome: 'NOT_ATTEMPTED', deploymentStatus: UNKNOWN_STATUS },
  },
  [FLEET_RESOURCE_TYPE]: {
    attributes: FLEET_ATTRIBUTES,
    notAttempted: { summary: 'not attempted: the update of the stack was being rolled back' },
  },
  [GUARD_RESOURCE_TYPE]: {
    attributes: ATTRIBUTES,
    notAttempted: { outcome: 'NOT_ATTEMPTED' },
  },
};

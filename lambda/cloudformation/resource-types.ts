import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { ATTRIBUTES, type CancellationInput, CONTRACT_VERSION, UNKNOWN_STATUS } from '../../lib/contract/cancellation';
import { FLEET_ATTRIBUTES, FLEET_RESOURCE_TYPE, type FleetInput } from '../../lib/contract/fleet';
import { parseRequest } from '../parse';
import { parseFleetRequest } from '../parse-fleet';
import type { ResponseAttributes } from './response';

/** What a type of custom resource asks for, and what it is answered. */
export interface ResourceTypeSpec {
  /** Reads the properties; throws an `InvalidRequestError`. */
  read(properties: unknown): CancellationInput | FleetInput;
  /** The names of all attributes. */
  readonly attributes: readonly string[];
  /** What is answered when nothing is done, because the stack rolls back. */
  readonly notAttempted: ResponseAttributes;
}

const ONE: ResourceTypeSpec = {
  read: (properties) => ({ contractVersion: CONTRACT_VERSION, ...parseRequest(properties) }),
  attributes: ATTRIBUTES,
  notAttempted: { outcome: 'NOT_ATTEMPTED', deploymentStatus: UNKNOWN_STATUS },
};

const FLEET: ResourceTypeSpec = {
  read: (properties) => ({ contractVersion: CONTRACT_VERSION, ...parseFleetRequest(properties) }),
  attributes: FLEET_ATTRIBUTES,
  notAttempted: { summary: 'not attempted: the update of the stack was being rolled back' },
};

/** By the event of a custom resource, or by the input of an execution that was started for it. */
export function resourceTypeOf(
  asking: Pick<CloudFormationCustomResourceEvent, 'ResourceType'> | object,
): ResourceTypeSpec {
  const fleet = 'ResourceType' in asking ? asking.ResourceType === FLEET_RESOURCE_TYPE : 'fleet' in asking;
  return fleet ? FLEET : ONE;
}

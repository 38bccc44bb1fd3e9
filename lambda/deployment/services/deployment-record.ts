import type { Attribute, Attributes, CancellationSettings } from '../../../lib/contract/cancellation';
import { MAX_NAME_LENGTH, truncate } from '../../text';
import type { Found } from '../engine/driver';
import { InvalidResponseError } from './errors';
import { phaseOf, type Statuses } from './statuses';

/** A deployment as its service describes it. */
export interface DeploymentRecord
  extends Pick<
    Found,
    'isSpecified' | 'resourceId' | 'obstacle' | 'supersededBy' | 'inFlight' | 'unread' | 'forceAfterMs'
  > {
  readonly id?: string;
  readonly status?: string;
  /** Only where the status does not tell the phase. */
  readonly phase?: Found['phase'];
  readonly startedAt?: Date;
  /** Whether it waits until the older ones in flight are over. */
  readonly isQueued?: boolean;
  /** Part of the result only if the user asks for it: it may hold secrets. */
  readonly statusMessage?: string;
  readonly attributes?: Readonly<Partial<Record<Attribute, string | Date>>>;
}

export function toFound(
  record: DeploymentRecord,
  statuses: Statuses,
  { includeStatusMessage }: Pick<CancellationSettings, 'includeStatusMessage'>,
): Found {
  const { id, status, phase, startedAt, statusMessage, attributes } = record;
  const { isSpecified, resourceId, obstacle, supersededBy, inFlight, unread, forceAfterMs } = record;
  if (typeof status !== 'string' || status.trim() === '') {
    throw new InvalidResponseError('the response has no deployment status');
  }
  const deploymentStatusMessage = includeStatusMessage ? statusMessage : undefined;
  return {
    kind: 'found',
    phase: phase ?? phaseOf(statuses, status),
    deploymentStatus: truncate(status, MAX_NAME_LENGTH),
    deploymentId: id ? truncate(id, MAX_NAME_LENGTH) : undefined,
    startedAt: timeOf(startedAt),
    attributes: toAttributes({ ...attributes, deploymentStatusMessage }),
    ...(isSpecified && { isSpecified }),
    ...(resourceId !== undefined && { resourceId }),
    ...(obstacle !== undefined && { obstacle }),
    ...(supersededBy !== undefined && { supersededBy }),
    ...(inFlight !== undefined && { inFlight }),
    ...(unread !== undefined && { unread }),
    ...(forceAfterMs !== undefined && { forceAfterMs }),
  };
}

/** An invalid time is as good as none. */
export function timeOf(date: Date | undefined): number | undefined {
  const time = date?.getTime();
  return Number.isNaN(time) ? undefined : time;
}

/** Leaves out what the service did not return. */
function toAttributes(values: NonNullable<DeploymentRecord['attributes']>): Attributes {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, truncate(value instanceof Date ? value.toISOString() : value)]),
  );
}

const ID = new RegExp(`^[0-9A-Za-z_-]{1,${MAX_NAME_LENGTH}}$`);

/**
 * Nothing else becomes a part of a request.
 *
 * @param pattern the IDs of the service, if they may hold further characters
 */
export function validId(id: string | undefined, pattern = ID): string {
  if (typeof id === 'string' && id.length <= MAX_NAME_LENGTH && pattern.test(id)) return id;
  throw new InvalidResponseError('the response has no valid deployment id');
}

import { type EndedFleet, FLEET_COUNTS, type FleetResult } from '../../../lib/contract/fleet';
import { InvalidRequestError } from '../../parse';
import { parseFleetRequest } from '../../parse-fleet';
import { displayNameOf } from './summarize';

/** Returns what the event of EventBridge says about a fleet beside its result. */
export function endedFleet(request: unknown, { outcome, attributes }: FleetResult): EndedFleet {
  const known = (['total', ...FLEET_COUNTS] as const).filter((count) => attributes[count] !== undefined);
  const counts = Object.fromEntries(known.map((count) => [count, Number(attributes[count])]));
  return { ...subjectOf(request), outcome: outcome ?? '', counts };
}

function subjectOf(request: unknown): Pick<EndedFleet, 'kind' | 'displayName'> {
  try {
    const { fleet } = parseFleetRequest(request);
    return { kind: fleet.kind, displayName: displayNameOf(fleet) };
  } catch (error) {
    if (error instanceof InvalidRequestError) return { kind: '', displayName: '' };
    throw error;
  }
}

import { isOver, type Meant, type Phase } from '../engine/driver';
import type { Request } from './client';
import type { DeploymentRecord } from './deployment-record';
import { InvalidResponseError } from './errors';
import { readPages } from './lists';
import type { ListedOperations } from './operations';
import { isInFlight } from './statuses';

const TOO_MANY_IN_FLIGHT = 'more deployments are in flight than can be read; specify one of them';
const TOO_MANY = 'more deployments are listed than can be read; specify one of them';

/**
 * Finds the deployment in flight that a cancellation without an id is about, or, if none is in flight, the newest of all.
 * Throws if that is not certain.
 *
 * @param meant which one, where several are in flight; another one is found only if none of these is in flight
 */
export async function findNewest<R extends DeploymentRecord>(
  operations: ListedOperations<R>,
  request: Request,
  phaseOf: (record: R) => Phase,
  meant: Meant = {},
): Promise<R | undefined> {
  const { list, listInFlight, isNewestFirst, isCandidate = () => true } = operations;
  if (listInFlight) {
    const { items, isComplete } = await readPages((nextToken) => listInFlight(request, nextToken));
    if (!isComplete) throw new InvalidResponseError(TOO_MANY_IN_FLIGHT);
    const inFlight = choose(sortNewestFirst(items.filter(isCandidate), isNewestFirst), phaseOf, meant);
    if (inFlight) return inFlight;
  }
  const { items, isComplete } = await readPages((nextToken) => list(request, nextToken));
  const candidates = items.filter(isCandidate);
  const newestFirst = sortNewestFirst(candidates, isNewestFirst);
  const isSorted = candidates.every((one, index) => one === newestFirst[index]);
  const chosen = choose(newestFirst, phaseOf, meant);
  if (isComplete || listInFlight) return chosen;
  // What was not read is older only if the service lists the newest first. If nothing was found, it may be in flight.
  if (!isSorted || chosen === undefined) throw new InvalidResponseError(TOO_MANY);
  return isOver(phaseOf(chosen)) ? { ...chosen, unread: TOO_MANY } : chosen;
}

function sortNewestFirst<R extends DeploymentRecord>(records: readonly R[], isSorted = false): readonly R[] {
  if (isSorted) return records;
  if (records.length > 1 && records.some(({ startedAt }) => !startedAt)) {
    throw new InvalidResponseError('the response does not say which deployment is the newest');
  }
  return records.toSorted((a, b) => Number(b.startedAt) - Number(a.startedAt));
}

function choose<R extends DeploymentRecord>(
  [newest, ...older]: readonly R[],
  phaseOf: (record: R) => Phase,
  meant: Meant,
): R | undefined {
  // An unknown status may mean that it is in flight, so no older deployment is taken instead.
  if (newest === undefined || phaseOf(newest) === 'UNKNOWN') return newest;
  const inFlight = [newest, ...older].filter((one) => isInFlight(phaseOf(one)));
  const eligible = inFlight.filter((one) => isMeant(one, meant));
  const [first, ...others] = eligible.length > 0 ? eligible : inFlight;
  // Of deployments that wait for each other, the oldest is the one that deploys.
  const chosen = (first?.isQueued ? others.at(-1) : undefined) ?? first;
  if (chosen === undefined) return newest;
  return others.length > 0 ? { ...chosen, inFlight: others.length + 1 } : chosen;
}

/** Whether a cancellation may be about a deployment. One without a start time may have started at any time. */
function isMeant({ id, startedAt }: DeploymentRecord, { ignoredId, startedFrom, startedBy }: Meant): boolean {
  if (id !== undefined && id === ignoredId) return false;
  if (!startedAt) return true;
  const time = startedAt.getTime();
  return time >= (startedFrom ?? Number.NEGATIVE_INFINITY) && time <= (startedBy ?? Number.POSITIVE_INFINITY);
}

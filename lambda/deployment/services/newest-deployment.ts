import type { Phase } from '../engine/driver';
import type { Request } from './client';
import { type DeploymentRecord, validId } from './deployment-record';
import { InvalidResponseError } from './errors';
import { readPages } from './lists';
import type { ListedOperations } from './operations';
import { isInFlight } from './statuses';

/** How many deployments are read one by one where a list has only their ids. */
const MAX_READS = 50;
const TOO_MANY_IN_FLIGHT = 'more deployments are in flight than can be read; specify one of them';
const TOO_MANY = 'more deployments are listed than can be read; specify one of them';

/** Finds the newest deployment in flight, or, if none is, the newest of all. Throws if that is not certain. */
export async function findNewest<R extends DeploymentRecord>(
  operations: ListedOperations<R>,
  request: Request,
  phaseOf: (record: R) => Phase,
): Promise<R | undefined> {
  const { listInFlight } = operations;
  if (listInFlight) {
    const { items, isComplete } = await readPages((nextToken) => listInFlight(request, nextToken));
    if (!isComplete) throw new InvalidResponseError(TOO_MANY_IN_FLIGHT);
    const newest = newestOf(sortNewestFirst(await candidatesOf(items, operations, request)), phaseOf);
    if (newest) return newest;
  }
  const { items, isComplete } = await readPages((nextToken) => operations.list(request, nextToken));
  const candidates = await candidatesOf(items, operations, request);
  const newestFirst = sortNewestFirst(candidates);
  // What was not read is older only if the service lists the newest first.
  const isCertain = isComplete || listInFlight || candidates.every((one, index) => one === newestFirst[index]);
  if (!isCertain) throw new InvalidResponseError(TOO_MANY);
  return newestOf(newestFirst, phaseOf);
}

async function candidatesOf<R extends DeploymentRecord>(
  listed: readonly (R | string)[],
  { get, isCandidate = () => true }: ListedOperations<R>,
  request: Request,
): Promise<R[]> {
  const ids = [...new Set(listed.filter((one) => typeof one === 'string').map(validId))];
  if (ids.length > MAX_READS) throw new InvalidResponseError(TOO_MANY_IN_FLIGHT);
  const read = await Promise.all(ids.map((id) => get(request, id)));
  const records = [...listed.filter((one) => typeof one !== 'string'), ...read.filter((one) => one !== undefined)];
  return records.filter(isCandidate);
}

function sortNewestFirst<R extends DeploymentRecord>(records: readonly R[]): R[] {
  if (records.length > 1 && records.some(({ startedAt }) => !startedAt)) {
    throw new InvalidResponseError('the response does not say which deployment is the newest');
  }
  return records.toSorted((a, b) => Number(b.startedAt) - Number(a.startedAt));
}

function newestOf<R>([newest, ...older]: readonly R[], phaseOf: (record: R) => Phase): R | undefined {
  // An unknown status may mean that it is in flight, so no older deployment is taken instead.
  if (newest === undefined || phaseOf(newest) === 'UNKNOWN') return newest;
  return [newest, ...older].find((one) => isInFlight(phaseOf(one))) ?? newest;
}

import type { Phase } from '../engine/driver';
import { type DeploymentRecord, validId } from './deployment-record';
import { InvalidResponseError } from './errors';
import { type ReadPage, readPages } from './lists';
import { isInFlight } from './statuses';

/** The lists of a service, with deployments or the ids of deployments. */
export interface DeploymentLists<R extends DeploymentRecord> {
  readonly list: ReadPage<R | string>;
  /** The deployments in flight only, where the service has a filter for them. */
  readonly listInFlight?: ReadPage<R | string>;
  /** Reads a deployment of which a list has only the id. */
  get(id: string): Promise<R | undefined>;
  /** Whether a listed deployment can be the one to cancel. */
  isCandidate(listed: R): boolean;
  phaseOf(listed: R): Phase;
}

/** How many deployments are read one by one. */
const MAX_READS = 50;
const TOO_MANY_IN_FLIGHT = 'more deployments are in flight than can be read; specify one of them';
const TOO_MANY = 'more deployments are listed than can be read; specify one of them';

/** Finds the newest deployment in flight, or, if none is, the newest of all. Throws if it cannot be sure. */
export async function findNewest<R extends DeploymentRecord>(lists: DeploymentLists<R>): Promise<R | undefined> {
  const { list, listInFlight } = lists;
  if (listInFlight) {
    const { items, isComplete } = await readPages(listInFlight);
    if (!isComplete) throw new InvalidResponseError(TOO_MANY_IN_FLIGHT);
    const newest = newestOf(sortNewestFirst(await candidatesOf(items, lists)), lists);
    if (newest) return newest;
  }
  const { items, isComplete } = await readPages(list);
  const candidates = await candidatesOf(items, lists);
  const newestFirst = sortNewestFirst(candidates);
  // What was not read is older only if the service lists the newest first.
  const isCertain = isComplete || listInFlight || candidates.every((one, index) => one === newestFirst[index]);
  if (!isCertain) throw new InvalidResponseError(TOO_MANY);
  return newestOf(newestFirst, lists);
}

async function candidatesOf<R extends DeploymentRecord>(
  listed: readonly (R | string)[],
  { get, isCandidate }: DeploymentLists<R>,
): Promise<R[]> {
  const ids = [...new Set(listed.filter((one) => typeof one === 'string').map(validId))];
  if (ids.length > MAX_READS) throw new InvalidResponseError(TOO_MANY_IN_FLIGHT);
  const read = await Promise.all(ids.map(get));
  const records = [...listed.filter((one) => typeof one !== 'string'), ...read.filter((one) => one !== undefined)];
  return records.filter(isCandidate);
}

function sortNewestFirst<R extends DeploymentRecord>(records: readonly R[]): R[] {
  if (records.length > 1 && records.some(({ startedAt }) => !startedAt)) {
    throw new InvalidResponseError('the response does not say which deployment is the newest');
  }
  return records.toSorted((a, b) => Number(b.startedAt) - Number(a.startedAt));
}

function newestOf<R extends DeploymentRecord>(
  newestFirst: readonly R[],
  { phaseOf }: DeploymentLists<R>,
): R | undefined {
  const [newest] = newestFirst;
  // An unknown status may mean that it is in flight, so no older deployment is taken instead.
  if (newest === undefined || phaseOf(newest) === 'UNKNOWN') return newest;
  return newestFirst.find((one) => isInFlight(phaseOf(one))) ?? newest;
}

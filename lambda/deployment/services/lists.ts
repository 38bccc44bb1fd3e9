import { InvalidResponseError } from './errors';

/** The largest page of most lists of AWS. */
export const PAGE_SIZE = 100;

/** How much of a list is read. A page may be short, or empty without being the last, so items count, and not pages. */
const MAX_ITEMS = 1_000;

/** Ends a list whose pages are all empty. */
const MAX_PAGES = 100;

/** How long after its end a deployment may still be missing in lists, or a newer one that has replaced it. */
const LIST_LAG_MS = 15_000;

/** Whether lists may not have yet what has replaced a deployment. */
export function mayBeBehind(endedAt: Date | undefined, now: number): boolean {
  return endedAt !== undefined && now - endedAt.getTime() < LIST_LAG_MS;
}

export interface Page<Item> {
  /** Undefined if the response has no list, and so is not valid. */
  readonly items: readonly Item[] | undefined;
  readonly nextToken?: string;
}

/** Reads a list to its end, or, where it is longer, as many of its first items as are read at most. */
export async function readPages<Item>(
  readPage: (nextToken: string | undefined) => Promise<Page<Item>>,
): Promise<{ readonly items: readonly Item[]; readonly isComplete: boolean }> {
  const all: Item[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES && all.length < MAX_ITEMS; page++) {
    const { items, nextToken: next } = await readPage(nextToken);
    if (!items) throw new InvalidResponseError('the response has no list of deployments');
    all.push(...items);
    nextToken = next || undefined;
    if (nextToken === undefined) return { items: all, isComplete: true };
  }
  return { items: all, isComplete: false };
}

import type { Meant } from '../../../../lambda/deployment/engine/driver';
import type { DeploymentRecord } from '../../../../lambda/deployment/services/deployment-record';
import { findNewest } from '../../../../lambda/deployment/services/newest-deployment';
import type { ListedOperations } from '../../../../lambda/deployment/services/operations';
import { phaseOf, type Statuses } from '../../../../lambda/deployment/services/statuses';

const STATUSES: Statuses = { RUNNING: 'IN_PROGRESS', STOPPING: 'CANCELLING', DONE: 'COMPLETED', FAILED: 'FAILED' };

const record = (id: string, startedAt: number | undefined, status = 'RUNNING'): DeploymentRecord => ({
  id,
  status,
  startedAt: startedAt === undefined ? undefined : new Date(startedAt),
});

type Item = DeploymentRecord;
type Operations = Partial<ListedOperations<DeploymentRecord>>;

/** Lists these pages; a list that is cut has a next page for ever. */
const lists = (pages: readonly (readonly Item[])[], isCut = false) => {
  let calls = 0;
  return async () => {
    const items = pages[calls++] ?? [];
    return { items, nextToken: isCut || calls < pages.length ? 'next' : undefined };
  };
};

async function findRecord(operations: Operations, meant?: Meant): Promise<DeploymentRecord | undefined> {
  const unexpected = async () => {
    throw new Error('an unexpected request');
  };
  const all = { list: lists([]), get: unexpected, stop: unexpected, ...operations };
  return findNewest(all, unexpected, ({ status }) => phaseOf(STATUSES, status), meant);
}

async function find(operations: Operations): Promise<string | undefined> {
  return (await findRecord(operations))?.id;
}

test.each<[string, readonly DeploymentRecord[], string | undefined]>([
  ['nothing', [], undefined],
  ['the newest in flight', [record('a', 1), record('c', 3), record('b', 2)], 'c'],
  ['the newest in flight before a newer one that is over', [record('a', 1), record('b', 2, 'DONE')], 'a'],
  ['one that is being cancelled', [record('a', 1, 'STOPPING'), record('b', 2, 'FAILED')], 'a'],
  ['the newest of all if none is in flight', [record('a', 1, 'DONE'), record('b', 2, 'FAILED')], 'b'],
  ['the newest if its status is unknown', [record('a', 1), record('b', 2, 'PAUSED')], 'b'],
  ['not an older one with an unknown status', [record('a', 1, 'PAUSED'), record('b', 2, 'DONE')], 'b'],
  ['the only one, even without a start time', [record('a', undefined)], 'a'],
])('finds %s', async (_what, records, expected) => {
  expect(await find({ list: lists([records]) })).toBe(expected);
  expect(await find({ list: lists(records.map((one) => [one])) })).toBe(expected);
});

test.each<[string, readonly DeploymentRecord[], string]>([
  ['the newest that was in flight at the request', [record('a', 1), record('b', 2), record('c', 3)], 'b'],
  ['one that started later if no other one is in flight', [record('a', 1, 'DONE'), record('c', 3)], 'c'],
])('finds %s', async (_what, records, expected) => {
  expect((await findRecord({ list: lists([records]) }, { startedBy: 2 }))?.id).toBe(expected);
  const queue = records.map((one) => ({ ...one, isQueued: true }));
  const oldest = queue.find(({ status }) => status === 'RUNNING')?.id;
  expect((await findRecord({ list: lists([queue]) }, { startedBy: 2 }))?.id).toBe(oldest);
});

test.each<[string, Meant]>([
  ['in flight when it was armed', { ignoredId: 'a' }],
  ['that started before it was armed', { startedFrom: 2 }],
])('a guard finds the oldest of a queue that is not the one %s', async (_what, meant) => {
  const queue = [record('a', 1), record('b', 2), record('c', 3)].map((one) => ({ ...one, isQueued: true }));
  expect(await findRecord({ list: lists([queue]) }, meant)).toMatchObject({ id: 'b', inFlight: 2 });
  // The engine skips it.
  expect((await findRecord({ list: lists([queue.slice(0, 1)]) }, meant))?.id).toBe('a');
  const newest = record('d', 4, 'DONE');
  expect((await findRecord({ list: lists([[...queue.slice(0, 1), newest]]) }, meant))?.id).toBe('a');
});

test('finds one without a start time, which may have started at any time', async () => {
  const list = lists([[record('a', undefined), record('b', 1)]]);
  expect((await findRecord({ list, isNewestFirst: true }, { startedBy: 2 }))?.id).toBe('a');
});

test('does not guess which of two is the newest', async () => {
  const records = [record('a', 1), record('b', undefined)];
  await expect(find({ list: lists([records]) })).rejects.toThrow('does not say which deployment is the newest');
});

test('leaves out what is no candidate', async () => {
  const isCandidate = ({ id }: DeploymentRecord) => id !== 'b';
  expect(await find({ list: lists([[record('a', 1), record('b', 2)]]), isCandidate })).toBe('a');
});

test('finds the oldest in flight where the others wait for it', async () => {
  const queue = [record('a', 1, 'DONE'), record('b', 2), record('c', 3), record('d', 4)];
  expect(await find({ list: lists([queue.map((one) => ({ ...one, isQueued: true }))]) })).toBe('b');
});

describe('a page may be short or empty', () => {
  test('before the page with the deployment in flight', async () => {
    const empty = Array.from({ length: 40 }, () => []);
    expect(await find({ list: lists([...empty, [record('a', 1)]]) })).toBe('a');
    expect(await find({ listInFlight: lists([...empty, [record('a', 1)]]) })).toBe('a');
  });
});

describe('a list that is longer than what is read', () => {
  const newestFirst = Array.from({ length: 10 }, (_, page) =>
    Array.from({ length: 100 }, (_unused, index) =>
      record(`d${page * 100 + index}`, 2_000 - page * 100 - index, 'DONE'),
    ),
  );
  const oldestFirst = newestFirst.map((page) => page.toReversed()).toReversed();

  test('is used if it is newest first, and does not say that nothing is in flight', async () => {
    expect(await findRecord({ list: lists(newestFirst, true) })).toMatchObject({
      id: 'd0',
      unread: 'more deployments are listed than can be read; specify one of them',
    });
  });

  test('is used if it is newest first, and has the deployment in flight', async () => {
    const [first = [], ...others] = newestFirst;
    const list = lists(
      [[...first.slice(0, 5), { ...first[5]!, status: 'RUNNING' }, ...first.slice(6)], ...others],
      true,
    );
    const found = await findRecord({ list });
    expect(found).toMatchObject({ id: 'd5' });
    expect(found).not.toHaveProperty('unread');
  });

  test.each(['RUNNING', 'DONE'])('is not used if it is not newest first: %s', async (status) => {
    const pages = oldestFirst.map((page) => page.map((one) => ({ ...one, status })));
    await expect(find({ list: lists(pages, true) })).rejects.toThrow('more deployments are listed than can be read');
  });

  test('is not used if only its first deployments are in order', async () => {
    const pages = newestFirst.with(-1, newestFirst.at(-1)!.toReversed());
    await expect(find({ list: lists(pages, true) })).rejects.toThrow('more deployments are listed than can be read');
  });

  test.each<[string, Operations]>([
    ['has no candidate', { list: lists(newestFirst, true), isCandidate: () => false }],
    ['has only empty pages', { list: lists([], true) }],
  ])('does not say that there is no deployment if what was read %s', async (_what, operations) => {
    await expect(find(operations)).rejects.toThrow('more deployments are listed than can be read');
  });

  test('is not used if it lists what is in flight', async () => {
    const listInFlight = lists([[record('a', 1)]], true);
    await expect(find({ listInFlight })).rejects.toThrow('more deployments are in flight than can be read');
  });

  test('is used in any order if it is known that nothing is in flight', async () => {
    const found = await findRecord({ listInFlight: lists([[]]), list: lists(oldestFirst, true) });
    expect(found).toMatchObject({ id: 'd0' });
    expect(found).not.toHaveProperty('unread');
  });
});

test.each<[string, readonly DeploymentRecord[], number | undefined]>([
  ['one in flight', [record('a', 1), record('b', 2, 'DONE')], undefined],
  ['several in flight', [record('a', 1), record('b', 2), record('c', 3, 'STOPPING')], 3],
  ['none in flight', [record('a', 1, 'DONE'), record('b', 2, 'DONE')], undefined],
])('tells how many could be meant, if there is a choice: %s', async (_what, records, inFlight) => {
  expect((await findRecord({ list: lists([records]) }))?.inFlight).toBe(inFlight);
});

test('one that started after the request could not be meant', async () => {
  const records = [record('a', 1), record('b', 2), record('c', 3)];
  expect(await findRecord({ list: lists([records]) }, { startedBy: 2 })).toMatchObject({ id: 'b', inFlight: 2 });
});

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

type Item = DeploymentRecord | string;
type Operations = Partial<ListedOperations<DeploymentRecord>>;

/** Lists these pages; a list that is cut has a next page for ever. */
const lists = (pages: readonly (readonly Item[])[], isCut = false) => {
  let calls = 0;
  return async () => {
    const items = pages[calls++] ?? [];
    return { items, nextToken: isCut || calls < pages.length ? 'next' : undefined };
  };
};

async function find(operations: Operations): Promise<string | undefined> {
  const unexpected = async () => {
    throw new Error('an unexpected request');
  };
  const all = { list: lists([]), get: unexpected, stop: unexpected, ...operations };
  return (await findNewest(all, unexpected, ({ status }) => phaseOf(STATUSES, status)))?.id;
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

test('does not guess which of two is the newest', async () => {
  const records = [record('a', 1), record('b', undefined)];
  await expect(find({ list: lists([records]) })).rejects.toThrow('does not say which deployment is the newest');
});

test('leaves out what is no candidate', async () => {
  const isCandidate = ({ id }: DeploymentRecord) => id !== 'b';
  expect(await find({ list: lists([[record('a', 1), record('b', 2)]]), isCandidate })).toBe('a');
});

describe('a list that is longer than what is read', () => {
  const newestFirst = Array.from({ length: 10 }, (_, page) => [record(`d${page}`, 100 - page, 'DONE')]);
  const oldestFirst = [...newestFirst].reverse();

  test('is used if it is newest first', async () => {
    expect(await find({ list: lists(newestFirst, true) })).toBe('d0');
  });

  test.each(['RUNNING', 'DONE'])('is not used if it is not newest first: %s', async (status) => {
    const pages = oldestFirst.map((page) => page.map((one) => ({ ...one, status })));
    await expect(find({ list: lists(pages, true) })).rejects.toThrow('more deployments are listed than can be read');
  });

  test('is not used if it lists what is in flight', async () => {
    const listInFlight = lists([[record('a', 1)]], true);
    await expect(find({ listInFlight })).rejects.toThrow('more deployments are in flight than can be read');
  });

  test('is used in any order if it is known that nothing is in flight', async () => {
    expect(await find({ listInFlight: lists([[]]), list: lists(oldestFirst, true) })).toBe('d0');
  });
});

describe('a list of ids', () => {
  const get = async (_request: unknown, id: string) => (id === 'gone' ? undefined : record(id, id.length));

  test('is read one by one, each id once', async () => {
    const read: string[] = [];
    const counted: Operations['get'] = (request, id) => {
      read.push(id);
      return get(request, id);
    };
    expect(
      await find({
        list: lists([
          ['a', 'bb'],
          ['a', 'gone'],
        ]),
        get: counted,
      }),
    ).toBe('bb');
    expect(read).toEqual(['a', 'bb', 'gone']);
  });

  test('is not used if it has more ids than are read', async () => {
    const ids = Array.from({ length: 51 }, (_, index) => `d${index}`);
    await expect(find({ list: lists([ids]) })).rejects.toThrow('than can be read');
  });

  test.each(['', 'x y', '*', 'a/b', 'x'.repeat(101)])('is not used if it has an invalid id: %j', async (id) => {
    await expect(find({ list: lists([['a', id]]) })).rejects.toThrow('the response has no valid deployment id');
  });
});

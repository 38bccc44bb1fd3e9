import { mayBeBehind, readPages } from '../../../../lambda/deployment/services/lists';

const ENDED = new Date('2026-10-01T12:00:00Z');

test.each<[string, Date | undefined, number, boolean]>([
  ['has not ended', undefined, ENDED.getTime(), false],
  ['has just ended', ENDED, ENDED.getTime(), true],
  ['ended just within the lag', ENDED, ENDED.getTime() + 14_999, true],
  ['ended before the lag', ENDED, ENDED.getTime() + 15_000, false],
])('lists may be behind for a deployment that %s: %s at %s is %s', (_what, endedAt, now, expected) => {
  expect(mayBeBehind(endedAt, now)).toBe(expected);
});

test('a response without a list is not taken for an empty list', async () => {
  await expect(readPages(async () => ({ items: undefined }))).rejects.toThrow(
    'the response has no list of deployments',
  );
});

test('an empty token ends a list', async () => {
  const tokens: (string | undefined)[] = [];
  const pages = await readPages(async (token) => {
    tokens.push(token);
    return { items: [tokens.length], nextToken: tokens.length === 1 ? 'next' : '' };
  });
  expect(pages).toEqual({ items: [1, 2], isComplete: true });
  expect(tokens).toEqual([undefined, 'next']);
});

import { truncate } from '../../lambda/text';

test.each<[string, string, number, string]>([
  ['keeps a short text', 'a text', 10, 'a text'],
  ['keeps a text of the longest length', 'a text', 6, 'a text'],
  ['cuts a longer one', 'a text!', 6, 'a text…'],
  ['makes one line of several', ' a\r\n\tb\u2028c\u0000\u0007d \n', 20, 'a b c d'],
  ['cuts no character in the middle', 'ab😀', 3, 'ab…'],
  ['keeps a whole character at the end', 'a😀b', 3, 'a😀…'],
])('%s', (_what, text, length, expected) => {
  expect(truncate(text, length)).toBe(expected);
});

test('a text has at most 2,000 characters by default', () => {
  expect(truncate('a'.repeat(2_000))).toHaveLength(2_000);
  expect(truncate('a'.repeat(2_001))).toBe(`${'a'.repeat(2_000)}…`);
});

import { Aws, Stack } from 'aws-cdk-lib';
import { describe as described } from '../../../lib/private/describe';

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

test.each<[unknown, string]>([
  [new Stack(undefined, 'Mine'), 'construct Mine'],
  [Aws.REGION, 'a token'],
  ['web', "'web'"],
  ['x'.repeat(101), `'${'x'.repeat(100)}…'`],
  [Number.NaN, 'NaN'],
  [undefined, 'undefined'],
  [[1], '[1]'],
  [cyclic, 'an object with a cycle'],
  [Object.create(null), '{}'],
  [new Date(0), 'an object of class Date'],
  [described, 'the function or class describe'],
])('%p is described', (value, expected) => {
  expect(described(value)).toBe(expected);
});

import { App, type CfnElement, NestedStack, Stack } from 'aws-cdk-lib';
import fc from 'fast-check';
import { evaluate } from '../../../emulator/aws/iam';
import { stackNamePattern, withParents } from '../../../lib/private/nested-stacks';

/** Names a nested stack as CloudFormation does: at most 100 characters, with a suffix of 12 or 13 letters and digits. */
function nestedName(parent: string, logicalId: string, suffix: string): string {
  const length = 86 - 1;
  const parentPart = parent.slice(0, Math.max(43, length - logicalId.length));
  return `${parentPart}-${logicalId.slice(0, length - parentPart.length)}-${suffix}`;
}

/** The stacks of a path, the outermost first. */
function stacksOf(root: string, ids: readonly string[]): Stack[] {
  const stacks = [new Stack(new App(), root)];
  for (const id of ids) stacks.push(new NestedStack(stacks.at(-1) as Stack, id));
  return stacks;
}

function logicalIdOf(stack: Stack): string {
  const { nestedStackParent, nestedStackResource } = stack;
  return nestedStackParent?.resolve((nestedStackResource as CfnElement).logicalId);
}

/** The name that CloudFormation gives the innermost stack. */
function deployedName([root, ...nested]: readonly Stack[], suffix: string): string {
  return nested.reduce((name, stack) => nestedName(name, logicalIdOf(stack), suffix), root?.stackName ?? '');
}

function matches(pattern: string, name: string): boolean {
  const statement = { Effect: 'Allow', Action: 'a:b', Resource: pattern };
  return evaluate([{ Statement: statement }], { action: 'a:b', resource: name }) === 'allowed';
}

const innermostPattern = (stacks: readonly Stack[]) => stackNamePattern(stacks.at(-1) as Stack);

const rootName = fc.stringMatching(/^[A-Z][a-z0-9-]{0,126}[a-z]$/);
const ids = fc.array(fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,60}$/), { minLength: 1, maxLength: 4 });
const suffix = fc.stringMatching(/^[A-Z0-9]{12,13}$/);

test('a stack comes with the stacks that it is nested in, the outermost last', () => {
  const stacks = stacksOf('Root', ['A', 'B']);
  expect(withParents(stacks[2] as Stack)).toEqual([...stacks].reverse());
  expect(withParents(stacks[0] as Stack)).toEqual([stacks[0]]);
});

test('the pattern of an outermost stack is its name', () => {
  expect(innermostPattern(stacksOf('Root', []))).toBe('Root');
});

test.each([
  ['Shop', ['Orders'], 'Shop-OrdersNestedStackOrdersNestedStackResource00000000-*'],
  [
    'Shop',
    ['Orders', 'Queue'],
    'Shop-OrdersNestedStackOrdersNestedStackRes*-QueueNestedStackQueueNestedStackResource00*',
  ],
  [
    'A-name-of-more-than-forty-two-characters-in-all',
    ['Orders'],
    'A-name-of-more-than-forty-two-characters-i*-OrdersNestedStackOrdersNestedStackResource*',
  ],
])('the pattern of a nested stack has the logical IDs of its path: %s %j', (root, path, expected) => {
  const hash = /[0-9A-F]{8}(?=-\*$)/;
  const trailing = /(Resource)[0-9A-F]{2}(?=\*$)/;
  const pattern = innermostPattern(stacksOf(root, path)).replace(hash, '00000000').replace(trailing, '$100');
  expect(pattern).toBe(expected);
});

test('the pattern matches the name that CloudFormation gives the stack, truncated or not', () => {
  fc.assert(
    fc.property(rootName, ids, suffix, (root, path, random) => {
      const stacks = stacksOf(root, path);
      expect(matches(innermostPattern(stacks), deployedName(stacks, random))).toBe(true);
    }),
  );
});

test('the pattern does not match other stacks whose names begin with the name of the outermost stack', () => {
  fc.assert(
    fc.property(rootName, ids, suffix, (root, path, random) => {
      const pattern = innermostPattern(stacksOf(root, path));
      for (const name of [root, `${root}-api`, `${root}2`, `${root}-${random}`]) {
        expect(matches(pattern, name)).toBe(false);
      }
    }),
  );
});

test('the pattern has the logical ID that a nested stack has at synthesis', () => {
  const nested = stacksOf('Root', ['Nested'])[1] as NestedStack;
  (nested.nestedStackResource as CfnElement).overrideLogicalId('Renamed');
  expect(stackNamePattern(nested)).toBe('Root-Renamed-*');
});

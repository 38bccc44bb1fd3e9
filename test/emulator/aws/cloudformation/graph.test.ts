import { type Graph, refuseCycles, reversed, walk } from '../../../../emulator/aws/cloudformation/graph';

function graph(needs: Readonly<Record<string, readonly string[]>>): Graph {
  return new Map(Object.entries(needs).map(([id, needed]) => [id, new Set(needed)]));
}

const diamond = graph({ d: ['b', 'c'], b: ['a'], c: ['a'], a: [] });

test('visits dependencies first, and independent nodes at the same time', async () => {
  const log: string[] = [];
  await walk(diamond, async (id) => {
    log.push(`+${id}`);
    await Promise.resolve();
    log.push(`-${id}`);
    return true;
  });
  expect(log).toEqual(['+a', '-a', '+b', '+c', '-b', '-c', '+d', '-d']);
});

test('after a failed visit, only the dependents are not visited', async () => {
  const visited: string[] = [];
  await walk(diamond, async (id) => {
    visited.push(id);
    return id !== 'b';
  });
  expect(visited).toEqual(['a', 'b', 'c']);
});

test('dependencies outside of the graph are ignored', async () => {
  const visited: string[] = [];
  await walk(graph({ a: ['elsewhere'] }), async (id) => visited.push(id) > 0);
  expect(visited).toEqual(['a']);
});

test('in the reversed graph, dependents come first', async () => {
  const visited: string[] = [];
  await walk(reversed(diamond), async (id) => visited.push(id) > 0);
  expect(visited).toEqual(['d', 'b', 'c', 'a']);
});

test('rejects a cycle and names its nodes', () => {
  expect(() => refuseCycles(graph({ x: ['a'], a: ['b'], b: ['c'], c: ['a'] }))).toThrow(
    'Circular dependency between resources: [a, b, c]',
  );
  expect(() => refuseCycles(graph({ a: ['a'] }))).toThrow('[a]');
  expect(() => refuseCycles(diamond)).not.toThrow();
});

import { validationError } from './errors';

/** The dependencies of each node. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** The graph with its edges reversed: the dependents of each node. */
export function reversed(graph: Graph): Graph {
  const turned = new Map([...graph.keys()].map((id) => [id, new Set<string>()]));
  for (const [id, needs] of graph) for (const needed of needs) turned.get(needed)?.add(id);
  return turned;
}

/** Throws if a node depends on itself, directly or indirectly. */
export function refuseCycles(graph: Graph): void {
  const done = new Set<string>();
  const path: string[] = [];
  const follow = (id: string): void => {
    if (done.has(id)) return;
    const start = path.indexOf(id);
    if (start >= 0) {
      throw validationError(`Circular dependency between resources: [${path.slice(start).join(', ')}]`);
    }
    path.push(id);
    for (const needed of graph.get(id) ?? []) follow(needed);
    path.pop();
    done.add(id);
  };
  for (const id of graph.keys()) follow(id);
}

/**
 * Visits each node as soon as all its dependencies have been visited; independent nodes in parallel. After a visit that
 * returns false, the dependents are not visited.
 */
export async function walk(graph: Graph, visit: (id: string) => Promise<boolean>): Promise<void> {
  const visits = new Map<string, Promise<boolean>>();
  const once = (id: string): Promise<boolean> => {
    const started = visits.get(id);
    if (started) return started;
    const needed = [...(graph.get(id) ?? [])].filter((other) => graph.has(other));
    const visiting = Promise.all(needed.map(once)).then((ready) => ready.every(Boolean) && visit(id));
    visits.set(id, visiting);
    return visiting;
  };
  await Promise.all([...graph.keys()].map(once));
}

import { validationError } from './errors';

/** Which others each one needs. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** The same arrows the other way round: who is needed by whom. */
export function reversed(graph: Graph): Graph {
  const turned = new Map([...graph.keys()].map((id) => [id, new Set<string>()]));
  for (const [id, needs] of graph) for (const needed of needs) turned.get(needed)?.add(id);
  return turned;
}

/** Throws when one needs itself, be it by way of others. */
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
 * Visits each one as soon as all it needs have been, and so in parallel where they are independent. A visit that gives
 * false ends the way to those that need it; they give false without being visited.
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

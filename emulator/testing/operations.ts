import type { SynthesizedStack } from '../simulation/assembly';
import type { Operation as SimulationOperation } from '../simulation/operations';
import type { Operation } from './index';
import { type Source, sourceOf } from './sources';

/** The operations of a simulation, and the stacks that they need. */
export interface PlannedOperations {
  readonly operations: readonly SimulationOperation[];
  readonly sources: readonly Source[];
  readonly stacks: readonly SynthesizedStack[];
}

const STACK_OPERATIONS: readonly string[] = ['create', 'update', 'delete'];
const OPERATIONS: readonly string[] = [...STACK_OPERATIONS, 'start', 'publish'];

/** Resolves the stacks of operations. Without operations, all stacks are created, until one fails. */
export function planOperations(base: Source, wanted: readonly Operation[] | undefined): PlannedOperations {
  if (wanted === undefined) {
    const operations = base.stacks.map(
      ({ id }) => ({ operation: 'create', stack: id, requiresSuccess: true }) as const,
    );
    return { operations, sources: [base], stacks: base.stacks };
  }
  const sources = [base];
  const stacks: SynthesizedStack[] = [...base.stacks];
  const operations = wanted.flatMap((operation): SimulationOperation[] => {
    if (!OPERATIONS.includes(operation.operation)) {
      throw new Error(`there is no operation '${operation.operation}'; there are ${OPERATIONS.join(', ')}`);
    }
    if (operation.operation === 'start' || operation.operation === 'publish') return [operation];
    const { operation: name, stack, to, fails } = operation;
    if (to !== undefined && name !== 'update') {
      throw new Error(`'to' is the new version of a stack in an update; a ${name} operation has none`);
    }
    let source = base;
    if (to !== undefined) {
      const number = sources.length;
      const other = sourceOf(to, { alone: true });
      source = { ...other, stacks: other.stacks.map((each) => ({ ...each, id: `${each.id} (${number})` })) };
      sources.push(source);
      stacks.push(...source.stacks);
    }
    const chosen = chooseStacks(stack, base, source);
    const ordered = name === 'delete' ? [...chosen].reverse() : chosen;
    return ordered.map(({ id }, index) => ({
      operation: name,
      stack: id,
      fails: fails === true && index === ordered.length - 1,
      requiresSuccess: index > 0,
    }));
  });
  if (!operations.some(({ operation }) => STACK_OPERATIONS.includes(operation))) {
    throw new Error('operations must create a stack, before anything is started or published');
  }
  return { operations, sources, stacks };
}

function chooseStacks(stack: string | undefined, base: Source, source: Source): readonly SynthesizedStack[] {
  if (stack === undefined) return source.stacks;
  const named = base.stacks.find(({ id, stackName }) => id === stack || stackName === stack);
  const found = source.stacks.find(({ stackName }) => stackName === named?.stackName);
  if (found) return [found];
  const names = source.stacks.map(({ stackName }) => stackName).join(', ');
  throw new Error(`there is no stack ${stack}; there are ${names}`);
}

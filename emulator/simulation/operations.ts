import type { StackEvent } from '../aws/cloudformation/engine';
import type { StackDescription } from '../aws/cloudformation/stack-description';
import type { PublishedEvent } from '../aws/events';
import type { Execution } from '../aws/step-functions/execution';
import type { Emulator } from '../emulator';
import type { SynthesizedStack } from './assembly';
import { FAILURE_TYPE } from './test-resources';

/** An operation on a stack of the assembly. */
export interface StackOperation {
  readonly operation: 'create' | 'update' | 'delete';
  /** The ID of the stack in the app. */
  readonly stack: string;
  /** Whether the stack fails after all its resources. */
  readonly fails?: boolean;
  /** Whether the operation is skipped if the one before it failed. */
  readonly requiresSuccess?: boolean;
}

/** An operation on a stack of the assembly, or on a resource in it. */
export type Operation =
  | StackOperation
  /** Starts a state machine by the beginning of its logical ID. */
  | { readonly operation: 'start'; readonly machine: string }
  | { readonly operation: 'publish'; readonly event: PublishedEvent };

/** The result of the operations. */
export interface OperationsResult {
  /** The stack after the last operation on a stack. */
  readonly stack: StackDescription;
  /** The executions of the state machines that were started. */
  readonly started: readonly Execution[];
}

const SUCCEEDED: ReadonlySet<string> = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'DELETE_COMPLETE']);

export function isSuccess({ status }: Pick<StackDescription, 'status'>): boolean {
  return SUCCEEDED.has(status);
}

/** The creation of the only stack. */
export function creationOf(stacks: readonly SynthesizedStack[]): Operation[] {
  const [stack, ...others] = stacks;
  if (!stack || others.length > 0)
    throw new Error(`an assembly without operations must have one stack, not ${stacks.length}`);
  return [{ operation: 'create', stack: stack.id }];
}

/**
 * Performs the operations one after the other.
 *
 * @param events the events of the stacks so far
 * @param onStart called when the first operation has started
 */
export async function performOperations(
  operations: readonly Operation[],
  stacks: readonly SynthesizedStack[],
  emulator: Emulator,
  events: readonly StackEvent[],
  onStart: () => void,
): Promise<OperationsResult> {
  const started: Execution[] = [];
  let last: StackDescription | undefined;
  for (const operation of operations) {
    switch (operation.operation) {
      case 'start':
        started.push(emulator.stepFunctions.startExecution({ stateMachineArn: machineArn(operation.machine, events) }));
        break;
      case 'publish':
        emulator.events.publish(operation.event);
        break;
      default: {
        if (operation.requiresSuccess && last && !isSuccess(last)) break;
        const running = perform(operation, stacks, emulator);
        onStart();
        last = await running;
      }
    }
  }
  if (!last) throw new Error('no operation is on a stack');
  // CloudFormation gets its response before the execution ends.
  await Promise.all(emulator.stepFunctions.executions.map(({ ended }) => ended));
  return { stack: last, started };
}

const MACHINE_TYPE = 'AWS::StepFunctions::StateMachine';

function machineArn(prefix: string, events: readonly StackEvent[]): string {
  const created = events.filter(
    ({ resourceType, status }) => resourceType === MACHINE_TYPE && status === 'CREATE_COMPLETE',
  );
  const [found, ...others] = created.filter(({ logicalId }) => logicalId.startsWith(prefix));
  if (found?.physicalId === undefined || others.length > 0) {
    const ids = created.map(({ logicalId }) => logicalId).join(', ') || 'none';
    throw new Error(`exactly one state machine must have a logical ID that begins with ${prefix}; there are ${ids}`);
  }
  return found.physicalId;
}

function perform(
  { operation, stack: id, fails = false }: StackOperation,
  stacks: readonly SynthesizedStack[],
  { cloudFormation }: Emulator,
): Promise<StackDescription> {
  const found = stacks.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`the assembly has no stack ${id}`);
  const stack = fails ? failing(found) : found;
  switch (operation) {
    case 'create':
      return cloudFormation.createStack(stack);
    case 'update':
      return cloudFormation.updateStack(stack);
    case 'delete':
      return cloudFormation.deleteStack(stack.stackName);
  }
}

/** The stack with an additional resource, which fails after all others. */
function failing(stack: SynthesizedStack): SynthesizedStack {
  const template = stack.template as { readonly Resources: Readonly<Record<string, unknown>> };
  const Check = {
    Type: FAILURE_TYPE,
    Properties: { fails: true, afterSeconds: 30 },
    DependsOn: Object.keys(template.Resources),
  };
  return { ...stack, template: { ...template, Resources: { ...template.Resources, Check } } };
}

import type { ExecutionOptions } from './execution';
import type { Json, JsonObject } from './json';

/** The member of the context object (`$$`) that holds the original context object: see `contextPaths`. */
export const CONTEXT = 'Context';
export const STATE_NAMES = 'StateNames';

/** Creates the context object of an execution. */
export function createContext(
  {
    arn,
    name,
    input,
    stateMachine,
    program,
  }: Pick<ExecutionOptions, 'arn' | 'name' | 'input' | 'stateMachine' | 'program'>,
  startDate: number,
): JsonObject {
  return {
    [CONTEXT]: {
      Execution: {
        Id: arn,
        Input: JSON.parse(input),
        Name: name,
        RoleArn: stateMachine.roleArn,
        StartTime: new Date(startDate).toISOString(),
        RedriveCount: 0,
      },
      StateMachine: { Id: stateMachine.arn, Name: stateMachine.name },
    },
    [STATE_NAMES]: [...program.types.keys()],
  };
}

/** Adds the item of a Map to a context object. */
export function withItem(context: JsonObject, index: number, item: Json): JsonObject {
  const written = context[CONTEXT] as JsonObject;
  return { ...context, [CONTEXT]: { ...written, Map: { Item: { Index: index, Value: item } } } };
}

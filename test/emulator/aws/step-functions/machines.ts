import { randomUUID } from 'node:crypto';
import type { InvocationAnswer, Lambda } from '../../../../emulator/aws/lambda/lambda';
import type { Execution } from '../../../../emulator/aws/step-functions/execution';
import { StepFunctions, type StepFunctionsOptions } from '../../../../emulator/aws/step-functions/step-functions';
import { sleep, VirtualClock } from '../../../../emulator/core/clock';
import { ServiceError } from '../../../../emulator/core/http-server';

export const START = Date.UTC(2026, 0, 1);
export const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:worker';
export const ROLE = 'arn:aws:iam::123456789012:role/machine';

/** The function of a test. It returns a value, throws an error of the function, or throws a `ServiceError` of Lambda. */
export type Handler = (event: never, clock: VirtualClock) => unknown;

export interface StepFunctionsFixture {
  readonly clock: VirtualClock;
  readonly sfn: StepFunctions;
  /** The invocations, with their times in seconds since the start. */
  readonly invoked: { readonly at: number; readonly event: unknown }[];
  /** Creates a machine and starts it. */
  start(definition: object, input?: unknown): Execution;
}

/** Step Functions with one function, which runs without a thread. */
export function fixture(
  handler: Handler = () => null,
  options: Partial<StepFunctionsOptions> = {},
): StepFunctionsFixture {
  const clock = new VirtualClock(START);
  const invoked: { at: number; event: unknown }[] = [];
  const lambda: Pick<Lambda, 'invoke'> = {
    invoke: async (_, event): Promise<InvocationAnswer> => {
      invoked.push({ at: (clock.now() - START) / 1000, event });
      const requestId = randomUUID();
      try {
        return { requestId, payload: JSON.stringify((await handler(event as never, clock)) ?? null) };
      } catch (error) {
        if (error instanceof ServiceError || !(error instanceof Error)) throw error;
        const payload = JSON.stringify({ errorType: error.name, errorMessage: error.message });
        return { requestId, payload, functionError: 'Unhandled' };
      }
    },
  };
  const sfn = new StepFunctions({
    clock,
    environment: { partition: 'aws', region: 'eu-west-1', account: '123456789012' },
    lambda,
    ...options,
  });
  return {
    clock,
    sfn,
    invoked,
    start: (definition, input = {}) => {
      const stateMachineArn = machine(sfn, definition, `machine-${randomUUID().slice(0, 8)}`);
      return sfn.startExecution({ stateMachineArn, input: JSON.stringify(input), name: 'run' });
    },
  };
}

export function machine(sfn: StepFunctions, definition: object, name = 'machine'): string {
  return sfn.createStateMachine({
    name,
    definition: JSON.stringify(definition),
    roleArn: ROLE,
    accessKeyId: 'AKIAMACHINE',
  });
}

/** A definition with states in sequence. */
export function chain(states: Record<string, object>, top: object = {}): object {
  const names = Object.keys(states);
  const linked = names.map((name, i) => {
    const state = states[name] as { Type: string; Next?: string };
    const closed = state.Next !== undefined || ['Choice', 'Fail', 'Succeed'].includes(state.Type);
    const next = names[i + 1];
    return [name, closed ? state : { ...state, ...(next ? { Next: next } : { End: true }) }];
  });
  return { ...top, StartAt: names[0], States: Object.fromEntries(linked) };
}

export const TASK = { Type: 'Task', Resource: FUNCTION };

/** An error of a function with the name for a Retry or a Catch. */
export function failure(errorType: string, message = errorType): Error {
  return Object.assign(new Error(message), { name: errorType });
}

/** Waits until a number of seconds after the start. */
export async function at(clock: VirtualClock, seconds: number): Promise<void> {
  await sleep(clock, START + seconds * 1000 - clock.now());
}

/** The parsed output of an execution, or its failure. */
export async function endOf(execution: Execution): Promise<unknown> {
  await execution.ended;
  const { status, output, error, cause } = execution;
  return status === 'SUCCEEDED' ? JSON.parse(output ?? '') : { status, error, cause };
}
